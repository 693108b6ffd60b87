import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import { fitTemperature } from "../../src/evaluate/index.ts";
import { writeNpy, writeSafetensors } from "../../src/io/index.ts";
import { temporaryFolder } from "../io/folder.ts";
import { logits } from "./command.ts";

const folder = temporaryFolder();
const ROWS = 400;
const CLASSES = 5;
const data = Float32Array.from({ length: ROWS * CLASSES }, (_, i) => 6 * Math.sin(i * i + 0.5));
/** Right in two rows of three, so that the logits are too sure. */
const targets = Int32Array.from({ length: ROWS }, (_, row) => {
  const z = [...data.subarray(row * CLASSES, (row + 1) * CLASSES)];
  const best = z.indexOf(Math.max(...z));
  return row % 41 === 3 ? -100 : row % 3 === 0 ? (best + 1) % CLASSES : best;
});
await writeNpy(folder.at("z.npy"), { data, shape: [ROWS, CLASSES] });
await writeNpy(folder.at("y.npy"), { data: targets, shape: [ROWS] });
const [file, labels] = [folder.at("z.npy"), folder.at("y.npy")];

describe("calibrate", () => {
  it("finds the temperature of fitTemperature, whatever the blocks", async () => {
    const wanted = fitTemperature(createEngine(), { data, shape: [ROWS, CLASSES] }, targets);
    for (const more of [[], ["--block-rows", "7"], ["--out", folder.at("t.json")]]) {
      const { code, out, err } = await logits(
        "calibrate",
        file,
        labels,
        "--json",
        "--quiet",
        ...more,
      );
      expect([code, err]).toEqual([0, ""]);
      expect(JSON.parse(out)).toEqual(
        JSON.parse(JSON.stringify({ method: "temperature", ...wanted })),
      );
    }
    expect(JSON.parse(readFileSync(folder.at("t.json"), "utf8")).temperature).toBe(
      wanted.temperature,
    );
    expect(wanted.after.loss).toBeLessThan(wanted.before.loss);
    const table = await logits("calibrate", file, labels, "--quiet");
    expect(table.out).toMatch(/^temperature {2}\d\.\d+\nloss .* -> [^]*ECE .* -> /);
  });

  it("fits a factor and an offset per class, which lose no more than the temperature", async () => {
    const run = async (method: string) =>
      JSON.parse((await logits("calibrate", file, labels, "--json", "--method", method)).out);
    const [one, many] = [await run("temperature"), await run("vector")];
    expect(many.scale.length).toBe(CLASSES);
    expect(many.after.loss).toBeLessThanOrEqual(one.after.loss + 1e-6);
  });

  it("reads halves, takes the first rows only, and draws before and after", async () => {
    const bits = Uint16Array.from(
      data,
      (v) => new Uint32Array(Float32Array.of(v).buffer)[0] >>> 16,
    );
    const half = folder.at("z.safetensors");
    await writeSafetensors(half, { z: { data: bits, shape: [ROWS, CLASSES], dtype: "bfloat16" } });
    const report = folder.at("report.html");
    const svg = folder.at("plot.svg");
    const args = ["--rows", "123", "--json", "--report", report, "--plot", svg];
    const { code, out, err } = await logits("calibrate", half, labels, ...args, "--quiet");
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out).before.count).toBe(123 - 3);
    const page = readFileSync(report, "utf8");
    expect(page).toContain("before calibration");
    expect(page).toContain("after calibration");
    expect(readFileSync(svg, "utf8")).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  });

  it("refuses another method, another plot, and too many targets", async () => {
    const errors = await Promise.all([
      logits("calibrate", file, labels, "--method", "isotonic"),
      logits("calibrate", file, labels, "--plot", "x.png"),
      logits("calibrate", folder.put("z.csv", "1,2\n3,4\n"), labels),
    ]);
    expect(errors.map(({ code }) => code)).toEqual([2, 2, 1]);
    expect(errors[2].err).toMatch(/y\.npy: row 0: target must be in \[0, 2\)|as many as/);
  });
});

describe("bench", () => {
  it("checks and times each operation by one thread and by several", async () => {
    const args = ["--rows", "64", "--width", "300", "--threads", "2", "--json"];
    const { code, out, err } = await logits("bench", ...args);
    expect([code, err]).toEqual([0, ""]);
    const { lines } = JSON.parse(out);
    expect(lines.length).toBe(10);
    for (const { milliseconds, gigabytesPerSecond } of lines) {
      expect(milliseconds).toBeGreaterThan(0);
      expect(gigabytesPerSecond).toBeGreaterThan(0);
    }
    const table = await logits("bench", "--rows", "8", "--width", "10", "--threads", "1");
    expect(table.out).toMatch(/^8 rows of 10 float32 logits\noperation +threads +ms/);
  });
});

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import { LinearClassifier } from "../../src/train/index.ts";
import { writeNpy } from "../../src/io/index.ts";
import { temporaryFolder } from "../io/folder.ts";
import { logits } from "./command.ts";

const folder = temporaryFolder();
const [ROWS, COLUMNS, CLASSES] = [300, 4, 3];
const targets = Int32Array.from({ length: ROWS }, (_, row) => (row * row + 1) % CLASSES);
/** Three clouds that overlap a little; the last column says nothing. */
const data = Float32Array.from({ length: ROWS * COLUMNS }, (_, i) => {
  const column = i % COLUMNS;
  const target = targets[Math.floor(i / COLUMNS)];
  return (column === target ? 1.5 : 0) + Math.sin(i * i + 0.5) + (column === 3 ? 100 : 0);
});
await writeNpy(folder.at("x.npy"), { data, shape: [ROWS, COLUMNS] });
await writeNpy(folder.at("y.npy"), { data: targets, shape: [ROWS] });
const [file, labels] = [folder.at("x.npy"), folder.at("y.npy")];
const train = async (...more: string[]) => {
  const { code, out, err } = await logits("train", file, labels, "--json", "--quiet", ...more);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out);
};

describe("train", () => {
  it("fits, judges on rows held out, and saves what LinearClassifier loads", async () => {
    const out = folder.at("model.safetensors");
    const result = await train("--out", out);
    expect(result).toMatchObject({
      rows: 240,
      heldOutRows: 60,
      classes: CLASSES,
      features: COLUMNS,
    });
    expect(result.stopped).toBe("converged");
    expect(result.heldOut.accuracy).toBeGreaterThan(0.7);
    const model = LinearClassifier.load(createEngine(), readFileSync(out));
    const { accuracy } = model.evaluate({ data, shape: [ROWS, COLUMNS] }, targets);
    expect(accuracy).toBeGreaterThan(0.7);
    expect(await train("--out", out)).toEqual(result);
  });

  it("by mini-batches; the loss falls, and the report has its curve", async () => {
    const [report, svg] = [folder.at("report.html"), folder.at("loss.svg")];
    const args = ["--optimizer", "adam", "--epochs", "12", "--batch-size", "16", "--seed", "3"];
    const result = await train(...args, "--report", report, "--plot", svg);
    expect(result.epochs).toBe(12);
    const page = readFileSync(report, "utf8");
    for (const title of ["Loss", "Reliability", "Confusion matrix", "Classes", "Hardest rows"]) {
      expect(page).toContain(`<h2>${title}</h2>`);
    }
    expect(page).toContain("Judged on 60 held-out rows.");
    expect(readFileSync(svg, "utf8")).toContain("Loss by epoch");
    const table = await logits("train", file, labels, ...args, "--hold-out", "0", "--quiet");
    expect(table.out).toMatch(/^rows +300 to learn from, 0 held out\nstopped +epochs after 12\n/);
  });

  it("follows --rows, --balanced, --raw and --l2", async () => {
    const plain = await train("--rows", "200");
    expect(plain.rows + plain.heldOutRows).toBe(200);
    const strong = await train("--rows", "200", "--l2", "10");
    expect(strong.heldOut.loss).toBeGreaterThan(plain.heldOut.loss);
    for (const flag of ["--balanced", "--raw"]) {
      expect((await train("--rows", "200", flag)).objective).not.toBe(plain.objective);
    }
  });

  it("refuses wrong options, and targets that are no classes", async () => {
    const bad = folder.put(
      "bad.csv",
      `${Array.from(targets, (y, row) => (row === 7 ? -2 : y)).join("\n")}\n`,
    );
    const ways: [string[], number, RegExp][] = [
      [[file, labels, "--optimizer", "newton"], 2, /--optimizer must be lbfgs, sgd, adam, adamw/],
      [[file, labels, "--hold-out", "1"], 2, /--hold-out must be in \[0, 1\)/],
      [[file, labels, "--learning-rate", "0.1"], 2, /--learning-rate is for sgd/],
      [[file, labels, "--plot", "x.pdf"], 2, /--plot must end with/],
      [[file, bad], 1, /bad\.csv: row 7: target must be in \[0, 2147483648\), got -2/],
      [[labels, labels], 1, /y\.npy: header: shape must be \(rows, columns\)/],
    ];
    for (const [args, wanted, says] of ways) {
      const { code, out, err } = await logits(
        "train",
        ...args,
        "--out",
        folder.at("no.safetensors"),
      );
      expect(err).toMatch(says);
      expect([code, out]).toEqual([wanted, ""]);
    }
    expect(existsSync(folder.at("no.safetensors"))).toBe(false);
  });
});

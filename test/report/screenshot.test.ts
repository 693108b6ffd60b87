/**
 * The report in Chromium, light and dark: what it draws is looked for in the picture. Skipped where
 * Chromium is not installed; required in CI. The pictures stay in build/report/.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { Evaluator } from "../../src/evaluate/index.ts";
import { createEngine } from "../../src/index.ts";
import { card, evalReport, lineChart, logTicks } from "../../src/report/index.ts";
import { findProgram } from "../runtimes/command.mjs";
import { readPng } from "./png.ts";

const chromium = findProgram("chromium") ?? findProgram("chromium-browser");
const isRequired = process.env.LOGITS_REQUIRE === "1";
const pictures = fileURLToPath(new URL("../../build/report/", import.meta.url));
const [WIDTH, HEIGHT] = [1200, 3000];

function metrics(temperature: number) {
  const [rows, classes] = [2000, 6];
  const data = Float32Array.from({ length: rows * classes }, (_, i) => 5 * Math.sin(i * i + 0.5));
  const targets = Int32Array.from({ length: rows }, (_, row) => {
    const z = [...data.subarray(row * classes, (row + 1) * classes)];
    const best = z.indexOf(Math.max(...z));
    return row % 3 === 0 ? (best + 1) % classes : best;
  });
  const evaluator = new Evaluator(createEngine(), {
    classes,
    temperature,
    topK: [1, 3],
    hardest: 10,
  });
  return evaluator.update({ data, shape: [rows, classes] }, targets).result();
}

const losses = Array.from({ length: 20 }, (_, i) => 2 * Math.exp(-i / 6) + 0.2);
const chart = lineChart({
  label: "Cross entropy by epoch",
  series: [
    { name: "training", className: "train", values: losses },
    { name: "held out", className: "held-out", values: losses.map((loss) => loss + 0.1) },
  ],
  yTicks: logTicks(0.2, 2.3),
  logarithmic: true,
  tickFormat: String,
  valueFormat: (value) => value.toFixed(4),
});
const html = evalReport({
  title: "Six <classes> & names",
  result: metrics(2.4),
  before: metrics(1),
  names: ["zero", "one", "two", 'a "quoted" & <long> name', "four", "five"],
  cards: [card("Cross entropy", "training and held out", chart)],
});

describe("the page", () => {
  it("needs no network and no script, and keeps names as text", () => {
    expect(html).not.toMatch(/<script|<link|<img|src=|@import|url\(/i);
    expect(html).not.toMatch(/https?:/);
    expect(html).toContain("default-src 'none'");
    expect(html).not.toContain("<long>");
    expect(html).not.toContain("<classes>");
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe.skipIf(!chromium && !isRequired)("in Chromium", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "logits-report-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(pictures, { recursive: true });
  const file = path.join(folder, "report.html");
  writeFileSync(file, html);

  function look(scheme: "light" | "dark") {
    const png = path.join(pictures, `${scheme}.png`);
    rmSync(png, { force: true });
    execFileSync(
      chromium!,
      [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--force-device-scale-factor=1",
        "--force-color-profile=srgb",
        `--blink-settings=preferredColorScheme=${scheme === "dark" ? 0 : 1}`,
        `--user-data-dir=${path.join(folder, scheme)}`,
        `--window-size=${WIDTH},${HEIGHT}`,
        `--screenshot=${png}`,
        pathToFileURL(file).href,
      ],
      { stdio: "ignore", timeout: 60_000 },
    );
    expect(existsSync(png)).toBe(true);
    return readPng(readFileSync(png));
  }

  const near = (a: readonly number[], b: readonly number[]) =>
    a.every((value, i) => Math.abs(value - b[i]) <= 6);
  const hex = (text: string) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));

  it.each([
    ["light", { page: "#f5f4f0", card: "#ffffff", orange: "#c2570c", ink: "#1d1c1a" }, "#2563c9"],
    ["dark", { page: "#131312", card: "#1d1d1b", orange: "#f2914a", ink: "#eeece6" }, "#5c9bff"],
  ] as const)("draws every part, %s", (scheme, colours, blue) => {
    const { width, height, at } = look(scheme);
    expect([width, height]).toEqual([WIDTH, HEIGHT]);
    expect(near(at(5, 5), hex(colours.page))).toBe(true);
    // Bars are a little transparent.
    const [over, under] = [hex(blue), hex(colours.card)];
    const bar = over.map((value, i) => Math.round(0.85 * value + 0.15 * under[i]));
    const wantedOf = Object.entries(colours).map(([name, text]) => [name, hex(text)] as const);
    const counts = Object.fromEntries(
      [...wantedOf, ["bar", bar] as const].map(([name, wanted]) => {
        let count = 0;
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) if (near(at(x, y), wanted)) count++;
        }
        return [name, count];
      }),
    );
    // Cards fill most of the page; bars, cells and diamonds have their colours; there is text.
    expect(counts.card).toBeGreaterThan(500_000);
    expect(counts.bar).toBeGreaterThan(50_000);
    expect(counts.orange).toBeGreaterThan(500);
    expect(counts.ink).toBeGreaterThan(2000);
    // No card is wider than its column: the page's margin stays free.
    for (let y = 0; y < height; y += 7) {
      expect(near(at(width - 10, y), hex(colours.page))).toBe(true);
    }
  });
});

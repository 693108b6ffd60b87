/**
 * One evaluation in many ways: block sizes, threads, shards that are merged, runs that are killed and
 * resumed. The JSON is the same, field by field.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Evaluator } from "../../src/evaluate/index.ts";
import { createEngine } from "../../src/index.ts";
import { writeNpy } from "../../src/io/index.ts";
import { temporaryFolder } from "../io/folder.ts";
import { logits } from "./command.ts";

const folder = temporaryFolder();
const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const ROWS = 1501;
const CLASSES = 11;
const data = Float32Array.from(
  { length: ROWS * CLASSES },
  (_, i) => 5 * Math.sin(i * i + 0.5) + Math.cos(i / 7),
);
data.fill(NaN, 40 * CLASSES, 40 * CLASSES + 1);
const targets = Int32Array.from({ length: ROWS }, (_, row) =>
  row % 50 === 9 ? -100 : (row * row) % CLASSES,
);
await writeNpy(folder.at("logits.npy"), { data, shape: [ROWS, CLASSES] });
await writeNpy(folder.at("labels.npy"), { data: targets, shape: [ROWS] });
const [file, labels] = [folder.at("logits.npy"), folder.at("labels.npy")];
const weights = folder.put(
  "weights.csv",
  Array.from({ length: CLASSES }, (_, c) => c / 3).join("\n"),
);

const evaluate = async (...more: string[]) => {
  const { code, out, err } = await logits("eval", file, labels, "--json", "--quiet", ...more);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out) as Record<string, unknown>;
};
const merge = async (...states: string[]) => {
  const { code, out, err } = await logits("merge", ...states, "--json");
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out) as Record<string, unknown>;
};
const shards = async (name: string, count: number, ...more: string[]) => {
  const states = folder.at(name) + path.sep;
  for (let i = 0; i < count; i++) {
    await evaluate("--shard", `${i}/${count}`, "--out", states, ...more);
  }
  return states;
};

describe("one run, however it is cut", () => {
  const all = evaluate();

  it("has every metric", async () => {
    const result = await all;
    expect(result).toMatchObject({
      rows: ROWS,
      count: ROWS - 30,
      undefinedRows: 1,
      classes: CLASSES,
    });
    for (const name of ["brier", "ece", "mce", "ace", "lossSum"]) {
      expect(typeof (result[name] ?? 0)).toBe("number");
    }
    expect((result.hardest as unknown[]).length).toBe(10);
    expect((result.perClass as unknown[]).length).toBe(CLASSES);
  });

  it.each([["1"], ["7"], ["33"], ["1500"], ["1501"], ["99999"]])(
    "in blocks of %s",
    async (rows) => {
      expect(await evaluate("--block-rows", rows)).toEqual(await all);
    },
  );

  it.each([
    ["1", "1500"],
    ["2", "7"],
    ["3", "100"],
    ["8", "400"],
  ])("by %s threads, which take blocks of %s rows", async (threads, rows) => {
    expect(await evaluate("--threads", threads, "--block-rows", rows)).toEqual(await all);
  });

  it("by threads, with weights, smoothing and AUROC, from files cut in other places than the labels", async () => {
    const cut = folder.at("cut");
    mkdirSync(cut);
    const slice = async (name: string, first: number, end: number, isLogits: boolean) =>
      writeNpy(path.join(cut, name), {
        data: isLogits
          ? data.subarray(first * CLASSES, end * CLASSES)
          : targets.subarray(first, end),
        shape: isLogits ? [end - first, CLASSES] : [end - first],
      });
    for (const [i, first, end] of [
      [0, 0, 500],
      [1, 500, 501],
      [2, 501, ROWS],
    ]) {
      await slice(`z-${i}.npy`, first!, end!, true);
    }
    await slice("y-0.npy", 0, 777, false);
    await slice("y-1.npy", 777, ROWS, false);
    const more = ["--weights", weights, "--label-smoothing", "0.1", "--auroc"];
    const parts = ["eval", path.join(cut, "z-*.npy"), path.join(cut, "y-*.npy")];
    more.push("--threads", "2", "--block-rows", "64");
    const { code, out, err } = await logits(...parts, "--json", "--quiet", ...more);
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toEqual(await evaluate(...more));
  });

  it("names the first row that is wrong, whichever thread meets one first", async () => {
    const wrong = targets.slice();
    for (let row = 300; row < ROWS; row += 100) wrong[row] = 99;
    await writeNpy(folder.at("wrong.npy"), { data: wrong, shape: [ROWS] });
    const args = ["eval", file, folder.at("wrong.npy"), "--quiet", "--block-rows", "5"];
    for (const threads of ["1", "3"]) {
      const { code, err, out } = await logits(...args, "--threads", threads);
      expect(err).toMatch(/wrong\.npy: row 300: target must be in \[0, 11\).*, got 99/);
      expect([code, out]).toEqual([1, ""]);
    }
  });

  it("with targets that are too few or too many, before anything is computed", async () => {
    for (const [name, count, says] of [
      ["few.npy", ROWS - 1, /few\.npy: row 0: must have at least 1501 targets.*, got 1500/],
      ["many.npy", ROWS + 1, /many\.npy: row 1501: must have exactly 1501 targets.*, got more/],
    ] as const) {
      await writeNpy(folder.at(name), { data: new Int32Array(count), shape: [count] });
      const { code, err } = await logits("eval", file, folder.at(name), "--quiet");
      expect([code, err]).toEqual([1, expect.stringMatching(says)]);
    }
  });

  it("as 7 shards, merged in any order", async () => {
    const states = await shards("seven", 7, "--block-rows", "31");
    const files = readdirSync(states).map((name) => path.join(states, name));
    expect(files.map((name) => path.basename(name))).toContain("shard-0-of-7.json");
    expect(files.length).toBe(7);
    expect(await merge(...files)).toEqual(await all);
    expect(await merge(...files.toReversed())).toEqual(await all);
    expect(await merge(path.join(states, "*.json"))).toEqual(await all);
  });

  it("as more shards than rows have blocks, with weights, smoothing, temperature and AUROC", async () => {
    const more = ["--weights", weights, "--label-smoothing", "0.1", "--temperature", "1.5"];
    more.push("--auroc", "--top-k", "1,2,3", "--bins", "10", "--hardest", "25");
    const states = await shards("weighted", 5, ...more);
    expect(await merge(path.join(states, "*"))).toEqual(await evaluate(...more));
  });

  it("of many rows of few classes, by one thread and several", async () => {
    const [rows, classes] = [40_000, 5];
    const many = Float32Array.from({ length: rows * classes }, (_, i) => 4 * Math.sin(i * i + 0.5));
    const ys = Int32Array.from({ length: rows }, (_, row) => (row * 7) % classes);
    const [z, y] = [folder.at("many.npy"), folder.at("many-y.npy")];
    await writeNpy(z, { data: many, shape: [rows, classes] });
    await writeNpy(y, { data: ys, shape: [rows] });
    const run = async (...more: string[]) =>
      JSON.parse((await logits("eval", z, y, "--json", "--quiet", ...more)).out);
    const one = await run("--threads", "1");
    expect(one.count).toBe(rows);
    for (const more of [
      ["--threads", "2"],
      ["--threads", "4"],
      ["--block-rows", "17000"],
    ]) {
      expect(await run(...more)).toEqual(one);
    }
    const evaluator = new Evaluator(createEngine(), { classes, topK: [1, 5], hardest: 10 });
    const { lossSum, confusion, ece } = evaluator
      .update({ data: many, shape: [rows, classes] }, ys)
      .result();
    expect(one.confusion).toEqual(confusion);
    expect(one.lossSum).toBeCloseTo(lossSum, 6);
    expect(one.ece).toBeCloseTo(ece, 9);
  });

  it("as shards of text, whose rows are counted by reading", async () => {
    const row = (r: number) => [...data.subarray(r * CLASSES, (r + 1) * CLASSES)].join(",");
    const text = folder.put("rows.csv", `${Array.from(targets, (_, r) => row(r)).join("\n")}\n`);
    const args = ["eval", text, labels, "--no-header", "--allow-nan", "--quiet"];
    const part = (i: number) =>
      logits(...args, "--shard", `${i}/3`, "--out", folder.at(`text/${i}.json`));
    mkdirSync(folder.at("text"));
    for (let i = 0; i < 3; i++) expect((await part(i)).err).toBe("");
    expect(await merge(folder.at("text/*"))).toEqual(await all);
  });

  it("as shards of several files and of more shards than rows", async () => {
    const tiny = folder.at("tiny");
    mkdirSync(tiny);
    for (const i of [0, 1]) {
      const part = data.subarray(i * 2 * CLASSES, (i * 2 + 2) * CLASSES);
      await writeNpy(path.join(tiny, `z-${i}.npy`), { data: part, shape: [2, CLASSES] });
    }
    const y = path.join(tiny, "y.npy");
    await writeNpy(y, { data: targets.subarray(0, 4), shape: [4] });
    const common = ["eval", path.join(tiny, "z-*.npy"), y, "--json", "--quiet"];
    const whole = JSON.parse((await logits(...common)).out);
    for (let i = 0; i < 6; i++) {
      const done = await logits(...common, "--shard", `${i}/6`, "--out", path.join(tiny, "s/"));
      expect(done.err).toBe("");
    }
    expect(await merge(path.join(tiny, "s", "*"))).toEqual(whole);
  });

  it.each(["1", "2"])("killed by SIGKILL half way and resumed, %s threads", async (threads) => {
    const out = folder.at(`killed-${threads}.json`);
    const copy = folder.put("copy.npy", readFileSync(file));
    const args = ["eval", copy, labels, "--json", "--quiet", "--out", out];
    const slow = ["--block-rows", "1", "--checkpoint-seconds", "0", "--threads", threads];
    const child = spawn(process.execPath, [main, ...args, ...slow]);
    const checkpoint = `${out}.checkpoint`;
    while (!existsSync(checkpoint)) await new Promise((resolve) => setTimeout(resolve, 2));
    child.kill("SIGKILL");
    await once(child, "close");
    expect(existsSync(out)).toBe(false);
    const { next, complete } = JSON.parse(readFileSync(checkpoint, "utf8"));
    expect(next).toBeGreaterThan(0);
    expect(next).toBeLessThan(ROWS);
    expect(complete).toBe(false);
    // The rows that are done are not read again: they could be anything by now.
    const bytes = readFileSync(copy);
    bytes.fill(0xff, bytes.length - ROWS * CLASSES * 4, bytes.length - (ROWS - next) * CLASSES * 4);
    writeFileSync(copy, bytes);
    const { code, out: text } = await logits(...args, "--resume");
    expect(code).toBe(0);
    expect(JSON.parse(text)).toEqual(await all);
    expect([existsSync(out), existsSync(checkpoint)]).toEqual([true, false]);
    // Finished: nothing is read at all.
    writeFileSync(copy, "");
    const again = await logits("merge", out, "--json");
    expect(JSON.parse(again.out)).toEqual(await all);
  });
});

describe("states that do not belong together", () => {
  it("are refused, naming file and remedy", async () => {
    const states = await shards("three", 3);
    const [a, b, c] = [0, 1, 2].map((i) => path.join(states, `shard-${i}-of-3.json`));
    const others = await shards("others", 3, "--temperature", "2");
    const part = JSON.parse(readFileSync(c, "utf8"));
    const incomplete = folder.put("part.json", JSON.stringify({ ...part, complete: false }));
    const moved = { ...part, range: { first: 1200, end: ROWS } };
    const gap = folder.put("gap.json", JSON.stringify(moved));
    const broken = folder.put("broken.json", JSON.stringify({ ...part, totals: { rows: -1 } }));
    const text = folder.put("text.json", "{");
    const ways: [string[], RegExp][] = [
      [[a, c], /must come with every other shard, got 2 of 3, without 1\/3; run/],
      [[a, b, c, b], /must be another shard, got that of .*shard-1-of-3/],
      [[a, b, path.join(others, "shard-2-of-3.json")], /must have the settings of .*got others/],
      [[a, b, incomplete], /part\.json: state: must be complete/],
      [[a, b, gap], /gap\.json: state: must begin with row 1000, .* got 1200/],
      [[a, b, broken], /broken\.json: state: must be a state of eval, version 1, got .*rows/],
      [[a, b, text], /text\.json: contents: must be JSON/],
      [[a, folder.at("absent.json")], /absent\.json: path: must be readable/],
      [[a, file], /contents: must be JSON/],
    ];
    for (const [files, says] of ways) {
      const { code, out, err } = await logits("merge", ...files);
      expect(err).toMatch(says);
      expect(err).toMatch(/^logits merge: [^\n]*\n$/);
      expect([code, out]).toEqual([1, ""]);
    }
  });

  it("resume refuses the state of another job, and options that need a file", async () => {
    const out = folder.at("mine.json");
    await evaluate("--out", out);
    const other = await logits("eval", file, labels, "--out", out, "--resume", "--bins", "3");
    expect([other.code, other.err]).toEqual([
      1,
      expect.stringMatching(/to resume from, got others/),
    ]);
    const usage = await Promise.all([
      logits("eval", file, labels, "--resume"),
      logits("eval", file, labels, "--shard", "0/2"),
      logits("eval", file, labels, "--shard", "2/2", "--out", out),
      logits("softmax", file, "-", "--resume"),
    ]);
    expect(usage.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
    const stream = await logits(
      "eval",
      "-",
      labels,
      "--shard",
      "0/2",
      "--out",
      folder.at("x.json"),
    );
    expect([stream.code, stream.err]).toEqual([1, expect.stringMatching(/shards must have files/)]);
  });
});

describe("rows that are written, killed by SIGKILL half way and resumed", () => {
  const ways: [string, string, string[]][] = [
    ["softmax", "p.npy", []],
    ["softmax", "p.csv", []],
    ["log-softmax", "p.jsonl", ["--dtype", "float16"]],
    ["sigmoid", "p.safetensors", []],
    ["score", "s.csv", ["--targets", labels, "--top-k", "2"]],
    ["score", "s.jsonl", []],
    ["predict", "c.tsv", ["--top-k", "3"]],
    ["predict", "c.npy", []],
  ];

  it.each(ways)("%s to %s: the bytes of one run", async (command, name, more) => {
    const whole = folder.at(`whole-${command}-${name}`);
    expect((await logits(command, file, whole, "--quiet", ...more)).err).toBe("");
    const out = folder.at(`killed-${command}-${name}`);
    const copy = folder.put("rows-copy.npy", readFileSync(file));
    const args = [command, copy, out, "--quiet", "--resume", ...more];
    const slow = ["--block-rows", "1", "--checkpoint-seconds", "0", "--threads", "1"];
    const child = spawn(process.execPath, [main, ...args, ...slow]);
    const checkpoint = `${out}.checkpoint`;
    while (!existsSync(checkpoint)) await new Promise((resolve) => setTimeout(resolve, 2));
    child.kill("SIGKILL");
    await once(child, "close");
    expect(existsSync(out)).toBe(false);
    const { rows } = JSON.parse(readFileSync(checkpoint, "utf8"));
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(ROWS);
    // The rows that are done are not read again: they could be anything by now.
    const bytes = readFileSync(copy);
    const dataBytes = ROWS * CLASSES * 4;
    bytes.fill(0xff, bytes.length - dataBytes, bytes.length - dataBytes + rows * CLASSES * 4);
    writeFileSync(copy, bytes);
    const other = await logits(command, copy, out, "--resume", ...more, "--numerics", "strict");
    expect([other.code, other.err]).toEqual([
      1,
      expect.stringContaining("to resume from, got other"),
    ]);
    const { code, err } = await logits(...args);
    expect([code, err]).toEqual([0, ""]);
    expect(readFileSync(out).equals(readFileSync(whole))).toBe(true);
    const left = readdirSync(path.dirname(out)).filter((one) => one.startsWith(path.basename(out)));
    // The kill may have come while the checkpoint was written.
    expect(left.filter((one) => !one.includes(".checkpoint."))).toEqual([path.basename(out)]);
  });

  it("an error keeps what was done, a compressed file begins anew and says so", async () => {
    const wrong = targets.slice();
    wrong[1200] = 99;
    const ys = folder.at("mended.npy");
    await writeNpy(ys, { data: wrong, shape: [ROWS] });
    const out = folder.at("mended.csv");
    const args = [
      "score",
      file,
      out,
      "--targets",
      ys,
      "--resume",
      "--quiet",
      "--block-rows",
      "100",
    ];
    expect((await logits(...args)).err).toMatch(/mended\.npy: row 1200: target must be/);
    expect(existsSync(out)).toBe(false);
    expect(JSON.parse(readFileSync(`${out}.checkpoint`, "utf8")).rows).toBe(1200);
    await writeNpy(ys, { data: targets, shape: [ROWS] });
    expect((await logits(...args)).code).toBe(0);
    await logits("score", file, folder.at("mended-whole.csv"), "--targets", ys, "--quiet");
    expect(readFileSync(out, "utf8")).toBe(readFileSync(folder.at("mended-whole.csv"), "utf8"));
    const packed = await logits("softmax", file, folder.at("p.csv.gz"), "--resume");
    expect([packed.code, packed.err]).toEqual([0, expect.stringMatching(/begins anew/)]);
  });

  it("a state that is no state, or whose draft is gone", async () => {
    const out = folder.at("strange.csv");
    const checkpoint = folder.put("strange.csv.checkpoint", "{}");
    const args = ["softmax", file, out, "--resume", "--quiet"];
    expect((await logits(...args)).err).toMatch(/strange\.csv\.checkpoint: state: must be of rows/);
    const state = { logits: "rows", version: 1, key: "", rows: 3, bytes: 9, draft: "../x.part" };
    writeFileSync(checkpoint, JSON.stringify(state));
    expect((await logits(...args)).err).toMatch(/state: must be of rows, version 1/);
    writeFileSync(checkpoint, JSON.stringify({ ...state, draft: "strange.csv.00.part" }));
    expect((await logits(...args)).err).toMatch(/must be of the same files/);
  });
});

describe("rows that are written", () => {
  it("are the same from shards, one after the other; a shard that is there stays", async () => {
    const whole = folder.at("whole.csv");
    expect((await logits("softmax", file, whole, "--quiet")).code).toBe(0);
    const parts = folder.at("parts") + path.sep;
    for (let i = 0; i < 12; i++) {
      const done = await logits("softmax", file, parts, "--shard", `${i}/12`, "--quiet");
      expect(done.err).toBe("");
    }
    const names = readdirSync(parts).toSorted();
    expect(names[0]).toBe("shard-00-of-12.csv");
    const joined = names.map((name) => readFileSync(path.join(parts, name), "utf8")).join("");
    expect(joined).toBe(readFileSync(whole, "utf8"));
    writeFileSync(path.join(parts, names[0]), "kept");
    const again = await logits("softmax", file, parts, "--shard", "0/12", "--resume");
    expect([again.code, again.err]).toEqual([0, expect.stringContaining("is there already")]);
    expect(readFileSync(path.join(parts, names[0]), "utf8")).toBe("kept");
  });
});

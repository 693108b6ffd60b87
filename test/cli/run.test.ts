import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, test } from "vitest";
import { createEngine } from "../../src/index.ts";
import { writeNpy, writeNpz } from "../../src/io/index.ts";
import { progressText } from "../../src/cli/progress.ts";
import { crossEntropy } from "../reference/index.ts";
import { allOf, fixture, temporaryFolder } from "../io/folder.ts";
import { logits, logitsWith } from "./command.ts";

const folder = temporaryFolder();
const ROWS = 500;
const CLASSES = 7;
/** Logits of both signs without ties, and labels that are right in about a third of the rows. */
const data = Float32Array.from({ length: ROWS * CLASSES }, (_, i) => 4 * Math.sin(i * i + 0.5));
const rowOf = (row: number) => [...data.subarray(row * CLASSES, (row + 1) * CLASSES)];
const order = (row: number) =>
  Array.from({ length: CLASSES }, (_, c) => c).sort((a, b) => rowOf(row)[b] - rowOf(row)[a]);
const targets = Int32Array.from({ length: ROWS }, (_, row) =>
  row % 50 === 9 ? -100 : order(row)[row % 3],
);
await writeNpy(folder.at("logits.npy"), { data, shape: [ROWS, CLASSES] });
await writeNpy(folder.at("labels.npy"), { data: targets, shape: [ROWS] });
await writeNpz(folder.at("both.npz"), {
  logits: { data, shape: [ROWS, CLASSES] },
  labels: { data: targets, shape: [ROWS] },
});
const [file, labels] = [folder.at("logits.npy"), folder.at("labels.npy")];
const drafts = () => readdirSync(path.dirname(file)).filter((name) => name.endsWith(".part"));

describe("eval", () => {
  it("agrees with the float64 oracle to 1e-6 and counts exactly", async () => {
    const { code, out } = await logits("eval", file, labels, "--json", "--top-k", "1,2,3");
    const result = JSON.parse(out);
    const oracle = crossEntropy(Float64Array.from(data), [ROWS, CLASSES], targets, {
      ignoreIndex: -100,
    });
    expect(Math.abs(result.loss - (oracle.loss as number))).toBeLessThan(1e-6);
    expect(result.perplexity).toBeCloseTo(Math.exp(result.loss), 12);
    const kept = [...targets.keys()].filter((row) => targets[row] >= 0);
    const share = (k: number) => kept.filter((row) => row % 3 < k).length / kept.length;
    expect(result).toMatchObject({ count: kept.length, rows: ROWS, undefinedRows: 0 });
    expect(result.accuracy).toBe(share(1));
    expect(result.topKAccuracy).toEqual({ 1: share(1), 2: share(2), 3: 1 });
    expect(code).toBe(0);
  });

  it("has the same JSON for one block, odd blocks, containers, and text", async () => {
    const all = await logits("eval", file, labels, "--json", "--quiet");
    const text = folder.put(
      "all.csv",
      `label,${[..."abcdefg"]}\n${[...targets].map((y, r) => `${y},${rowOf(r)}`).join("\n")}\n`,
    );
    const both = folder.at("both.npz");
    const ways = [
      ...["1", "33", "499"].map((rows) => [file, labels, "--block-rows", rows]),
      [both, both, "--name", "logits", "--targets-name", "labels"],
      [text, text, "--columns", "a,b,c,d,e,f,g", "--targets-columns", "label"],
    ];
    for (const way of ways) {
      expect(await logits("eval", ...way, "--json", "--quiet")).toEqual(all);
    }
    expect(all.err).toBe("");
  });

  it("weights, smoothing, temperature and ignored labels as crossEntropy has them", async () => {
    const weight = [1, 2, 0, 1, 0.5, 1, 3];
    const weights = folder.put("weights.csv", weight.join("\n"));
    const options = ["--label-smoothing", "0.1", "--temperature", "2", "--weights", weights];
    const ignoring = ["--ignore-index", "-100,3"];
    const { out } = await logits("eval", file, labels, "--json", ...options, ...ignoring);
    const wanted = createEngine().crossEntropy({ data, shape: [ROWS, CLASSES] }, targets, {
      weight,
      labelSmoothing: 0.1,
      temperature: 2,
      ignoreIndex: [-100, 3],
    });
    const result = JSON.parse(out);
    expect(Math.abs(result.loss / wanted.loss - 1)).toBeLessThan(1e-6);
    expect(result.weightSum).toBe(wanted.weightSum);
  });

  it("a row that holds NaN is wrong, makes the loss NaN (null in JSON), and is counted", async () => {
    const nan = folder.put("nan.csv", "nan,1\n2,1\n");
    const y = folder.put("y.jsonl", "0\n0\n");
    const { out } = await logits("eval", nan, y, "--allow-nan", "--json", "--top-k", "1");
    expect(JSON.parse(out)).toMatchObject({ undefinedRows: 1, loss: null, accuracy: 0.5 });
  });

  it("a table for people", async () => {
    const { out, err } = await logits("eval", file, labels);
    expect(out).toMatch(
      /^rows +490\nignored +10\nloss +\d\.\d+\nperplexity .*\naccuracy .* %\ntop-5/,
    );
    expect(err).toMatch(
      /^100%\|█{10}\| 500\/500 rows \[00:00<00:00, [\d,]+ rows\/s, loss \d\.\d+\]\n$/,
    );
  });

  test.each([
    ["too few targets", "0\n1\n", /y\.jsonl: row 0: must have at least 500 targets.*, got 2; /],
    [
      "too many targets",
      `${"1\n".repeat(501)}`,
      /row 500: must have exactly 500 targets.*, got more; /,
    ],
    [
      "a class out of range",
      `${"1\n".repeat(499)}7\n`,
      /row 499: target must be in \[0, 7\) or ignored \(-100\), got 7; /,
    ],
    [
      "a label beyond int32",
      `${"1\n".repeat(499)}2147483648\n`,
      /row 499: target must be an integer that fits int32, got 2147483648; /,
    ],
    ["a fraction", "0.5\n".repeat(500), /row 0: target must be an integer.*, got 0.5; /],
    ["nothing", "", /line 1: must hold a row, got an empty file; /],
  ])("refuses %s", async (_title, text, says) => {
    const { code, out, err } = await logits("eval", file, folder.put("y.jsonl", text), "--quiet");
    expect(err).toMatch(says);
    expect(err).toMatch(/^logits eval: [^\n]+\n$/);
    expect([code, out]).toEqual([1, ""]);
  });

  it("refuses logits of the wrong kind", async () => {
    expect((await logits("eval", labels, labels)).err).toMatch(
      /logits must be floating-point, got int32/,
    );
    expect((await logits("eval", file, file)).err).toMatch(/targets must be integers, got float32/);
    const flat = folder.put("flat.jsonl", "1\n2\n");
    expect((await logits("eval", flat, labels)).err).toMatch(/shape must be \(rows, classes\)/);
    const few = folder.put("few.csv", "1\n2\n");
    expect((await logits("eval", file, labels, "--weights", few)).err).toMatch(
      /must have 2 classes/,
    );
  });
});

describe("softmax, log-softmax, sigmoid", () => {
  const engine = createEngine();
  const block = { data, shape: [ROWS, CLASSES] };
  test.each([
    ["softmax", engine.softmax(block, { temperature: 3 }), ["--temperature", "3"]],
    ["log-softmax", engine.logSoftmax(block), []],
    ["sigmoid", engine.sigmoid(block), []],
  ] as const)("%s writes what the engine gives, bit by bit", async (name, wanted, options) => {
    for (const output of ["out.npy", "out.safetensors", "out.csv", "out.jsonl.gz"].map(folder.at)) {
      const { code } = await logits(
        name,
        file,
        output,
        ...options,
        "--block-rows",
        "77",
        "--quiet",
      );
      expect(code).toBe(0);
      const read = await allOf(output);
      expect(Float32Array.from(read.numbers)).toEqual(wanted.data);
      expect(read.rowShape).toEqual([CLASSES]);
    }
  });

  it("along another axis, but not the first", async () => {
    const shape = [100, 5, 7];
    await writeNpy(folder.at("cube.npy"), { data, shape });
    await logits("softmax", folder.at("cube.npy"), folder.at("out.npy"), "--axis", "1", "--quiet");
    const wanted = engine.softmax({ data, shape }, { axis: 1 }).data;
    expect(Float32Array.from((await allOf(folder.at("out.npy"))).numbers)).toEqual(wanted);
    for (const axis of ["0", "-3"]) {
      const { code, err } = await logits("softmax", folder.at("cube.npy"), "x.npy", "--axis", axis);
      expect([code, existsSync("x.npy")]).toEqual([2, false]);
      expect(err).toMatch(/first axis|must not be 0/);
    }
  });

  it("as another element type, rounded to nearest", async () => {
    const single = folder.at("single.npy");
    await logits("softmax", file, single, "--quiet");
    const { numbers } = await allOf(single);
    const most = { float16: 2 ** -12, bfloat16: 2 ** -9, float64: 0 };
    for (const [dtype, bound] of Object.entries(most)) {
      const out = folder.at(`${dtype}.safetensors`);
      expect((await logits("softmax", file, out, "--dtype", dtype, "--quiet")).err).toBe("");
      const half = await allOf(out);
      expect(half.dtype).toBe(dtype);
      half.numbers.forEach((p, i) => expect(Math.abs(p - numbers[i])).toBeLessThanOrEqual(bound));
    }
    const refused = await logits("softmax", file, folder.at("x.npy"), "--dtype", "int8");
    expect([refused.code, refused.err]).toEqual([
      2,
      expect.stringContaining("--dtype must be one"),
    ]);
    const npy = await logits("softmax", file, folder.at("x.npy"), "--dtype", "bfloat16");
    expect([npy.code, npy.err]).toEqual([1, expect.stringContaining("must have a NumPy type")]);
  });

  it("leaves nothing behind when the input ends in an error or is interrupted", async () => {
    const output = folder.put("kept.npy", "before");
    const ragged = folder.put("ragged.csv", "1,2\n3,4\n5\n");
    const failed = await logits("softmax", ragged, output, "--block-rows", "1", "--quiet");
    expect(failed.err).toMatch(/^logits softmax: .*ragged\.csv: line 3: must have 2 columns/);
    const signal = AbortSignal.abort();
    const stopped = await logitsWith({ signal }, "softmax", file, output);
    expect(stopped.err).toBe("logits softmax: interrupted\n");
    expect([failed.code, stopped.code]).toEqual([1, 130]);
    expect([readFileSync(output, "utf8"), drafts()]).toEqual(["before", []]);
  });
});

describe("predict", () => {
  it("classes as int32, best first", async () => {
    await logits("predict", file, folder.at("c.npy"), "--quiet");
    const best = Array.from({ length: ROWS }, (_, row) => order(row)[0]);
    expect(await allOf(folder.at("c.npy"))).toMatchObject({ numbers: best, dtype: "int32" });
    await logits("predict", file, folder.at("c.npy"), "--top-k", "3", "--block-rows", "99");
    const three = Array.from({ length: ROWS }, (_, row) => order(row).slice(0, 3)).flat();
    expect(await allOf(folder.at("c.npy"))).toMatchObject({ numbers: three, rowShape: [3] });
  });

  it("names and probabilities as text", async () => {
    const input = folder.put("small.csv", "0,0,1\n2,0,1\n");
    const names = folder.put("names.txt", 'ant\nbee, "wild"\ncat\n');
    const run = async (name: string, ...options: string[]) => {
      const { err } = await logits("predict", input, folder.at(name), "--quiet", ...options);
      expect(err).toBe("");
      return readFileSync(folder.at(name), "utf8");
    };
    expect(await run("p.csv", "--top-k", "3", "--classes", names)).toBe(
      "row,class_1,probability_1,class_2,probability_2,class_3,probability_3\n" +
        '0,cat,0.576117,ant,0.211942,"bee, ""wild""",0.211942\n' +
        '1,ant,0.665241,cat,0.244728,"bee, ""wild""",0.0900306\n',
    );
    expect(await run("p.tsv")).toBe("row\tclass\tprobability\n0\t2\t0.576117\n1\t0\t0.665241\n");
    expect(await run("p.jsonl", "--classes", names)).toBe(
      '{"row":0,"classes":["cat"],"probabilities":[0.576117]}\n' +
        '{"row":1,"classes":["ant"],"probabilities":[0.665241]}\n',
    );
    expect(await run("t.csv", "--threshold", "0.6")).toBe(
      "row,classes,probabilities\n0,2,0.731059\n1,0;2,0.880797;0.731059\n",
    );
    await logits("predict", input, folder.at("t.npy"), "--threshold", "0.5", "--quiet");
    expect(await allOf(folder.at("t.npy"))).toMatchObject({
      numbers: [1, 1, 1, 1, 1, 1],
      dtype: "uint8",
    });
  });

  it("refuses options that contradict each other or the file", async () => {
    const out = folder.at("x.csv");
    const errors = await Promise.all([
      logits("predict", file, out, "--top-k", "8"),
      logits("predict", file, out, "--top-k", "2", "--threshold", "0.5"),
      logits("predict", file, out, "--threshold", "1.5"),
      logits("predict", file, out, "--classes", folder.put("two.txt", "a\nb\n")),
      logits("predict", file, folder.at("x.npy"), "--classes", folder.at("two.txt")),
    ]);
    expect(errors.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2]);
    expect(errors.map(({ err }) => err).join("")).toMatch(
      /at most 7.*\n.*exclude.*\n.*\[0, 1\]\n.*7 names.*got 2\n.*output of text/,
    );
    expect([existsSync(out), drafts()]).toEqual([false, []]);
  });
});

describe("info", () => {
  it("prints what headers say, as a table or one JSON a line", async () => {
    const three = fixture("three.safetensors");
    const table = await logits("info", three, file);
    expect(table.out.split("\n").map((line) => line.replace(/ +/g, " "))).toEqual([
      `${three} "labels" safetensors int64 (7)`,
      `${three} "logits" safetensors float32 (7, 3)`,
      `${three} "half" safetensors bfloat16 (7, 3)`,
      `${file} npy float32 (500, 7)`,
      "",
    ]);
    const json = await logits("info", folder.put("rows.csv", "1,2\n"), "--json");
    expect(JSON.parse(json.out)).toMatchObject({ format: "csv", shape: [null, 2] });
  });
});

describe("usage", () => {
  it("help names every command; help of a command its options and examples", async () => {
    const { code, out } = await logits("--help");
    expect(code).toBe(0);
    for (const name of [
      "eval",
      "merge",
      "score",
      "predict",
      "softmax",
      "log-softmax",
      "sigmoid",
      "info",
    ]) {
      expect(out).toContain(`\n  ${name} `);
      const help = await logits(name, "--help");
      expect([help.code, help.err]).toEqual([0, ""]);
      expect(help.out).toMatch(
        new RegExp(`^Usage: logits ${name} [^]+Options:[^]+Examples:\n  logits`),
      );
    }
  });

  test.each([
    [[], /name a command/],
    [["evil"], /unknown command "evil"; known: eval/],
    [["eval", "a"], /needs LOGITS TARGETS, got 1 operands/],
    [["eval", "a", "b", "--topk", "1"], /Unknown option '--topk'; try --help/],
    [["eval", "a", "b", "--top-k", "x"], /--top-k must be an integer of at least 1, got "x"/],
    [["eval", "a", "b", "--top-k"], /argument missing/],
    [["softmax", "a", "b", "--block-rows", "0"], /--block-rows must be an integer of at least 1/],
    [["softmax", "a", "b", "--format", "mat"], /--format must be one of npy/],
    [["softmax", "a", "b", "--out-format", "npz"], /--out-format must be one of npy/],
    [["softmax", "a", "b", "--numerics", "fast"], /--numerics must be auto, fma or strict/],
  ])("%j ends with 2 and one line", async (args, says) => {
    const { code, out, err } = await logits(...args);
    expect(err).toMatch(says);
    expect(err).toMatch(/^logits[^\n]*\n$/);
    expect([code, out]).toEqual([2, ""]);
  });

  it("--debug adds the stack, nothing else does", async () => {
    const plain = await logits("info", "absent.npy");
    expect(plain.err).toMatch(
      /^logits info: absent\.npy: path: must exist, got no such file; [^\n]+\n$/,
    );
    const debug = await logits("info", "absent.npy", "--debug");
    expect(debug.err).toMatch(/\n +at [^]+caused by Error: ENOENT/);
    expect([plain.code, debug.code]).toEqual([1, 1]);
  });
});

describe("progress", () => {
  const state = { rows: 7372, total: 16_384, seconds: 3.5, note: "loss 2.3142" };
  test.each([
    [state, " 44%|████▍     | 7,372/16,384 rows [00:04<00:04, 2,106 rows/s, loss 2.3142]"],
    [{ ...state, rows: 0 }, "  0%|          | 0/16,384 rows [00:04<?, 0 rows/s, loss 2.3142]"],
    [
      { ...state, rows: 16_384, note: "" },
      "100%|██████████| 16,384/16,384 rows [00:04<00:00, 4,681 rows/s]",
    ],
    [{ ...state, total: undefined }, "7,372 rows [00:04, 2,106 rows/s, loss 2.3142]"],
    [
      { ...state, rows: 2, total: 8000 },
      "  0%|          | 2/8,000 rows [00:04<3:53:17, 1 rows/s, loss 2.3142]",
    ],
  ])("%j", (given, text) => {
    expect(progressText(given)).toBe(text);
  });

  it("redraws one line on a terminal", async () => {
    const { err } = await logitsWith({ terminal: true }, "eval", file, labels);
    expect(err).toMatch(/^\r100%[^\n]+\n$/);
  });
});

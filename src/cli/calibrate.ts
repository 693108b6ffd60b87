/**
 * `logits calibrate`: a temperature, or a factor and offset per class, from held-back rows.
 */
import { failFile } from "../io/failFile.js";
import type { RowBlock } from "../io/openRows.js";
import { bfloat16Of, float16Of } from "../memory/half.js";
import { createEngine } from "../createEngine.js";
import type { Engine } from "../engine.js";
import { Evaluator } from "../evaluate/evaluator.js";
import { fitTemperature } from "../evaluate/fitTemperature.js";
import { fitVector } from "../evaluate/fitVector.js";
import type { EvalResult } from "../jobs/evalTotals.js";
import { writeText } from "../jobs/jsonFile.js";
import { logitBlocks, rangeOf } from "../jobs/logitBlocks.js";
import { WHOLE } from "../jobs/shard.js";
import { TargetReader, checkClasses } from "../jobs/targets.js";
import { type Call, type Command, checkNumerics, readingOptions } from "./command.js";
import { TARGET_OPTIONS, ignoreIndexOf } from "./evalOptions.js";
import { REPORT_OPTIONS, aligned, checkPlot, drawEval, percent } from "./evalOutput.js";
import { COMMON_OPTIONS, INPUT_OPTIONS } from "./options.js";
import { Progress } from "./progress.js";
import { failUsage, readNumber } from "./usage.js";

/** A fit goes over its rows again and again, so it holds them. */
const MOST_HELD_BYTES = 2 ** 30;

const METHODS = ["temperature", "vector"] as const;

const { threads: _all, ...OTHER_OPTIONS } = COMMON_OPTIONS;

export const CALIBRATE: Command = {
  name: "calibrate",
  operands: "LOGITS TARGETS",
  count: [2, 2],
  summary: "The temperature that minimises the cross entropy of held-back rows.",
  options: {
    method: {
      value: "WORD",
      help: "temperature (default), or vector: a factor and offset a class",
    },
    rows: { value: "N", help: "use the first N rows only" },
    bins: { value: "N", help: "bins of the calibration error (default 15)" },
    ...TARGET_OPTIONS,
    out: { value: "FILE.json", help: "write the JSON there as well" },
    ...REPORT_OPTIONS,
    ...INPUT_OPTIONS,
    ...OTHER_OPTIONS,
  },
  notes:
    "Holds its rows in memory, at most 1 GiB of them as float32. Use the temperature with --temperature\n" +
    "of the other commands. The report has the reliability diagram before and after.",
  examples: [
    "logits calibrate logits.npy labels.npy",
    "logits calibrate val.npz val.npz --name logits --targets-name labels --report calibration.html",
    "logits softmax test.npy p.npy --temperature $(logits calibrate v.npy y.npy --json | jq .temperature)",
  ],
  run,
};

interface Held {
  readonly data: Float32Array;
  readonly targets: Int32Array;
  readonly rows: number;
  readonly classes: number;
}

async function run(call: Call): Promise<void> {
  const { options, host } = call;
  const method = options.text("method") ?? "temperature";
  if (!(METHODS as readonly string[]).includes(method)) {
    failUsage(`--method must be ${METHODS.join(" or ")}, got ${JSON.stringify(method)}`);
  }
  const bins = readNumber("bins", options.text("bins") ?? "15", 1, true);
  checkPlot(call);
  const engine = createEngine({ numerics: checkNumerics(call) });
  const held = await readHeld(call);
  const ignoreIndex = ignoreIndexOf(call);
  const ignored = { ignoreIndex: ignoreIndex.length === 0 ? null : ignoreIndex };
  const logits = { data: held.data, shape: [held.rows, held.classes] };
  const evaluate = (data: Float32Array, temperature: number): EvalResult =>
    evaluated(engine, { ...held, data }, { temperature, bins, ...ignored });
  const before = evaluate(held.data, 1);
  let fitted: object;
  let after: EvalResult;
  if (method === "vector") {
    const { apply, scale, offset, ...rest } = fitVector(engine, logits, held.targets, ignored);
    fitted = { method, scale: [...scale], offset: [...offset], ...rest };
    after = evaluate(apply(held.data), 1);
  } else {
    const fit = fitTemperature(engine, logits, held.targets, ignored);
    fitted = { method, ...fit };
    after = evaluate(held.data, fit.temperature);
  }
  await drawEval(call, after, before);
  const text = `${JSON.stringify(fitted)}\n`;
  const out = options.text("out");
  if (out !== undefined) await writeText(out, text);
  host.out(options.flag("json") ? text : table(fitted, before, after));
}

async function readHeld(call: Call): Promise<Held> {
  const [path, targetsPath] = call.operands as [string, string];
  const { options, host } = call;
  const given = options.text("rows");
  const most = given === undefined ? Infinity : readNumber("rows", given, 1, true);
  const reading = readingOptions(call);
  const { end } = await rangeOf(path, reading, WHOLE);
  const rows = Math.min(end, most);
  const progress = new Progress(call);
  progress.start({ first: 0, end: rows });
  const parts: Float32Array[] = [];
  const part = rows === Infinity ? {} : { rows };
  const labels = await TargetReader.from(targetsPath, readingOptions(call, "targets-"), 0);
  const targets: Int32Array[] = [];
  let [count, classes] = [0, 0];
  await progress.during(async () => {
    try {
      for await (const block of logitBlocks(path, { ...reading, ...part, signal: host.signal })) {
        classes = block.shape.at(-1)!;
        const added = block.data.length / classes;
        if ((count + added) * classes * 4 > MOST_HELD_BYTES) failTooMany(block.file);
        const wanted = await labels.take(added);
        checkClasses(targetsPath, wanted, classes, ignoreIndexOf(call), count);
        targets.push(wanted);
        parts.push(floatsOf(block));
        count += added;
        progress.add(block.shape[0]!);
      }
      if (most === Infinity) await labels.end();
    } finally {
      await labels.close();
    }
  });
  return {
    data: joined(Float32Array, parts),
    targets: joined(Int32Array, targets),
    rows: count,
    classes,
  };
}

/** As float32: halves widened, float64 rounded. */
function floatsOf({ data, dtype }: RowBlock): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Float64Array) return Float32Array.from(data);
  return Float32Array.from(data as Uint16Array, dtype === "float16" ? float16Of : bfloat16Of);
}

function joined<A extends Float32Array | Int32Array>(
  Type: new (length: number) => A,
  parts: readonly A[],
): A {
  const all = new Type(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function evaluated(
  engine: Engine,
  { data, targets, rows, classes }: Held,
  options: { temperature: number; bins: number; ignoreIndex: readonly number[] | null },
): EvalResult {
  const topK = [1, 5].filter((k) => k <= classes);
  const evaluator = new Evaluator(engine, {
    classes: Math.max(1, classes),
    topK,
    hardest: 10,
    ...options,
  });
  if (rows > 0) evaluator.update({ data, shape: [rows, classes] }, targets);
  const result = evaluator.result();
  return { ...result, rows, classes, weightSum: result.count };
}

function table(fitted: object, before: EvalResult, after: EvalResult): string {
  const { temperature, atBound } = fitted as { temperature?: number; atBound?: boolean };
  const lines: [string, string][] = [];
  if (temperature !== undefined) {
    const note = atBound ? "  (at the end of the range)" : "";
    lines.push(["temperature", `${temperature.toPrecision(6)}${note}`]);
  }
  const both = (name: string, of: (result: EvalResult) => string): void =>
    void lines.push([name, `${of(before)} -> ${of(after)}`]);
  both("loss", ({ loss }) => loss.toPrecision(6));
  both("accuracy", ({ accuracy }) => percent(accuracy));
  both("Brier score", ({ brier }) => brier!.toPrecision(5));
  both("ECE", ({ ece }) => ece!.toPrecision(5));
  both("MCE", ({ mce }) => mce!.toPrecision(5));
  return aligned(lines);
}

function failTooMany(file: string): never {
  failFile({
    file,
    place: "rows",
    expected: `logits to fit must have at most ${MOST_HELD_BYTES} bytes as float32`,
    got: "more",
    remedy: "take a sample: --rows N",
  });
}

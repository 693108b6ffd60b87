/**
 * `logits calibrate`: a temperature, or a factor and offset per class, from held-back rows.
 */
import { createEngine } from "../createEngine.js";
import type { Engine } from "../engine.js";
import { Evaluator } from "../evaluate/evaluator.js";
import { fitTemperature } from "../evaluate/fitTemperature.js";
import { fitVector } from "../evaluate/fitVector.js";
import type { EvalResult } from "../jobs/evalTotals.js";
import { type HeldRows, readHeld } from "../jobs/heldRows.js";
import { writeText } from "../jobs/jsonFile.js";
import { checkClasses } from "../jobs/targets.js";
import { type Call, type Command, checkNumerics, readingOptions } from "./command.js";
import { TARGET_OPTIONS, ignoreIndexOf } from "./evalOptions.js";
import { REPORT_OPTIONS, aligned, checkPlot, drawEval, percent } from "./evalOutput.js";
import { COMMON_OPTIONS, INPUT_OPTIONS } from "./options.js";
import { Progress } from "./progress.js";
import { failUsage, readNumber } from "./usage.js";

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

async function run(call: Call): Promise<void> {
  const { options, host } = call;
  const method = options.text("method") ?? "temperature";
  if (!(METHODS as readonly string[]).includes(method)) {
    failUsage(`--method must be ${METHODS.join(" or ")}, got ${JSON.stringify(method)}`);
  }
  const bins = readNumber("bins", options.text("bins") ?? "15", 1, true);
  checkPlot(call);
  const engine = createEngine({ numerics: checkNumerics(call) });
  const held = await read(call);
  const ignoreIndex = ignoreIndexOf(call);
  const ignored = { ignoreIndex: ignoreIndex.length === 0 ? null : ignoreIndex };
  const logits = { data: held.data, shape: [held.rows, held.columns] };
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

async function read(call: Call): Promise<HeldRows> {
  const [path, targets] = call.operands as [string, string];
  const given = call.options.text("rows");
  const progress = new Progress(call);
  return progress.during(() =>
    readHeld({
      path,
      targets,
      floats: true,
      most: given === undefined ? Infinity : readNumber("rows", given, 1, true),
      reading: readingOptions(call),
      targetsReading: readingOptions(call, "targets-"),
      signal: call.host.signal,
      onStart: (range) => progress.start(range),
      onRows: (rows) => progress.add(rows),
      check: (taken, classes, first) =>
        checkClasses(targets, taken, classes, ignoreIndexOf(call), first),
    }),
  );
}

function evaluated(
  engine: Engine,
  { data, targets, rows, columns: classes }: HeldRows,
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

/**
 * `logits train`: a linear classifier of features, saved as .safetensors, judged on held-out rows.
 */
import { createEngine } from "../createEngine.js";
import type { Engine } from "../engine.js";
import { Evaluator } from "../evaluate/evaluator.js";
import { openOutput } from "../io/output.js";
import type { EvalResult } from "../jobs/evalTotals.js";
import { type HeldRows, readHeld } from "../jobs/heldRows.js";
import { writeText } from "../jobs/jsonFile.js";
import { checkClasses } from "../jobs/targets.js";
import { lineChart } from "../report/lineChart.js";
import { card, key, standalone } from "../report/page.js";
import { logTicks } from "../report/svg.js";
import { LinearClassifier } from "../train/classifier.js";
import type { FitProgress } from "../train/fitOptions.js";
import { type Call, type Command, checkNumerics, readingOptions } from "./command.js";
import { REPORT_OPTIONS, aligned, checkPlot, percent, writeReport } from "./evalOutput.js";
import { COMMON_OPTIONS, INPUT_OPTIONS } from "./options.js";
import { Progress } from "./progress.js";
import { matrix, split } from "./trainRows.js";
import { failUsage, readNumber } from "./usage.js";

const OPTIMIZERS = ["lbfgs", "sgd", "adam", "adamw"] as const;

const { threads: _threads, ...OTHER_OPTIONS } = COMMON_OPTIONS;

export const TRAIN: Command = {
  name: "train",
  operands: "FEATURES TARGETS",
  count: [2, 2],
  summary: "A linear classifier of features, fitted and judged on held-out rows.",
  options: {
    out: { value: "FILE", help: "write the model, a .safetensors file" },
    "hold-out": { value: "SHARE", help: "share of the rows to judge by, in [0, 1) (default 0.2)" },
    rows: { value: "N", help: "use the first N rows only" },
    optimizer: { value: "WORD", help: "lbfgs (default), sgd, adam or adamw" },
    l2: { value: "L", help: "penalty of (L / 2) times the squared weights (default 1e-4)" },
    "learning-rate": { value: "R", help: "of sgd, adam and adamw" },
    epochs: { value: "N", help: "passes over the rows (default 100; iterations of lbfgs 1000)" },
    "batch-size": { value: "N", help: "rows of a step of sgd, adam and adamw (default 32)" },
    seed: { value: "N", help: "orders the rows and chooses those held out (default 0)" },
    balanced: { help: "weigh classes by the inverse of how often they come" },
    raw: { help: "take the features as they are, not brought to mean 0 and deviation 1" },
    "targets-format": { value: "FORMAT", help: "as --format, for the targets" },
    "targets-name": { value: "NAME", help: "as --name, for the targets" },
    "targets-columns": { value: "A", help: "as --columns, for the targets" },
    ...REPORT_OPTIONS,
    plot: { value: "FILE", help: "write the loss curve as .svg, or the report as .html" },
    ...INPUT_OPTIONS,
    ...OTHER_OPTIONS,
  },
  notes:
    "Holds its rows in memory, at most 1 GiB of them as float32. Targets are class indices from 0.\n" +
    "The model loads with LinearClassifier.load of logits/train.",
  examples: [
    "logits train features.npy labels.npy --out model.safetensors --report training.html",
    "logits train table.csv table.csv --columns a,b,c --targets-columns label --l2 1e-3 --json",
    "logits train x.npy y.npy --optimizer adam --epochs 20 --batch-size 256 --hold-out 0.1",
  ],
  run,
};

interface Curve {
  readonly loss: number[];
  readonly heldOut: number[];
}

async function run(call: Call): Promise<void> {
  const { options, host } = call;
  const number = (name: string, min?: number, integer?: boolean): number | undefined => {
    const text = options.text(name);
    return text === undefined ? undefined : readNumber(name, text, min, integer);
  };
  const optimizer = OPTIMIZERS.find((one) => one === (options.text("optimizer") ?? "lbfgs"));
  if (optimizer === undefined) failUsage(`--optimizer must be ${OPTIMIZERS.join(", ")}`);
  const share = number("hold-out", 0) ?? 0.2;
  if (share >= 1) failUsage(`--hold-out must be in [0, 1), got ${share}`);
  const learningRate = number("learning-rate", 0);
  if (learningRate !== undefined && optimizer === "lbfgs") {
    failUsage("--learning-rate is for sgd, adam and adamw: name one with --optimizer");
  }
  checkPlot(call);
  const seed = number("seed", undefined, true) ?? 0;
  const engine = createEngine({ numerics: checkNumerics(call) });
  const all = await read(call, number("rows", 1, true));
  const { training, heldOut } = split(all, share, seed);
  const classes = all.targets.reduce((most, target) => Math.max(most, target + 1), 0);
  const model = new LinearClassifier(engine, {
    classes: Math.max(2, classes),
    l2: number("l2", 0) ?? 1e-4,
    optimizer,
    standardize: !options.flag("raw"),
    ...(options.flag("balanced") && { classWeight: "balanced" as const }),
  });
  const epochs = number("epochs", 1, true);
  const curve: Curve = { loss: [], heldOut: [] };
  const progress = new Progress(call, optimizer === "lbfgs" ? "iterations" : "epochs");
  const judge = heldOut.rows > 0 ? heldOut : training;
  const fitted = await progress.during(() => {
    progress.start({ first: 0, end: epochs ?? (optimizer === "lbfgs" ? 1000 : 100) });
    return model.fit(matrix(training), training.targets, {
      seed,
      epochs,
      learningRate,
      batchSize: number("batch-size", 1, true),
      signal: host.signal,
      ...(heldOut.rows > 0 && {
        validation: { features: matrix(heldOut), targets: heldOut.targets },
      }),
      onProgress: (told) => follow(told, curve, progress),
    });
  });
  const result = judged(engine, model, judge, Math.max(2, classes));
  const out = options.text("out");
  if (out !== undefined) await save(out, model.save());
  await draw(call, result, curve, heldOut.rows > 0, optimizer);
  const { perClass: _perClass, confusion: _confusion, bins: _bins, ...metrics } = result;
  const summary = {
    ...fitted,
    rows: training.rows,
    heldOutRows: heldOut.rows,
    features: all.columns,
    classes: Math.max(2, classes),
    [heldOut.rows > 0 ? "heldOut" : "training"]: metrics,
    out: out ?? null,
  };
  host.out(options.flag("json") ? `${JSON.stringify(summary)}\n` : table(summary, result));
}

function follow(told: FitProgress, curve: Curve, progress: Progress): void {
  curve.loss.push(told.loss);
  if (told.validation) curve.heldOut.push(told.validation.loss);
  const held = told.validation ? `, held out ${told.validation.loss.toPrecision(4)}` : "";
  progress.add(1, `loss ${told.loss.toPrecision(4)}${held}`);
}

async function read(call: Call, most = Infinity): Promise<HeldRows> {
  const [path, targets] = call.operands as [string, string];
  const progress = new Progress(call);
  return progress.during(() =>
    readHeld({
      path,
      targets,
      most,
      reading: readingOptions(call),
      targetsReading: readingOptions(call, "targets-"),
      signal: call.host.signal,
      onStart: (range) => progress.start(range),
      onRows: (rows) => progress.add(rows),
      check: (taken, _columns, first) => checkClasses(targets, taken, 2 ** 31, [], first),
    }),
  );
}

function judged(
  engine: Engine,
  model: LinearClassifier,
  held: HeldRows,
  classes: number,
): EvalResult {
  const topK = [1, 5].filter((k) => k <= classes);
  const evaluator = new Evaluator(engine, { classes, topK, hardest: 10 });
  evaluator.update(model.predictLogits(matrix(held)), held.targets);
  const result = evaluator.result();
  return { ...result, rows: held.rows, classes, weightSum: result.count };
}

async function save(path: string, bytes: Uint8Array): Promise<void> {
  const output = await openOutput(path);
  try {
    await output.write(bytes);
  } catch (error) {
    await output.abandon();
    throw error;
  }
  await output.commit();
}

async function draw(
  call: Call,
  result: EvalResult,
  { loss, heldOut }: Curve,
  hasHeldOut: boolean,
  optimizer: string,
): Promise<void> {
  const step = optimizer === "lbfgs" ? "iteration" : "epoch";
  const positive = [...loss, ...heldOut].filter((value) => value > 0 && Number.isFinite(value));
  const chart = lineChart({
    label: `Loss by ${step}`,
    step,
    series: [
      { name: "training", className: "train", values: loss },
      ...(heldOut.length > 0 ? [{ name: "held out", className: "held-out", values: heldOut }] : []),
    ],
    yTicks: positive.length > 0 ? logTicks(Math.min(...positive), Math.max(...positive)) : [0.1, 1],
    logarithmic: true,
    tickFormat: String,
    valueFormat: (value) => value.toFixed(4),
  });
  const plot = call.options.text("plot");
  if (plot !== undefined && /svg$/i.test(plot)) await writeText(plot, standalone(chart));
  const legend = `${key("train", "training")}${hasHeldOut ? key("held-out", "held out") : ""}<span>logarithmic</span>`;
  await writeReport(call, result, {
    cards: [card("Loss", legend, chart)],
    text: `Judged on ${result.rows} ${hasHeldOut ? "held-out" : "training"} rows.`,
  });
}

function table(
  summary: { stopped: string; epochs: number; rows: number; heldOutRows: number },
  { loss, accuracy, ece }: EvalResult,
): string {
  const { stopped, epochs, rows, heldOutRows } = summary;
  const of = heldOutRows > 0 ? "held out" : "training";
  return aligned([
    ["rows", `${rows} to learn from, ${heldOutRows} held out`],
    ["stopped", `${stopped} after ${epochs}`],
    [`loss, ${of}`, loss.toPrecision(6)],
    [`accuracy, ${of}`, percent(accuracy)],
    [`ECE, ${of}`, ece!.toPrecision(5)],
  ]);
}

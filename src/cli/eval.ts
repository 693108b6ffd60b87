/**
 * `logits eval` and `logits merge`: metrics of saved logits against saved class indices, by one
 * process or as shards.
 */
import { expandPaths } from "../io/paths.js";
import { writeText } from "../jobs/jsonFile.js";
import { mergeStates, readState, stateText } from "../jobs/evalState.js";
import { runEval } from "../jobs/runEval.js";
import { openSession } from "../jobs/session.js";
import {
  type Call,
  type Command,
  checkNumerics,
  checkpointSeconds,
  computingOf,
  readingOptions,
  shardOf,
  shardPath,
} from "./command.js";
import { METRIC_OPTIONS, TARGET_OPTIONS, readSettings } from "./evalOptions.js";
import { REPORT_OPTIONS, checkPlot, printEval } from "./evalOutput.js";
import { COMMON_OPTIONS, INPUT_OPTIONS, type OptionTable, SHARD_OPTIONS } from "./options.js";
import { Progress } from "./progress.js";
import { failUsage } from "./usage.js";

const OPTIONS: OptionTable = {
  ...METRIC_OPTIONS,
  temperature: { value: "T", help: "divide the logits by T first (default 1)" },
  "label-smoothing": { value: "E", help: "smooth the targets, 0 to 1 (default 0)" },
  weights: { value: "FILE", help: "one weight per class" },
  ...TARGET_OPTIONS,
  out: { value: "FILE", help: "write the state for logits merge; in a folder, one file a shard" },
  ...SHARD_OPTIONS,
  ...REPORT_OPTIONS,
};

export const EVAL: Command = {
  name: "eval",
  operands: "LOGITS TARGETS",
  count: [2, 2],
  summary: "Loss, perplexity, accuracy and calibration of logits against class indices.",
  options: { ...OPTIONS, ...INPUT_OPTIONS, ...COMMON_OPTIONS },
  examples: [
    "logits eval logits.npy labels.npy --report report.html",
    "logits eval 'logits-*.npy' 'labels-*.npy' --top-k 1,5 --json",
    "logits eval run.npz run.npz --name logits --targets-name labels",
    "logits eval table.csv table.csv --columns a,b,c --targets-columns label",
    "logits eval logits.npy labels.npy --shard auto --out states/ --resume",
  ],
  run,
};

async function run(call: Call): Promise<void> {
  const [logits, targets] = call.operands as [string, string];
  const { options, host } = call;
  checkPlot(call);
  const shard = shardOf(call);
  const folder = options.text("out");
  if (folder === undefined && options.text("shard") !== undefined) {
    failUsage("--shard needs --out, the state file or a folder of states");
  }
  const resume = options.flag("resume");
  if (resume && folder === undefined) failUsage("--resume needs --out, the state to resume from");
  const settings = await readSettings(call);
  const progress = new Progress(call);
  const state = await progress.during(async () =>
    runEval(computingOf(call), {
      logits,
      targets,
      reading: readingOptions(call),
      targetsReading: readingOptions(call, "targets-"),
      settings,
      shard,
      out: folder === undefined ? undefined : await shardPath(folder, shard, "json"),
      resume,
      checkpointSeconds: checkpointSeconds(call),
      signal: host.signal,
      onStart: (range, done) => progress.start(range, done),
      onRows: (rows, meanLoss) => progress.add(rows, `loss ${meanLoss.toPrecision(5)}`),
    }),
  );
  await printEval(call, state.totals.result());
}

export const MERGE: Command = {
  name: "merge",
  operands: "STATE…",
  count: [1, Infinity],
  summary: "The result of all shards of an evaluation, the same as that of one run.",
  options: {
    out: { value: "FILE", help: "write the merged state" },
    ...REPORT_OPTIONS,
    ...COMMON_OPTIONS,
  },
  notes: "Every shard must be there once; patterns in quotes are read as lists of files.",
  examples: ["logits merge states/*.json --json", "logits merge 'states/*' --report report.html"],
  async run(call) {
    checkPlot(call);
    const session = openSession(checkNumerics(call));
    const files = await expandPaths(call.operands);
    const states = [];
    for (const file of files) states.push(await readState(session, file));
    const merged = mergeStates(states, files);
    const out = call.options.text("out");
    if (out !== undefined) await writeText(out, stateText(merged));
    await printEval(call, merged.totals.result());
  },
};

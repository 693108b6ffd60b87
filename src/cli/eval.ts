/**
 * `logits eval`: loss, perplexity and accuracy of saved logits against saved class indices.
 */
import { failFile } from "../io/failFile.js";
import { type RowBlock, openRows } from "../io/openRows.js";
import {
  type Call,
  type Command,
  checkSignal,
  countRows,
  logitBlocks,
  makeEngine,
  readingOptions,
} from "./command.js";
import { type EvalResult, type EvalSettings, EvalTotals } from "./evalTotals.js";
import { COMMON_OPTIONS, INPUT_OPTIONS, type OptionTable } from "./options.js";
import { Progress } from "./progress.js";
import { TargetReader, checkClasses } from "./targets.js";
import { readNumber, readNumbers } from "./usage.js";

const OPTIONS: OptionTable = {
  "top-k": { value: "K,…", help: "accuracies among the k greatest (default 1,5)" },
  "ignore-index": { value: "N,…", help: "targets to leave out (default -100), or none" },
  temperature: { value: "T", help: "divide the logits by T first (default 1)" },
  "label-smoothing": { value: "E", help: "smooth the targets, 0 to 1 (default 0)" },
  weights: { value: "FILE", help: "one weight per class" },
  "targets-format": { value: "FORMAT", help: "as --format, for the targets" },
  "targets-name": { value: "NAME", help: "as --name, for the targets" },
  "targets-columns": { value: "A", help: "as --columns, for the targets" },
};

export const EVAL: Command = {
  name: "eval",
  operands: "LOGITS TARGETS",
  count: [2, 2],
  summary: "Loss, perplexity and accuracy of logits against class indices.",
  options: { ...OPTIONS, ...INPUT_OPTIONS, ...COMMON_OPTIONS },
  examples: [
    "logits eval logits.npy labels.npy",
    "logits eval 'logits-*.npy' 'labels-*.npy' --top-k 1,5 --json",
    "logits eval run.npz run.npz --name logits --targets-name labels",
    "logits eval table.csv table.csv --columns a,b,c --targets-columns label",
  ],
  run,
};

async function run(call: Call): Promise<void> {
  const [logitsPath, targetsPath] = call.operands as [string, string];
  const { options, host } = call;
  const reading = readingOptions(call);
  const settings = await readSettings(call);
  const engine = makeEngine(call);
  const total = await countRows(logitsPath, openRows(logitsPath, reading), reading);
  const targets = new TargetReader(targetsPath, readingOptions(call, "targets-"));
  const progress = new Progress(call, total);
  let totals: EvalTotals | undefined;
  let firstTarget = 0;
  try {
    for await (const block of logitBlocks(call, logitsPath, reading)) {
      const classes = block.shape.at(-1)!;
      checkSettings(settings, block);
      totals ??= new EvalTotals(engine, { ...settings, topK: withinClasses(settings, classes) });
      const wanted = await targets.take(block.data.length / classes);
      checkClasses(targetsPath, wanted, classes, settings.ignoreIndex, firstTarget);
      totals.add(block, wanted);
      firstTarget += wanted.length;
      progress.add(block.shape[0]!, `loss ${totals.meanLoss.toPrecision(5)}`);
    }
    checkSignal(host.signal);
    await targets.end();
  } catch (error) {
    progress.clear();
    throw error;
  } finally {
    await targets.close();
  }
  progress.end();
  const result = (totals ?? new EvalTotals(engine, settings)).result();
  host.out(options.flag("json") ? `${JSON.stringify(result)}\n` : table(result));
}

async function readSettings(call: Call): Promise<EvalSettings> {
  const { options } = call;
  const ignored = options.text("ignore-index") ?? "-100";
  const path = options.text("weights");
  return {
    topK: readNumbers("top-k", options.text("top-k") ?? "1,5", 1),
    ignoreIndex: ignored === "none" ? [] : readNumbers("ignore-index", ignored),
    temperature: readNumber("temperature", options.text("temperature") ?? "1"),
    labelSmoothing: readNumber("label-smoothing", options.text("label-smoothing") ?? "0", 0),
    weight: path === undefined ? undefined : await readWeights(path),
  };
}

async function readWeights(path: string): Promise<Float64Array> {
  const values: number[] = [];
  for await (const { data } of openRows(path)) for (const value of data) values.push(Number(value));
  return Float64Array.from(values);
}

function checkSettings({ weight }: EvalSettings, { file, shape }: RowBlock): void {
  const classes = shape.at(-1)!;
  if (weight === undefined || weight.length === classes) return;
  failFile({
    file,
    place: "header",
    expected: `logits must have ${weight.length} classes, one for each of --weights`,
    got: String(classes),
    remedy: "give one weight per class",
  });
}

/** Among fewer classes than k the target always is: such a k would say nothing. */
function withinClasses({ topK }: EvalSettings, classes: number): number[] {
  return topK.filter((k) => k <= classes);
}

function table(result: EvalResult): string {
  const { count, rows, undefinedRows, loss, perplexity, accuracy, topKAccuracy } = result;
  const lines: [string, string][] = [["rows", count.toLocaleString("en-US")]];
  if (rows !== count) lines.push(["ignored", (rows - count).toLocaleString("en-US")]);
  if (undefinedRows > 0) lines.push(["undefined", undefinedRows.toLocaleString("en-US")]);
  lines.push(["loss", loss.toPrecision(7)], ["perplexity", perplexity.toPrecision(7)]);
  lines.push(["accuracy", percent(accuracy)]);
  for (const [k, share] of Object.entries(topKAccuracy)) {
    if (k !== "1") lines.push([`top-${k} accuracy`, percent(share)]);
  }
  const wide = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${name.padEnd(wide)}  ${value}\n`).join("");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(3)} %`;
}

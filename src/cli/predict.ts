/**
 * `logits predict`: the most likely classes of each row, or the classes that reach a probability.
 */
import { failFile } from "../io/failFile.js";
import type { RowBlock } from "../io/openRows.js";
import type { Output } from "../io/output.js";
import { type RowWriter, rowWriterTo } from "../io/rowWriter.js";
import type { RowSink } from "../jobs/runRows.js";
import type { ParallelEngine } from "../parallel/parallelEngine.js";
import { type Call, type Command, readNames, withEngine } from "./command.js";
import { COMMON_OPTIONS, INPUT_OPTIONS } from "./options.js";
import { type PredictedRow, predictedHeader, predictedText } from "./predictedText.js";
import { OUTPUT_OPTIONS, outputFormat, runCommand } from "./rowCommand.js";
import { failUsage, readNumber } from "./usage.js";

export const PREDICT: Command = {
  name: "predict",
  operands: "IN [OUT]",
  count: [1, 2],
  summary: "The most likely classes of each row, with their probabilities.",
  options: {
    "top-k": { value: "K", help: "the K most likely classes, best first (default 1)" },
    threshold: { value: "P", help: "independent yes/no logits: the classes with probability >= P" },
    classes: { value: "FILE", help: "names of the classes, one a line, for .csv, .tsv and .jsonl" },
    ...OUTPUT_OPTIONS,
    ...INPUT_OPTIONS,
    ...COMMON_OPTIONS,
  },
  notes:
    "OUT as .csv, .tsv or .jsonl has a row number, classes and probabilities; as .npy or\n" +
    ".safetensors the class indices (int32), or with --threshold one uint8 per class.\n" +
    "Without OUT, .csv goes to standard output.",
  examples: [
    "logits predict logits.npy --classes names.txt --top-k 3",
    "logits predict logits.safetensors classes.npy",
    "logits predict tags.npy tags.jsonl --threshold 0.5 --classes tags.txt",
  ],
  run: (call) => withEngine(call, (engine) => run(call, engine)),
};

interface Plan {
  readonly k: number;
  readonly threshold: number | undefined;
  readonly names: readonly string[] | undefined;
}

async function run(call: Call, engine: ParallelEngine): Promise<void> {
  const [input, output = "-"] = call.operands as [string, string?];
  const format = outputFormat(call, output);
  const text = format === "csv" || format === "tsv" || format === "jsonl" ? format : undefined;
  const plan = await readPlan(call);
  if (plan.names && !text) failUsage("--classes needs an output of text: .csv, .tsv or .jsonl");
  await runCommand(call, { input, output, format }, (file, rows, done) =>
    text
      ? textWriter(engine, file, done, text, plan)
      : arrayWriter(engine, rowWriterTo(file, format, { rows }, done), plan),
  );
}

async function readPlan({ options }: Call): Promise<Plan> {
  const k = readNumber("top-k", options.text("top-k") ?? "1", 1, true);
  const given = options.text("threshold");
  const threshold = given === undefined ? undefined : readNumber("threshold", given, 0);
  if (threshold !== undefined && threshold > 1) failUsage("--threshold must be in [0, 1]");
  if (threshold !== undefined && options.text("top-k") !== undefined) {
    failUsage("--threshold and --top-k exclude each other");
  }
  const path = options.text("classes");
  return { k, threshold, names: path === undefined ? undefined : await readNames(path) };
}

function checkPlan({ k, names }: Plan, { file, shape }: RowBlock): void {
  const classes = shape[1]!;
  const remedy = "save the logits of a row together";
  if (shape.length !== 2) {
    const got = `(${shape.join(", ")})`;
    failFile({ file, place: "header", expected: "shape must be (rows, classes)", got, remedy });
  }
  if (k > classes) failUsage(`--top-k must be at most ${classes}, the classes, got ${k}`);
  if (names !== undefined && names.length !== classes) {
    failUsage(`--classes must have ${classes} names, one per class, got ${names.length}`);
  }
}

function arrayWriter(engine: ParallelEngine, writer: RowWriter, plan: Plan): RowSink {
  const { k, threshold } = plan;
  return {
    async write(block) {
      checkPlan(plan, block);
      if (threshold !== undefined) {
        return writer.write(await engine.threshold(block, { probability: threshold }));
      }
      if (k === 1) return writer.write(await engine.argmax(block));
      return writer.write((await engine.topK(block, k)).indices);
    },
    finish: () => writer.finish(),
    abandon: () => writer.abandon(),
  };
}

function textWriter(
  engine: ParallelEngine,
  output: Output,
  done: number,
  format: "csv" | "tsv" | "jsonl",
  plan: Plan,
): RowSink {
  const k = plan.threshold === undefined ? plan.k : 0;
  const header = predictedHeader(format, k);
  let begun = done > 0;
  const begin = async (): Promise<void> => {
    if (!begun && header !== "") await output.write(Buffer.from(header));
    begun = true;
  };
  return {
    async write(block) {
      checkPlan(plan, block);
      await begin();
      const find = plan.threshold === undefined ? likeliest : reaching;
      const rows = await find(engine, block, plan);
      const lines = rows.map((row) => predictedText(format, row, plan.names, k));
      await output.write(Buffer.from(lines.join("")));
    },
    async finish() {
      await begin();
      await output.commit();
    },
    abandon: () => output.abandon(),
  };
}

/** The k greatest logits, and what softmax makes of them. */
async function likeliest(
  engine: ParallelEngine,
  block: RowBlock,
  { k }: Plan,
): Promise<PredictedRow[]> {
  const { data } = (await engine.topK(block, k)).indices;
  const probabilities = (await engine.softmax(block)).data;
  const [rows, count] = block.shape as [number, number];
  return Array.from({ length: rows }, (_, row) => {
    const classes = [...data.subarray(row * k, (row + 1) * k)];
    const chances = classes.map((index) => probabilities[row * count + index]!);
    return { row: block.firstRow + row, classes, probabilities: chances };
  });
}

/** The classes whose sigmoid reaches the threshold, in order of their number. */
async function reaching(
  engine: ParallelEngine,
  block: RowBlock,
  { threshold }: Plan,
): Promise<PredictedRow[]> {
  const decisions = (await engine.threshold(block, { probability: threshold })).data;
  const probabilities = (await engine.sigmoid(block)).data;
  const classes = block.shape[1]!;
  return Array.from({ length: block.shape[0]! }, (_row, row) => {
    const found = Array.from({ length: classes }, (_, index) => index).filter(
      (index) => decisions[row * classes + index] === 1,
    );
    const chances = found.map((index) => probabilities[row * classes + index]!);
    return { row: block.firstRow + row, classes: found, probabilities: chances };
  });
}

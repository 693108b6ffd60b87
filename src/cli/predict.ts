/**
 * `logits predict`: the most likely classes of each row, or the classes that reach a probability.
 */
import { readFile } from "node:fs/promises";
import type { Engine } from "../engine.js";
import { failFile, messageOf } from "../io/failFile.js";
import { type RowBlock, openRows } from "../io/openRows.js";
import { type Output, openOutput } from "../io/output.js";
import { type RowWriter, createRowWriter, writtenFormat } from "../io/rowWriter.js";
import {
  type Call,
  type Command,
  checkSignal,
  countRows,
  logitBlocks,
  makeEngine,
  readingOptions,
} from "./command.js";
import { COMMON_OPTIONS, INPUT_OPTIONS } from "./options.js";
import { type PredictedRow, predictedHeader, predictedText } from "./predictedText.js";
import { Progress } from "./progress.js";
import { OUTPUT_OPTIONS, outputFormat } from "./transform.js";
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
  run,
};

interface Plan {
  readonly k: number;
  readonly threshold: number | undefined;
  readonly names: readonly string[] | undefined;
}

async function run(call: Call): Promise<void> {
  const [input, output = "-"] = call.operands as [string, string?];
  const { host, options } = call;
  const format = outputFormat(call, output) ?? writtenFormat(output);
  const text = format === "csv" || format === "tsv" || format === "jsonl" ? format : undefined;
  const plan = await readPlan(call);
  if (plan.names && !text) failUsage("--classes needs an output of text: .csv, .tsv or .jsonl");
  const reading = readingOptions(call);
  const engine = makeEngine(call);
  const total = await countRows(input, openRows(input, reading), reading);
  const writer = text
    ? textWriter(await openOutput(output), text, plan)
    : arrayWriter(await createRowWriter(output, { format, rows: total }), plan);
  const progress = new Progress(call, total);
  let rows = 0;
  try {
    for await (const block of logitBlocks(call, input, reading)) {
      checkPlan(plan, block);
      await writer.write(engine, block);
      rows += block.shape[0]!;
      progress.add(block.shape[0]!);
    }
    checkSignal(host.signal);
    await writer.finish();
  } catch (error) {
    progress.clear();
    await writer.abandon();
    throw error;
  }
  progress.end();
  if (options.flag("json") && output !== "-")
    host.out(`${JSON.stringify({ rows, out: output })}\n`);
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

async function readNames(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) =>
    failFile({
      file: path,
      place: "path",
      expected: "must be readable",
      got: messageOf(error),
      remedy: "name a file with one class a line",
      cause: error,
    }),
  );
  return text
    .replace(/^\ufeff/, "")
    .replace(/\r?\n$/, "")
    .split(/\r?\n/);
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

interface PredictionWriter {
  write(engine: Engine, block: RowBlock): Promise<void>;
  finish(): Promise<void>;
  abandon(): Promise<void>;
}

function arrayWriter(writer: RowWriter, { k, threshold }: Plan): PredictionWriter {
  return {
    write: (engine, block) => {
      if (threshold !== undefined) {
        return writer.write(engine.threshold(block, { probability: threshold }));
      }
      return writer.write(k === 1 ? engine.argmax(block) : engine.topK(block, k).indices);
    },
    finish: () => writer.finish(),
    abandon: () => writer.abandon(),
  };
}

function textWriter(output: Output, format: "csv" | "tsv" | "jsonl", plan: Plan): PredictionWriter {
  const k = plan.threshold === undefined ? plan.k : 0;
  const header = predictedHeader(format, k);
  let begun = false;
  const begin = async (): Promise<void> => {
    if (!begun && header !== "") await output.write(Buffer.from(header));
    begun = true;
  };
  return {
    async write(engine, block) {
      await begin();
      const rows = plan.threshold === undefined ? likeliest : reaching;
      const lines = rows(engine, block, plan).map((row) =>
        predictedText(format, row, plan.names, k),
      );
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
function likeliest(engine: Engine, block: RowBlock, { k }: Plan): PredictedRow[] {
  const { data } = engine.topK(block, k).indices;
  const probabilities = engine.softmax(block).data;
  const [rows, count] = block.shape as [number, number];
  return Array.from({ length: rows }, (_, row) => {
    const classes = [...data.subarray(row * k, (row + 1) * k)];
    const chances = classes.map((index) => probabilities[row * count + index]!);
    return { row: block.firstRow + row, classes, probabilities: chances };
  });
}

/** The classes whose sigmoid reaches the threshold, in order of their number. */
function reaching(engine: Engine, block: RowBlock, { threshold }: Plan): PredictedRow[] {
  const decisions = engine.threshold(block, { probability: threshold }).data;
  const probabilities = engine.sigmoid(block).data;
  const classes = block.shape[1]!;
  return Array.from({ length: block.shape[0]! }, (_row, row) => {
    const found = Array.from({ length: classes }, (_, index) => index).filter(
      (index) => decisions[row * classes + index] === 1,
    );
    const chances = found.map((index) => probabilities[row * classes + index]!);
    return { row: block.firstRow + row, classes: found, probabilities: chances };
  });
}

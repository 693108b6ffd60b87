/**
 * `logits score`: everything people ask of a row of logits, a line each.
 */
import { SCORE_FORMATS, type ScoreFormat, openScores } from "../jobs/scoreSink.js";
import { type Call, type Command, readNames, readingOptions, withEngine } from "./command.js";
import { TARGET_OPTIONS, ignoreIndexOf } from "./evalOptions.js";
import { COMMON_OPTIONS, INPUT_OPTIONS } from "./options.js";
import { OUTPUT_OPTIONS, outputFormat, runCommand } from "./rowCommand.js";
import { failUsage, readNumber } from "./usage.js";

export const SCORE: Command = {
  name: "score",
  operands: "LOGITS [OUT]",
  count: [1, 2],
  summary: "Log-sum-exp, entropy, margin, target log-probability and rank of each row.",
  options: {
    targets: { value: "FILE", help: "class indices, for targetLogprob and rank" },
    "top-k": { value: "K", help: "list the K most likely classes with log-probabilities" },
    temperature: { value: "T", help: "divide the logits by T first (default 1)" },
    classes: { value: "FILE", help: "names of the classes, one a line" },
    ...TARGET_OPTIONS,
    ...OUTPUT_OPTIONS,
    "out-format": { value: "FORMAT", help: "csv, tsv or jsonl" },
    ...INPUT_OPTIONS,
    ...COMMON_OPTIONS,
  },
  notes:
    "OUT is .csv, .tsv or .jsonl; without it, .csv goes to standard output. Columns: row, argmax,\n" +
    "logSumExp, max, entropy, margin, flags (1 NaN, 2 +inf, 4 -inf, 8 all -inf); with --targets also\n" +
    "target, targetLogprob, rank (0 the most likely; -1 ignored).",
  examples: [
    "logits score logits.npy scores.csv --targets labels.npy",
    "logits score logits.safetensors --name logits --top-k 5 --classes names.txt | head",
    "logits score 'part-*.npy' scores/ --shard auto --resume",
  ],
  run: (call) => withEngine(call, (engine) => run(call, engine)),
};

async function run(call: Call, engine: Parameters<typeof openScores>[0]): Promise<void> {
  const [input, output = "-"] = call.operands as [string, string?];
  const { options } = call;
  const format = outputFormat(call, output);
  if (!(SCORE_FORMATS as readonly string[]).includes(format)) {
    failUsage(`score writes ${SCORE_FORMATS.join(", ")}, got ${format}`);
  }
  const path = options.text("classes");
  const settings = {
    topK: readNumber("top-k", options.text("top-k") ?? "0", 0, true),
    temperature: readNumber("temperature", options.text("temperature") ?? "1"),
    ignoreIndex: ignoreIndexOf(call),
    names: path === undefined ? undefined : await readNames(path),
  };
  await runCommand(
    call,
    { input, output, format },
    (file, _rows, done) => openScores(engine, file, done, format as ScoreFormat, settings),
    {
      targets: options.text("targets"),
      targetsReading: readingOptions(call, "targets-"),
      ignoreIndex: settings.ignoreIndex,
    },
  );
}

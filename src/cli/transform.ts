/**
 * `logits softmax`, `log-softmax` and `sigmoid`: logits in, float32 of the same shape out.
 */
import type { Engine } from "../engine.js";
import { openRows } from "../io/openRows.js";
import type { RowBlock } from "../io/openRows.js";
import { WRITTEN_FORMATS, type WrittenFormat, createRowWriter } from "../io/rowWriter.js";
import type { ArrayBlock } from "../io/arrayBlock.js";
import {
  type Call,
  type Command,
  checkSignal,
  countRows,
  logitBlocks,
  makeEngine,
  readingOptions,
} from "./command.js";
import { COMMON_OPTIONS, INPUT_OPTIONS, type OptionTable } from "./options.js";
import { Progress } from "./progress.js";
import { failUsage, readNumber } from "./usage.js";

type Apply = (engine: Engine, block: RowBlock, options: AdjustedOptions) => ArrayBlock;

interface AdjustedOptions {
  readonly axis: number;
  readonly temperature: number;
}

export const OUTPUT_OPTIONS: OptionTable = {
  "out-format": { value: "FORMAT", help: "npy, safetensors, csv, tsv or jsonl" },
};

export function outputFormat({ options }: Call, path: string): WrittenFormat | undefined {
  const format = options.text("out-format") ?? (path === "-" ? "csv" : undefined);
  if (format !== undefined && !(WRITTEN_FORMATS as readonly string[]).includes(format)) {
    failUsage(`--out-format must be one of ${WRITTEN_FORMATS.join(", ")}, got ${format}`);
  }
  return format as WrittenFormat | undefined;
}

const ROW_OPTIONS: OptionTable = {
  axis: { value: "N", help: "the class axis, not the first (default -1, the last)" },
  temperature: { value: "T", help: "divide the logits by T first (default 1)" },
};

function transform(name: string, summary: string, rowwise: boolean, apply: Apply): Command {
  return {
    name,
    operands: "IN OUT",
    count: [2, 2],
    summary,
    options: {
      ...(rowwise ? ROW_OPTIONS : {}),
      ...OUTPUT_OPTIONS,
      ...INPUT_OPTIONS,
      ...COMMON_OPTIONS,
    },
    examples: [
      `logits ${name} logits.npy probabilities.npy`,
      `logits ${name} 'part-*.safetensors' out.npy --name logits`,
      `zcat logits.csv.gz | logits ${name} - - --format csv > out.csv`,
    ],
    run: (call) => run(call, rowwise, apply),
  };
}

async function run(call: Call, rowwise: boolean, apply: Apply): Promise<void> {
  const [input, output] = call.operands as [string, string];
  const { options, host } = call;
  const adjusted = {
    axis: readNumber("axis", options.text("axis") ?? "-1", -64, true),
    temperature: readNumber("temperature", options.text("temperature") ?? "1"),
  };
  if (adjusted.axis === 0) failUsage("--axis must not be 0, the axis along which files are read");
  const format = outputFormat(call, output);
  const reading = readingOptions(call);
  const engine = makeEngine(call);
  const total = await countRows(input, openRows(input, reading), reading);
  const writer = await createRowWriter(output, { format, rows: total });
  const progress = new Progress(call, total);
  let rows = 0;
  try {
    for await (const block of logitBlocks(call, input, reading, !rowwise)) {
      if (adjusted.axis + block.shape.length === 0) {
        failUsage("--axis must not name the first axis, along which files are read");
      }
      await writer.write(apply(engine, block, adjusted));
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

export const TRANSFORMS: readonly Command[] = [
  transform("softmax", "Probabilities of each row, e^z / Σ e^z.", true, (engine, block, options) =>
    engine.softmax(block, options),
  ),
  transform("log-softmax", "Log-probabilities of each row.", true, (engine, block, options) =>
    engine.logSoftmax(block, options),
  ),
  transform("sigmoid", "1 / (1 + e^-z) of every element.", false, (engine, block) =>
    engine.sigmoid(block),
  ),
];

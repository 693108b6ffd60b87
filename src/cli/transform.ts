/**
 * `logits softmax`, `log-softmax` and `sigmoid`: logits in, float32 of the same shape out.
 */
import type { ArrayBlock } from "../io/arrayBlock.js";
import { FLOATS, withDType } from "../io/narrow.js";
import type { RowBlock } from "../io/openRows.js";
import { rowWriterTo } from "../io/rowWriter.js";
import type { ParallelEngine } from "../parallel/parallelEngine.js";
import { type Call, type Command, withEngine } from "./command.js";
import { COMMON_OPTIONS, INPUT_OPTIONS, type OptionTable } from "./options.js";
import { OUTPUT_OPTIONS, outputFormat, runCommand } from "./rowCommand.js";
import { failUsage, readNumber } from "./usage.js";

type Apply = (
  engine: ParallelEngine,
  block: RowBlock,
  options: AdjustedOptions,
) => Promise<ArrayBlock>;

interface AdjustedOptions {
  readonly axis: number;
  readonly temperature: number;
}

const DTYPE_OPTION: OptionTable = {
  dtype: { value: "WORD", help: `${FLOATS.join(", ")} (default float32), rounded to nearest` },
};

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
      ...DTYPE_OPTION,
      ...OUTPUT_OPTIONS,
      ...INPUT_OPTIONS,
      ...COMMON_OPTIONS,
    },
    examples: [
      `logits ${name} logits.npy probabilities.npy`,
      `logits ${name} 'part-*.safetensors' out.npy --name logits`,
      `zcat logits.csv.gz | logits ${name} - - --format csv > out.csv`,
      `logits ${name} logits.npy parts/ --out-format npy --shard auto --resume`,
    ],
    run: (call) => withEngine(call, (engine) => run(call, engine, rowwise, apply)),
  };
}

async function run(
  call: Call,
  engine: ParallelEngine,
  rowwise: boolean,
  apply: Apply,
): Promise<void> {
  const [input, output] = call.operands as [string, string];
  const { options } = call;
  const adjusted = {
    axis: readNumber("axis", options.text("axis") ?? "-1", -64, true),
    temperature: readNumber("temperature", options.text("temperature") ?? "1"),
  };
  if (adjusted.axis === 0) failUsage("--axis must not be 0, the axis along which files are read");
  const dtype = FLOATS.find((one) => one === (options.text("dtype") ?? "float32"));
  if (dtype === undefined) failUsage(`--dtype must be one of ${FLOATS.join(", ")}`);
  const format = outputFormat(call, output);
  await runCommand(
    call,
    { input, output, format },
    (file, rows, done) => {
      const writer = rowWriterTo(file, format, { rows }, done);
      return {
        async write(block) {
          if (adjusted.axis + block.shape.length === 0) {
            failUsage("--axis must not name the first axis, along which files are read");
          }
          await writer.write(withDType(await apply(engine, block, adjusted), dtype));
        },
        finish: () => writer.finish(),
        abandon: () => writer.abandon(),
      };
    },
    { single: !rowwise },
  );
}

export const SOFTMAX = transform(
  "softmax",
  "Probabilities of each row, e^z / Σ e^z.",
  true,
  (engine, block, options) => engine.softmax(block, options),
);

export const LOG_SOFTMAX = transform(
  "log-softmax",
  "Log-probabilities of each row.",
  true,
  (engine, block, options) => engine.logSoftmax(block, options),
);

export const SIGMOID = transform(
  "sigmoid",
  "1 / (1 + e^-z) of every element.",
  false,
  (engine, block) => engine.sigmoid(block),
);

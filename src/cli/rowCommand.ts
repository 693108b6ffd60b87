/**
 * What the commands that write a row for a row have in common.
 */
import { WRITTEN_FORMATS, type WrittenFormat, writtenFormat } from "../io/rowWriter.js";
import { type RowJob, runRows } from "../jobs/runRows.js";
import { type Call, checkpointSeconds, readingOptions, shardOf, shardPath } from "./command.js";
import { type OptionTable, SHARD_OPTIONS } from "./options.js";
import { Progress } from "./progress.js";
import { failUsage } from "./usage.js";

export const OUTPUT_OPTIONS: OptionTable = {
  "out-format": { value: "FORMAT", help: "npy, safetensors, csv, tsv or jsonl" },
  ...SHARD_OPTIONS,
};

/** Options that do not change what is written. */
const NEUTRAL = [
  "shard",
  "resume",
  "checkpoint-seconds",
  "threads",
  "block-rows",
  "json",
  "quiet",
  "debug",
];

export function outputFormat(call: Call, path: string): WrittenFormat {
  const { options } = call;
  readingOptions(call); // a wrong option is told before a wrong name
  const isFolder = /[\\/]$/.test(path);
  const format = options.text("out-format") ?? (path === "-" || isFolder ? "csv" : undefined);
  if (format !== undefined && !(WRITTEN_FORMATS as readonly string[]).includes(format)) {
    failUsage(`--out-format must be one of ${WRITTEN_FORMATS.join(", ")}, got ${format}`);
  }
  return (format as WrittenFormat | undefined) ?? writtenFormat(path);
}

/**
 * Runs a job of rows as the command line says, with progress.
 *
 * @param open - the sink to an output
 */
export async function runCommand(
  call: Call,
  given: { readonly input: string; readonly output: string; readonly format: WrittenFormat },
  open: RowJob["open"],
  more: Partial<RowJob> = {},
): Promise<void> {
  const { options, host } = call;
  const shard = shardOf(call);
  const resume = options.flag("resume");
  const output = given.output === "-" ? "-" : await shardPath(given.output, shard, given.format);
  if (resume && output === "-") failUsage("--resume needs a file as its output");
  if (resume && /\.gz$/i.test(output) && !options.flag("quiet")) {
    host.err(`${output} is compressed: what was cut short begins anew\n`);
  }
  const progress = new Progress(call);
  const { rows, resumed } = await progress.during(() =>
    runRows({
      ...more,
      input: given.input,
      reading: readingOptions(call),
      output,
      open,
      shard,
      resume,
      key: JSON.stringify([call.name, options.without(NEUTRAL)]),
      checkpointSeconds: checkpointSeconds(call),
      signal: host.signal,
      onStart: (range, done) => progress.start(range, done),
      onRows: (count) => progress.add(count),
    }),
  );
  if (resumed && !options.flag("quiet")) host.err(`${output} is there already\n`);
  if (options.flag("json") && output !== "-") {
    host.out(`${JSON.stringify({ rows, out: output })}\n`);
  }
}

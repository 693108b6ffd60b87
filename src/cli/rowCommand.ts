/**
 * What the commands that write a row for a row have in common.
 */
import { WRITTEN_FORMATS, type WrittenFormat, writtenFormat } from "../io/rowWriter.js";
import { type RowJob, type RowSink, runRows } from "../jobs/runRows.js";
import { type Call, readingOptions, shardOf, shardPath } from "./command.js";
import { type OptionTable, SHARD_OPTIONS } from "./options.js";
import { Progress } from "./progress.js";
import { failUsage } from "./usage.js";

export const OUTPUT_OPTIONS: OptionTable = {
  "out-format": { value: "FORMAT", help: "npy, safetensors, csv, tsv or jsonl" },
  ...SHARD_OPTIONS,
};

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
 * @param open - the sink of a path
 */
export async function runCommand(
  call: Call,
  given: { readonly input: string; readonly output: string; readonly format: WrittenFormat },
  open: (path: string, rows: number | undefined) => Promise<RowSink>,
  more: Partial<RowJob> = {},
): Promise<void> {
  const { options, host } = call;
  const shard = shardOf(call);
  const resume = options.flag("resume");
  const output = given.output === "-" ? "-" : await shardPath(given.output, shard, given.format);
  if (resume && output === "-") failUsage("--resume needs a file as its output");
  const progress = new Progress(call);
  const { rows, resumed } = await progress.during(() =>
    runRows({
      ...more,
      input: given.input,
      reading: readingOptions(call),
      output,
      open: (count) => open(output, count),
      shard,
      resume,
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

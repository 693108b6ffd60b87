/**
 * `logits info`: what files hold, from their headers.
 */
import { type RowFileInfo, openRows } from "../io/openRows.js";
import { type Call, type Command, readingOptions } from "./command.js";
import { COMMON_OPTIONS, INPUT_OPTIONS } from "./options.js";
import { failUsage } from "./usage.js";

export const INFO: Command = {
  name: "info",
  operands: "FILE…",
  count: [1, Infinity],
  summary: "Formats, element types and shapes of files, from their headers.",
  options: { ...INPUT_OPTIONS, ...COMMON_OPTIONS },
  notes: "A shape begins with ? where rows can only be counted by reading them.",
  examples: ["logits info logits.npy", "logits info model.safetensors 'part-*.npz' --json"],
  run,
};

async function run(call: Call): Promise<void> {
  const { operands, options, host } = call;
  if (operands.includes("-")) failUsage("info needs files, not standard input");
  const found = await openRows(operands, readingOptions(call)).describe();
  if (options.flag("json")) {
    for (const { shape, ...rest } of found) {
      host.out(`${JSON.stringify({ ...rest, shape: shape.map((one) => one ?? null) })}\n`);
    }
    return;
  }
  const rows = found.map(cells);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows) {
    const line = row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ");
    host.out(`${line.trimEnd()}\n`);
  }
}

function cells({ file, format, name, dtype, shape }: RowFileInfo): string[] {
  const place = name === undefined ? file : `${file} ${JSON.stringify(name)}`;
  return [place, format, dtype, `(${shape.map((one) => one ?? "?").join(", ")})`];
}

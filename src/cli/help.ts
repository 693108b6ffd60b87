/**
 * The texts of --help, made from the tables of the commands.
 */
import type { Command } from "./command.js";

export function generalHelp(commands: readonly Command[]): string {
  const wide = Math.max(...commands.map(({ name, operands }) => name.length + operands.length + 1));
  const lines = commands.map(
    ({ name, operands, summary }) => `  ${`${name} ${operands}`.padEnd(wide)}  ${summary}`,
  );
  return [
    "Usage: logits COMMAND …",
    "",
    ...lines,
    "",
    "Reads .npy .npz .safetensors .parquet .csv .tsv .jsonl, gzipped too, larger than memory; several",
    'files by a pattern in quotes ("part-*.npy"); - is standard input or output.',
    "",
    "logits COMMAND --help shows options and examples. Exit codes: 0 done, 1 bad input, 2 wrong usage,",
    "130 interrupted.",
    "",
  ].join("\n");
}

export function commandHelp({
  name,
  operands,
  summary,
  options,
  notes,
  examples,
}: Command): string {
  const rows = Object.entries(options).map(([option, { value, help }]) => [
    `--${option}${value === undefined ? "" : ` ${value}`}`,
    help,
  ]);
  const wide = Math.max(...rows.map(([option]) => option!.length));
  return [
    `Usage: logits ${name} ${operands} [options]`,
    "",
    summary,
    ...(notes === undefined ? [] : ["", notes]),
    "",
    "Options:",
    ...rows.map(([option, help]) => `  ${option!.padEnd(wide)}  ${help}`),
    "",
    "Examples:",
    ...examples.map((example) => `  ${example}`),
    "",
  ].join("\n");
}

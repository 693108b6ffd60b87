/**
 * The options of each sub-command, as one table that is parsed, checked and printed by --help.
 */
import { parseArgs } from "node:util";
import { failUsage } from "./usage.js";

export interface OptionRow {
  /** Word for the value in the help; an option without one is a switch. */
  readonly value?: string;
  readonly help: string;
}

export type OptionTable = Readonly<Record<string, OptionRow>>;

export const INPUT_OPTIONS: OptionTable = {
  format: { value: "FORMAT", help: "npy, npz, safetensors, parquet, csv, tsv or jsonl" },
  name: { value: "NAME", help: "tensor of an .npz or .safetensors file" },
  columns: { value: "A,B,…", help: "columns of a table: names, or numbers from 0" },
  "no-header": { help: "the first line of .csv and .tsv holds numbers, not names" },
  "allow-nan": { help: "take nan in .csv and .tsv as a number" },
  "max-inflated-bytes": { value: "N", help: "most bytes that compressed input may become" },
  "block-rows": { value: "N", help: "rows read at a time (default: about 8 MiB)" },
};

/** Of commands that can be one of several processes. */
export const SHARD_OPTIONS: OptionTable = {
  shard: {
    value: "I/N",
    help: "the rows of shard I of N only (I from 0); auto: Slurm, auto/N: Kubernetes",
  },
  resume: { help: "go on where a run that ended early was; what is finished is left as it is" },
  "checkpoint-seconds": { value: "S", help: "how often FILE.checkpoint is written (default 5)" },
};

export const COMMON_OPTIONS: OptionTable = {
  threads: { value: "N", help: "threads that compute (default: one a core, at most 8)" },
  numerics: { value: "WORD", help: "auto, fma or strict: the same bits on every device" },
  json: { help: "print results as JSON" },
  quiet: { help: "no progress" },
  debug: { help: "print the stack of an error" },
  help: { help: "print this" },
};

export class Options {
  constructor(private readonly values: Readonly<Record<string, string | boolean | undefined>>) {}

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === "string" ? value : undefined;
  }

  /** All that are given but for these. */
  without(names: readonly string[]): [string, string | boolean | undefined][] {
    return Object.entries(this.values)
      .filter(([name]) => !names.includes(name))
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  flag(name: string): boolean {
    return this.values[name] === true;
  }
}

export interface CommandLine {
  readonly options: Options;
  readonly operands: readonly string[];
}

export function parseCommandLine(args: readonly string[], table: OptionTable): CommandLine {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: joinNegative(args, table),
      options,
      allowPositionals: true,
      strict: true,
    });
    const read = values as Record<string, string | boolean | undefined>;
    return { options: new Options(read), operands: positionals };
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\.\s|\n/);
    return failUsage(`${sentence?.replace(/\.$/, "")}; try --help`);
  }
}

/** `--ignore-index -100`: a number after an option that takes one is its value, not an option. */
function joinNegative(args: readonly string[], table: OptionTable): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1) ?? "";
    const takes = before.startsWith("--") && table[before.slice(2)]?.value !== undefined;
    if (takes && /^-\d/.test(arg)) joined[joined.length - 1] = `${before}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

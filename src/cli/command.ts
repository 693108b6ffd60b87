/**
 * What a sub-command is, and what it is given to work with.
 */
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { FORMATS } from "../io/openFile.js";
import type { OpenRowsOptions } from "../io/openRows.js";
import type { ParallelEngine } from "../parallel/parallelEngine.js";
import type { Numerics } from "../types.js";
import { readText } from "../jobs/jsonFile.js";
import { type Shard, WHOLE, readShard } from "../jobs/shard.js";
import type { OptionTable, Options } from "./options.js";
import { failUsage, readNumber } from "./usage.js";

/** The process as a command sees it. */
export interface Host {
  out(text: string): void;
  err(text: string): void;
  /** Whether standard error is a terminal, and how wide. */
  readonly terminal: boolean;
  readonly columns: number;
  readonly signal: AbortSignal;
}

export interface Call {
  readonly name: string;
  readonly options: Options;
  readonly operands: readonly string[];
  readonly host: Host;
}

export interface Command {
  readonly name: string;
  /** After the name: "IN OUT". */
  readonly operands: string;
  /** Fewest and most operands. */
  readonly count: readonly [number, number];
  readonly summary: string;
  readonly options: OptionTable;
  readonly examples: readonly string[];
  readonly notes?: string;
  run(call: Call): Promise<void>;
}

export function checkNumerics({ options }: Call): Numerics | "auto" {
  const numerics = options.text("numerics") ?? "auto";
  if (numerics !== "auto" && numerics !== "fma" && numerics !== "strict") {
    failUsage(`--numerics must be auto, fma or strict, got ${JSON.stringify(numerics)}`);
  }
  return numerics;
}

/** What --threads and --numerics say. */
export function computingOf(call: Call): { threads?: number; numerics: Numerics | "auto" } {
  const numerics = checkNumerics(call);
  const given = call.options.text("threads");
  if (given === undefined) return { numerics };
  return { numerics, threads: readNumber("threads", given, 1, true) };
}

/** Runs `work` with an engine of --threads and --numerics, and ends its workers. */
export async function withEngine<R>(
  call: Call,
  work: (engine: ParallelEngine) => Promise<R>,
): Promise<R> {
  const computing = computingOf(call);
  const { createParallelEngine } = await import("../parallel/createParallelEngine.js");
  const engine = await createParallelEngine(computing);
  try {
    return await work(engine);
  } finally {
    await engine.dispose();
  }
}

/** @param prefix - of the options that say how these files are read: "" or "targets-" */
export function readingOptions({ options }: Call, prefix = ""): OpenRowsOptions {
  const text = (name: string): string | undefined => options.text(prefix + name);
  const format = text("format");
  if (format !== undefined && !(FORMATS as readonly string[]).includes(format)) {
    failUsage(`--${prefix}format must be one of ${FORMATS.join(", ")}, got ${format}`);
  }
  const count = (name: string): number | undefined => {
    const value = options.text(name);
    return value === undefined ? undefined : readNumber(name, value, 1, true);
  };
  return {
    format: format as OpenRowsOptions["format"],
    name: text("name"),
    columns: text("columns")?.split(","),
    header: options.flag("no-header") ? false : undefined,
    allowNaN: options.flag("allow-nan") ? true : undefined,
    maxInflatedBytes: count("max-inflated-bytes"),
    blockRows: prefix === "" ? count("block-rows") : undefined,
  };
}

export function shardOf({ options }: Call): Shard {
  const text = options.text("shard");
  if (text === undefined) return WHOLE;
  return readShard(text, process.env);
}

export function checkpointSeconds({ options }: Call): number {
  return readNumber("checkpoint-seconds", options.text("checkpoint-seconds") ?? "5", 0);
}

/** Where a shard writes: the path itself, or in a folder a name that tells the shard. */
export async function shardPath(path: string, shard: Shard, ending: string): Promise<string> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => /[\\/]$/.test(path),
  );
  if (!isFolder) return path;
  await mkdir(path, { recursive: true });
  const index = String(shard.index).padStart(String(shard.count - 1).length, "0");
  return join(path, `shard-${index}-of-${shard.count}.${ending}`);
}

/** Names of classes, one a line. */
export async function readNames(path: string): Promise<string[]> {
  const text = await readText(path);
  return text
    .replace(/^\ufeff/, "")
    .replace(/\r?\n$/, "")
    .split(/\r?\n/);
}

/**
 * What a sub-command is, and what it is given to work with.
 */
import { createEngine } from "../createEngine.js";
import type { Engine } from "../engine.js";
import { failFile } from "../io/failFile.js";
import { FORMATS } from "../io/openFile.js";
import { type OpenRowsOptions, type RowBlock, type Rows, openRows } from "../io/openRows.js";
import { isFloat } from "../io/dtype.js";
import { failState } from "../check.js";
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

export function makeEngine({ options }: Call): Engine {
  const numerics = options.text("numerics") ?? "auto";
  if (numerics !== "auto" && numerics !== "fma" && numerics !== "strict") {
    failUsage(`--numerics must be auto, fma or strict, got ${JSON.stringify(numerics)}`);
  }
  return createEngine({ numerics });
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

/** Rows in all, where every file says how many it has. */
export async function countRows(
  path: string,
  rows: Rows,
  options: OpenRowsOptions,
): Promise<number | undefined> {
  if (path === "-" || path.startsWith("/dev/")) return undefined;
  const described = await rows.describe();
  if (described.length > 1 && options.name === undefined && described.some(({ name }) => name)) {
    return undefined; // reading will ask for a name
  }
  let total = 0;
  for (const { shape } of described) {
    if (shape[0] === undefined) return undefined;
    total += shape[0];
  }
  return total;
}

/** Blocks of logits, checked: floating-point, with classes unless `single` allows none. */
export async function* logitBlocks(
  call: Call,
  path: string,
  reading: OpenRowsOptions,
  single = false,
): AsyncGenerator<RowBlock> {
  for await (const block of openRows(path, reading)) {
    checkSignal(call.host.signal);
    const { file, dtype, shape } = block;
    if (!isFloat(dtype)) {
      const remedy = "name the file or tensor with the logits";
      const expected = "logits must be floating-point";
      failFile({ file, place: "header", expected, got: dtype, remedy });
    }
    if (shape.length < 2 && !single) {
      const remedy = "save the logits of a row together";
      const expected = "shape must be (rows, classes)";
      failFile({ file, place: "header", expected, got: `(rows)`, remedy });
    }
    yield block;
  }
}

export function checkSignal(signal: AbortSignal): void {
  if (signal.aborted) failState("ERR_ABORTED", "interrupted");
}

/**
 * Blocks of logits for jobs, checked; and how many rows there are of them.
 */
import { failState } from "../check.js";
import { isFloat } from "../io/dtype.js";
import { failFile } from "../io/failFile.js";
import { type OpenRowsOptions, type RowBlock, openRows } from "../io/openRows.js";
import { type RowRange, type Shard, shardRange } from "./shard.js";

export interface Reading extends OpenRowsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether rows may be single numbers, without classes. */
  readonly single?: boolean | undefined;
}

/**
 * Blocks of logits: floating-point, with classes unless `single`. A block lasts until the next is asked
 * for: fresh memory would cost more time than reading.
 */
export async function* logitBlocks(path: string, reading: Reading): AsyncGenerator<RowBlock> {
  const { signal, single = false, ...options } = reading;
  for await (const block of openRows(path, { ...options, reuse: true })) {
    checkSignal(signal);
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
  checkSignal(signal);
}

export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted) failState("ERR_ABORTED", "interrupted");
}

/** Rows in all, where every file says how many it has. */
export async function countRows(
  path: string,
  options: OpenRowsOptions,
): Promise<number | undefined> {
  if (path === "-" || path.startsWith("/dev/")) return undefined;
  const described = await openRows(path, options).describe();
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

/** The rows of a shard. All of them, to an end not known where files do not say, for the only one. */
export async function rangeOf(
  path: string,
  options: OpenRowsOptions,
  shard: Shard,
): Promise<RowRange> {
  const total = (await countRows(path, options)) ?? (shard.count === 1 ? Infinity : undefined);
  if (total === Infinity) return { first: 0, end: Infinity };
  return shardRange(shard, total ?? (await countByReading(path, options)));
}

/** Text does not say how many rows it has. */
async function countByReading(path: string, options: OpenRowsOptions): Promise<number> {
  if (path === "-" || path.startsWith("/dev/")) {
    failFile({
      file: path === "-" ? "standard input" : path,
      place: "path",
      expected: "shards must have files",
      got: "a stream",
      remedy: "save it, so that each shard can find its rows",
    });
  }
  let rows = 0;
  for await (const { shape } of openRows(path, options)) rows += shape[0]!;
  return rows;
}

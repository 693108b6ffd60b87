/**
 * What an operation plans and an engine runs.
 *
 * A job is a kernel over a number of rows together with its operands. An operand is anything with a
 * value per row: the logits, a gradient, the targets, the losses. The engine asks each for its place
 * (resident operands), or loads and stores tiles of rows through a staging block (the others), and
 * calls `run` for each tile. Nothing of a row's result depends on how rows were tiled.
 */
import type { Kernels } from "../wasm/exports.js";

export interface Operand {
  /** Bytes of one row as kernels see it (dense float32, or the operand's own type). */
  readonly rowBytes: number;
  /** Rows that are staged together, as columns: a tile has room for whole groups (default 1). */
  readonly group?: number;
  /** Rows of a tile are best a multiple of it: they share lines of the cache (default 1). */
  readonly together?: number;
  /** Elements along the class axis, for operands that have one; a long row is cut along it. */
  readonly classes?: number;
  /** Not cut even so: a short result of a long row. */
  readonly whole?: boolean;
  /** Address of row 0 when the rows already lie dense in linear memory, else 0. */
  readonly resident: number;
  /** Whether what `load` asks of kernels may wait: it reads linear memory, and each place once. */
  readonly deferrable?: boolean;
  /** Brings classes [from, from + count) of rows [row, row + rows) to `at`, dense. */
  load?(row: number, rows: number, from: number, count: number, at: number, scratch: number): void;
  /** Takes them from `at`. */
  store?(row: number, rows: number, from: number, count: number, at: number, scratch: number): void;
}

/** Rows [row, row + rows) and where each operand has them; `ptr[i]` belongs to operand i. */
export interface Tile {
  row: number;
  rows: number;
  readonly ptr: number[];
}

/** Bytes that a tile of `rows` rows needs in staging. */
export function stagedBytes({ rowBytes, group = 1 }: Operand, rows: number): number {
  return rowBytes * Math.ceil(rows / group) * group;
}

/** What the rows of every tile of a job but the last are a multiple of. */
export function granularityOf({ granularity = 1, operands }: Job<unknown>): number {
  let most = granularity;
  for (let i = 0; i < operands.length; i++) most = Math.max(most, operands[i]!.together ?? 1);
  return most;
}

/** The same kernel for a row that is fed in segments: entered, closed, then written. */
export interface Segments {
  /**
   * Whether a row's state is in its table alone once all segments are entered, so that several
   * instances may enter them and each that writes closes the row for itself.
   */
  readonly divisible?: boolean;
  /** A class whose block the instance that takes the row's result must have entered; −1 for none. */
  anchor?(): number;
  /** With `keep` the exponentials are left where the result goes, for `write` to find them. */
  enter(kernels: Kernels, tile: Tile, from: number, count: number, keep?: boolean): void;
  close(kernels: Kernels, tile: Tile): void;
  /**
   * Enters a segment anew and writes it, or writes what was `kept`; absent where no operand has one
   * result per class.
   */
  write?(kernels: Kernels, tile: Tile, from: number, count: number, kept?: boolean): void;
}

export interface Job<Result> {
  readonly rows: number;
  /** Elements along the class axis of the rows. */
  readonly classes: number;
  readonly operands: readonly Operand[];
  /** Rows of every tile but the last are a multiple of it, or of what operands ask for (default 1). */
  readonly granularity?: number;
  /** Most rows of a tile, where what they leave is to stay in cache. */
  readonly mostRows?: number;
  /** Whether `run` itself reads or writes linear memory: one thread then calls it, tile by tile. */
  readonly undivided?: boolean;
  run(kernels: Kernels, tile: Tile): void;
  readonly segments?: Segments;
  /** Jobs that are run in turn, each to its end, in place of `run`. */
  steps?(): Iterable<Step>;
  finish(kernels: Kernels): Result;
}

/** A job that is part of another, whose rows may be of something else. */
export interface Step extends Job<unknown> {
  /** Rows of the whole job that are done before it. */
  readonly done: number;
}

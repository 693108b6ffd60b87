/**
 * What every reader of a format gives: rows of one shape and type, block by block.
 */
import { type RowArray, type RowDType, ELEMENTS } from "./dtype.js";

export type Format = "npy" | "npz" | "safetensors" | "parquet" | "csv" | "tsv" | "jsonl";

export interface RowFile {
  readonly file: string;
  readonly format: Format;
  /** Name of the tensor, where the format has names. */
  readonly name?: string | undefined;
  readonly dtype: RowDType;
  /** Shape of one row: (N, C) has rows of shape [C]. */
  readonly rowShape: readonly number[];
  /** Number of rows, where it is known before all is read. */
  readonly rows: number | undefined;
  /**
   * Whole blocks of `blockRows` rows, and what is left over. Read once. With `reuse` a block may be
   * written over when the next is asked for.
   */
  blocks(blockRows: number, reuse?: boolean): AsyncIterable<RowArray>;
  /** Lets `blocks` begin at a row and end before another, where that costs no reading. */
  limit?(first: number, end: number): void;
  /** Fills `target` with whole rows from row `first` on, at once; where rows lie in order in a file. */
  readRows?(first: number, target: RowArray): void;
  /** The bytes of rows from `first` on as they lie in the file, where readRows is. */
  readBytes?(first: number, target: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

export interface ReadOptions {
  /** Tensor of an .npz or .safetensors file. */
  readonly name?: string | undefined;
  /** Columns of a table, by name or number from 0; or one column that holds lists. */
  readonly columns?: readonly (string | number)[] | undefined;
  /** Whether the first line of .csv and .tsv names the columns; told from its text where not given. */
  readonly header?: boolean | undefined;
  /** Whether "nan" is a number in .csv and .tsv (default false: an error with its line). */
  readonly allowNaN?: boolean | undefined;
  /** Most bytes that compressed data may become. */
  readonly maxInflatedBytes?: number | undefined;
}

/** Blocks hold about this many bytes where the caller does not say how many rows. */
const BLOCK_BYTES = 2 ** 23;

export function elementsPerRow(file: Pick<RowFile, "rowShape">): number {
  let size = 1;
  for (const dimension of file.rowShape) size *= dimension;
  return size;
}

export function defaultBlockRows(file: Pick<RowFile, "rowShape" | "dtype">): number {
  const rowBytes = elementsPerRow(file) * ELEMENTS[file.dtype].bytes;
  return Math.max(1, Math.floor(BLOCK_BYTES / Math.max(1, rowBytes)));
}

/** Begins reading the next block before the caller has done with this one. */
export async function* readAhead(
  counts: Iterable<number>,
  read: (count: number) => Promise<RowArray>,
): AsyncGenerator<RowArray> {
  let coming: Promise<RowArray> | undefined;
  try {
    for (const count of counts) {
      const block = coming;
      coming = block === undefined ? read(count) : block.then(() => read(count));
      coming.catch(() => {}); // met below, when its turn comes
      if (block !== undefined) yield await block;
    }
    if (coming !== undefined) yield await coming;
  } finally {
    await coming?.catch(() => {});
  }
}

/** Lengths of the blocks that `rows` rows are cut into. */
export function* blockCounts(rows: number, blockRows: number): Generator<number> {
  for (let row = 0; row < rows; row += blockRows) yield Math.min(blockRows, rows - row);
}

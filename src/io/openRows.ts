/**
 * Rows of files as blocks: the reading half of logits/io.
 */
import { checkBoolean, checkNumber, checkOptions, checkWord, fail } from "../check.js";
import type { RowArray, RowDType } from "./dtype.js";
import { failFile } from "./failFile.js";
import { FORMATS, openFile, tensorNames } from "./openFile.js";
import { expandPaths } from "./paths.js";
import {
  type Format,
  type ReadOptions,
  type RowFile,
  defaultBlockRows,
  elementsPerRow,
} from "./rowFile.js";

export interface OpenRowsOptions extends ReadOptions {
  /** Rows of a block (default: about 8 MiB of them). The last block of a file may have fewer. */
  readonly blockRows?: number | undefined;
  /** The first row to give, counted from 0 over all files (default 0). */
  readonly firstRow?: number | undefined;
  /** How many rows to give at most (default all). */
  readonly rows?: number | undefined;
  /** Whether `data` may be written over when the next block is asked for (default false). */
  readonly reuse?: boolean | undefined;
  /** Format, where names and first bytes do not tell it. */
  readonly format?: Format | undefined;
}

/** Some rows. Passes as logits or targets to every operation of an engine. */
export interface RowBlock {
  /** float16 and bfloat16 as bits in a Uint16Array; float64 from text formats. */
  readonly data: RowArray;
  /** [rows, …shape of a row]. */
  readonly shape: number[];
  readonly dtype: RowDType;
  /** Number of the first row, counted from 0 over all files. */
  readonly firstRow: number;
  /** The file it comes from. */
  readonly file: string;
}

/** One file among those that are read. */
export interface RowFileInfo {
  readonly file: string;
  readonly format: Format;
  readonly name: string | undefined;
  readonly dtype: RowDType;
  /** The first dimension is undefined where it shows only when all has been read. */
  readonly shape: readonly [number | undefined, ...number[]];
}

export interface Rows extends AsyncIterable<RowBlock> {
  /**
   * Opens every file as far as its header and closes it again; without `name`, one entry for each
   * tensor of .npz and .safetensors. Not for standard input, which can be read once only.
   */
  describe(): Promise<RowFileInfo[]>;
}

const OPTIONS = [
  "blockRows",
  "firstRow",
  "rows",
  "reuse",
  "format",
  "name",
  "columns",
  "header",
  "allowNaN",
  "maxInflatedBytes",
] as const;

/**
 * Reads rows of .npy, .npz, .safetensors, .parquet, .csv, .tsv and .jsonl files, also gzipped, block
 * by block: what is held is a block or two, whatever the size of the files.
 *
 * @param path - a file, a pattern such as `part-*.npy`, "-" for standard input, or a list of these;
 *   several files are read one after the other and must have rows of one shape.
 * @param options - see {@link OpenRowsOptions}.
 * @returns blocks `{ data, shape, firstRow, dtype, file }`; each can be iterated anew, except standard
 *   input. Nothing is opened before the first is asked for.
 * @throws {LogitsError} ERR_ARGUMENT_TYPE or ERR_ARGUMENT_VALUE at once for wrong arguments; ERR_FILE
 *   while reading, naming file, place and remedy.
 * @example
 * for await (const block of openRows("logits.npy", { blockRows: 4096 })) {
 *   engine.softmax(block);
 * }
 */
export function openRows(path: string | readonly string[], options?: OpenRowsOptions): Rows {
  const fn = "openRows";
  const given = checkOptions(fn, options, OPTIONS);
  const paths = typeof path === "string" ? [path] : path;
  const isList = Array.isArray(paths) && paths.length > 0;
  if (!isList || paths.some((one: unknown) => typeof one !== "string" || one === "")) {
    const expected = "must be a path or a list of paths";
    fail("ERR_ARGUMENT_TYPE", { fn, argument: "path", expected, got: path });
  }
  checkReadOptions(fn, given);
  return {
    [Symbol.asyncIterator]: () => blocksOf(paths, given),
    describe: () => describe(paths, given),
  };
}

function checkReadOptions(fn: string, given: OpenRowsOptions): void {
  const count = { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true };
  if (given.blockRows !== undefined) checkNumber(fn, "blockRows", given.blockRows, count);
  for (const name of ["firstRow", "rows"] as const) {
    if (given[name] !== undefined) checkNumber(fn, name, given[name], { ...count, min: 0 });
  }
  if (given.maxInflatedBytes !== undefined) {
    checkNumber(fn, "maxInflatedBytes", given.maxInflatedBytes, count);
  }
  if (given.format !== undefined) checkWord(fn, "format", given.format, FORMATS);
  if (given.reuse !== undefined) checkBoolean(fn, "reuse", given.reuse);
  if (given.header !== undefined) checkBoolean(fn, "header", given.header);
  if (given.allowNaN !== undefined) checkBoolean(fn, "allowNaN", given.allowNaN);
  if (given.name !== undefined && typeof given.name !== "string") {
    const expected = "must be a string";
    fail("ERR_ARGUMENT_TYPE", { fn, argument: "name", expected, got: given.name });
  }
  const { columns } = given;
  const known = (column: unknown): boolean =>
    typeof column === "string" || (typeof column === "number" && Number.isInteger(column));
  if (
    columns !== undefined &&
    !(Array.isArray(columns) && columns.length > 0 && columns.every(known))
  ) {
    const expected = "must be a list of names and numbers";
    fail("ERR_ARGUMENT_TYPE", { fn, argument: "columns", expected, got: columns });
  }
}

async function* blocksOf(
  paths: readonly string[],
  options: OpenRowsOptions,
): AsyncGenerator<RowBlock> {
  const { firstRow = 0 } = options;
  const endRow = firstRow + (options.rows ?? Infinity);
  let row = 0;
  let before: RowFile | undefined;
  for (const path of await expandPaths(paths)) {
    if (row >= endRow && before !== undefined) return;
    const file = await openFile(path, options);
    try {
      if (before !== undefined) checkSameRows(before, file);
      before = file;
      if (file.rows !== undefined && row + file.rows <= firstRow) {
        row += file.rows;
        continue;
      }
      if (file.limit) {
        const start = Math.max(0, firstRow - row);
        file.limit(start, Math.max(start, Math.min(file.rows!, endRow - row)));
        row += start;
      }
      const perRow = elementsPerRow(file);
      const blockRows = options.blockRows ?? defaultBlockRows(file);
      for await (const read of file.blocks(blockRows, options.reuse)) {
        const rows = read.length / perRow;
        const [from, to] = [Math.max(0, firstRow - row), Math.min(rows, endRow - row)];
        row += rows;
        if (from < to) {
          const data = from === 0 && to === rows ? read : read.slice(from * perRow, to * perRow);
          const first = row - rows + from;
          const shape = [to - from, ...file.rowShape];
          yield { data, shape, dtype: file.dtype, firstRow: first, file: file.file };
        }
        if (row >= endRow) return;
      }
    } finally {
      await file.close();
    }
  }
}

function checkSameRows(before: RowFile, file: RowFile): void {
  const [wanted, got] = [before, file].map(({ rowShape }) => `(rows, ${rowShape.join(", ")})`);
  if (wanted === got) return;
  failFile({
    file: file.file,
    place: "header",
    expected: `shape must be ${wanted} as in ${before.file}`,
    got: got!,
    remedy: "files that are read as one must have rows of one shape",
  });
}

async function describe(
  paths: readonly string[],
  options: OpenRowsOptions,
): Promise<RowFileInfo[]> {
  const found: RowFileInfo[] = [];
  for (const path of await expandPaths(paths)) {
    const names = options.name === undefined ? await tensorNames(path, options) : undefined;
    for (const wanted of names ?? [options.name]) {
      const opened = await openFile(path, { ...options, name: wanted });
      const { file, format, name, dtype, rowShape, rows } = opened;
      found.push({ file, format, name, dtype, shape: [rows, ...rowShape] });
      await opened.close();
    }
  }
  return found;
}

/**
 * Files of rows that lie in order, as one table that any thread reads at any place: .npy and
 * .safetensors, and .npz that is not compressed.
 */
import { type RowArray, type RowDType, ELEMENTS } from "./dtype.js";
import { type FileOptions, openFile } from "./openFile.js";
import { expandPaths } from "./paths.js";
import { type RowFile, elementsPerRow } from "./rowFile.js";

/** A file, and the number of its first row and of the row after its last, counted over all files. */
export interface Part {
  readonly file: string;
  readonly first: number;
  readonly end: number;
}

/** Plain data, which passes between threads. */
export interface TableInfo {
  readonly parts: readonly Part[];
  readonly dtype: RowDType;
  readonly rowShape: readonly number[];
  readonly options: FileOptions;
}

/** The table that some files are; undefined where they have to be read from front to back. */
export async function describeTable(
  path: string,
  options: FileOptions,
): Promise<TableInfo | undefined> {
  if (path === "-" || path.startsWith("/dev/")) return undefined;
  const parts: Part[] = [];
  let like: RowFile | undefined;
  for (const name of await expandPaths([path])) {
    const file = await openFile(name, options);
    await file.close();
    like ??= file;
    const isAlike =
      file.dtype === like.dtype && file.rowShape.join(",") === like.rowShape.join(",");
    if (file.readRows === undefined || file.rows === undefined || !isAlike) return undefined;
    const first = parts.at(-1)?.end ?? 0;
    parts.push({ file: name, first, end: first + file.rows });
  }
  return like && { parts, dtype: like.dtype, rowShape: like.rowShape, options };
}

/** The file that row `row` is in. */
export function partOf({ parts }: TableInfo, row: number): Part {
  let [low, high] = [0, parts.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (row < parts[middle]!.end) high = middle;
    else low = middle + 1;
  }
  return parts[low]!;
}

export const rowsOf = ({ parts }: TableInfo): number => parts.at(-1)?.end ?? 0;

export class RowTable {
  readonly #info: TableInfo;
  #open: { readonly part: Part; readonly file: RowFile } | undefined;

  constructor(info: TableInfo) {
    this.#info = info;
  }

  /** Fills `target` with whole rows from row `first` on, through as many files as it takes. */
  async read(first: number, target: RowArray): Promise<void> {
    const perRow = elementsPerRow(this.#info);
    const rows = target.length / perRow;
    for (let done = 0; done < rows;) {
      const part = partOf(this.#info, first + done);
      const count = Math.min(rows - done, part.end - first - done);
      const file = this.#open?.part === part ? this.#open.file : await this.#turnTo(part);
      const some = target.subarray(done * perRow, (done + count) * perRow);
      file.readRows!(first + done - part.first, some);
      done += count;
    }
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.file.close();
  }

  async #turnTo(part: Part): Promise<RowFile> {
    await this.close();
    const file = await openFile(part.file, this.#info.options);
    this.#open = { part, file };
    return file;
  }
}

/** Bytes of a row. */
export const rowBytes = (info: TableInfo): number =>
  elementsPerRow(info) * ELEMENTS[info.dtype].bytes;

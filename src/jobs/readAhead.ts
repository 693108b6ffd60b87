/**
 * Reads ahead of the threads of an evaluation while the disk is slower than they are. What is read is
 * thrown away: the system keeps it for the thread that takes the block.
 */
import { openFile } from "../io/openFile.js";
import type { RowFile } from "../io/rowFile.js";
import { type Part, type TableInfo, partOf, rowBytes } from "../io/rowTable.js";

/** Reads under way at once, and their bytes. */
const DEPTH = 4;
const CHUNK_BYTES = 2 ** 22;

export class ReadAhead {
  readonly #info: TableInfo;
  readonly #end: number;
  readonly #chunkRows: number;
  readonly #idle: Uint8Array[] = [];
  readonly #busy = new Set<Promise<void>>();
  #next = 0;
  #diskReads = Infinity;
  #open: { readonly part: Part; readonly file: Promise<RowFile> } | undefined;

  /** @param end - the row after the last that is of use */
  constructor(info: TableInfo, end: number) {
    this.#info = info;
    this.#end = end;
    this.#chunkRows = Math.max(1, Math.floor(CHUNK_BYTES / rowBytes(info)));
  }

  /**
   * Whether this process has read from a disk, and not only from the memory of the system, since this
   * was last asked. Windows does not tell.
   */
  diskWorked(): boolean {
    const reads = process.platform === "win32" ? 0 : process.resourceUsage().fsRead;
    const more = reads > this.#diskReads;
    this.#diskReads = reads;
    return more;
  }

  /** Reads some rows from `row` on, which the threads come to next. */
  follow(row: number): void {
    this.#next = Math.max(this.#next, row);
    const most = Math.min(this.#end, row + 2 * DEPTH * this.#chunkRows);
    while (this.#next < most && this.#busy.size < DEPTH) {
      const part = partOf(this.#info, this.#next);
      const rows = Math.min(this.#chunkRows, part.end - this.#next);
      const room = this.#idle.pop() ?? new Uint8Array(this.#chunkRows * rowBytes(this.#info));
      // What goes wrong here goes wrong again where the rows are needed.
      const work = this.#read(part, this.#next, room.subarray(0, rows * rowBytes(this.#info)))
        .catch(() => {})
        .then(() => {
          this.#busy.delete(work);
          this.#idle.push(room);
        });
      this.#busy.add(work);
      this.#next += rows;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#busy);
    const file = await this.#open?.file.catch(() => undefined);
    await file?.close();
  }

  async #read(part: Part, row: number, room: Uint8Array): Promise<void> {
    if (this.#open?.part !== part) {
      void this.#open?.file.then((file) => file.close()).catch(() => {});
      this.#open = { part, file: openFile(part.file, this.#info.options) };
    }
    const file = await this.#open.file;
    await file.readBytes!(row - part.first, room);
  }
}

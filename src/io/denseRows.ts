/**
 * Rows that lie one after the other, or column by column (Fortran order), in bytes: the data part of
 * .npy and .safetensors.
 */
import { type Bytes, FileBytes, failTruncated, readFully } from "./bytes.js";
import { type RowArray, type RowDType, ELEMENTS, bytesOf, swapBytes } from "./dtype.js";
import { failFile } from "./failFile.js";
import { type Format, type RowFile, blockCounts, elementsPerRow, readAhead } from "./rowFile.js";

export interface DenseLayout {
  readonly format: Format;
  readonly name?: string | undefined;
  readonly dtype: RowDType;
  readonly shape: readonly number[];
  readonly bigEndian?: boolean;
  readonly fortranOrder?: boolean;
}

/** A Fortran array in a stream is read whole before its first row is known; up to this size. */
const MOST_HELD_BYTES = 2 ** 28;

/** @param bytes - begins with the data; a file is known to hold all of it */
export function denseRows(bytes: Bytes, layout: DenseLayout): RowFile {
  const { format, name, dtype, shape, bigEndian = false } = layout;
  const [rows, ...rowShape] = shape;
  const place = name === undefined ? "data" : `tensor ${name}`;
  if (rows === undefined) {
    failFile({
      file: bytes.file,
      place,
      expected: "shape must have rows",
      got: "a single number, shape ()",
      remedy: "save it with a first dimension",
    });
  }
  const perRow = elementsPerRow({ rowShape });
  if (perRow === 0 && rows > 0) {
    failFile({
      file: bytes.file,
      place,
      expected: "rows must have at least one element",
      got: `shape (${shape.join(", ")})`,
      remedy: "leave out the empty dimension",
    });
  }
  const { bytes: width, Type } = ELEMENTS[dtype];
  const turned = (array: RowArray): RowArray => {
    if (bigEndian) swapBytes(array);
    return array;
  };
  // In one dimension, with one row or with rows of one element, both orders are the same.
  const byColumn = layout.fortranOrder === true && perRow > 1 && rows > 1;
  let [start, end] = [0, rows];
  return {
    file: bytes.file,
    format,
    name,
    dtype,
    rowShape,
    rows,
    close: () => bytes.close(),
    ...(bytes instanceof FileBytes && {
      limit: (first: number, last: number) => void ([start, end] = [first, last]),
    }),
    ...(bytes instanceof FileBytes &&
      !byColumn && {
        readRows(first: number, target: RowArray) {
          const got = bytes.readNow(bytesOf(target), first * perRow * width);
          if (got < target.byteLength) {
            failTruncated(bytes.file, `${place}, rows from ${first}`, target.byteLength, got);
          }
          turned(target);
        },
        readBytes: (first: number, target: Uint8Array) =>
          bytes.readAt(target, first * perRow * width),
      }),
    async *blocks(blockRows, reuse = false) {
      const counts = blockCounts(end - start, blockRows);
      const most = Math.min(blockRows, end - start) * perRow;
      const rooms: RowArray[] = [];
      // One block is with the caller while the next is read.
      const room = (length: number): RowArray => {
        if (!reuse) return new Type(length);
        const next = rooms.length < 2 ? new Type(most) : rooms.shift()!;
        rooms.push(next);
        return next.length === length ? next : next.subarray(0, length);
      };
      if (byColumn) {
        const columns = await FortranColumns.of(bytes, rows, rowShape, width, place);
        let first = start;
        yield* readAhead(counts, async (count) => {
          const array = room(count * perRow);
          await columns.read(array, first, count);
          first += count;
          return turned(array);
        });
        return;
      }
      let row = start;
      if (bytes instanceof FileBytes) bytes.seek(start * perRow * width);
      yield* readAhead(counts, async (count) => {
        const array = room(count * perRow);
        await readFully(bytes, bytesOf(array), `${place}, rows from ${row}`);
        row += count;
        return turned(array);
      });
    },
  };
}

/**
 * Element (n, i, j, …) of an (N, I, J, …) array in Fortran order lies at n + N · (i + I · (j + …)): a
 * block of rows is one run in each column.
 */
class FortranColumns {
  readonly #offsets: Float64Array;

  private constructor(
    private readonly file: string,
    private readonly readAt: (target: Uint8Array, position: number) => Promise<number>,
    private readonly rows: number,
    rowShape: readonly number[],
    private readonly width: number,
  ) {
    this.#offsets = columnOffsets(rowShape);
  }

  static async of(
    bytes: Bytes,
    rows: number,
    rowShape: readonly number[],
    width: number,
    place: string,
  ): Promise<FortranColumns> {
    if (bytes instanceof FileBytes) {
      const readAt = (target: Uint8Array, at: number): Promise<number> => bytes.readAt(target, at);
      return new FortranColumns(bytes.file, readAt, rows, rowShape, width);
    }
    const size = rows * elementsPerRow({ rowShape }) * width;
    if (size > MOST_HELD_BYTES) {
      failFile({
        file: bytes.file,
        place,
        expected: `Fortran order from a stream must have at most ${MOST_HELD_BYTES} bytes`,
        got: String(size),
        remedy: "decompress it to a file, or save numpy.ascontiguousarray(array)",
      });
    }
    const held = new Uint8Array(size);
    await readFully(bytes, held, place);
    const copy = async (target: Uint8Array, at: number): Promise<number> => {
      target.set(held.subarray(at, at + target.length));
      return target.length;
    };
    return new FortranColumns(bytes.file, copy, rows, rowShape, width);
  }

  async read(target: RowArray, first: number, count: number): Promise<void> {
    const { width, rows } = this;
    const perRow = this.#offsets.length;
    // Moved as unsigned words, so that no bit of a NaN changes.
    const Word = width === 1 ? Uint8Array : width === 2 ? Uint16Array : Uint32Array;
    const words = width / Word.BYTES_PER_ELEMENT;
    const to = new Word(target.buffer as ArrayBuffer);
    const run = new Word(count * words);
    const runBytes = new Uint8Array(run.buffer);
    for (let column = 0; column < perRow; column++) {
      const position = (this.#offsets[column]! * rows + first) * width;
      const got = await this.readAt(runBytes, position);
      if (got < runBytes.length) failTruncated(this.file, `column ${column}`, runBytes.length, got);
      for (let row = 0; row < count; row++) {
        const at = (row * perRow + column) * words;
        for (let word = 0; word < words; word++) to[at + word] = run[row * words + word]!;
      }
    }
  }
}

/** For each element of a row in C order, its number in Fortran order. */
function columnOffsets(rowShape: readonly number[]): Float64Array {
  const offsets = new Float64Array(elementsPerRow({ rowShape }));
  for (let element = 0; element < offsets.length; element++) {
    let rest = element;
    let offset = 0;
    for (let axis = rowShape.length - 1; axis >= 0; axis--) {
      const index = rest % rowShape[axis]!;
      rest = (rest - index) / rowShape[axis]!;
      let stride = 1;
      for (let lower = 0; lower < axis; lower++) stride *= rowShape[lower]!;
      offset += index * stride;
    }
    offsets[element] = offset;
  }
  return offsets;
}

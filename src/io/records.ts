/**
 * Rows of text formats: one record a row, gathered into float64 blocks. The first record tells the
 * number of columns; every other must have as many.
 */
import { failFile } from "./failFile.js";
import type { Format, RowFile } from "./rowFile.js";

export interface NumberRecord {
  readonly values: Float64Array;
  /** Number of its line from 1, or of its row from 0 where the format has no lines. */
  readonly line: number;
}

export interface RecordFile {
  readonly file: string;
  readonly format: Format;
  readonly records: AsyncGenerator<NumberRecord>;
  /** Whether the first record is one number, not a row of one; asked after it was read. */
  readonly single: () => boolean;
  readonly rows?: number | undefined;
  close(): Promise<void>;
}

export async function recordRows(from: RecordFile): Promise<RowFile> {
  const { file, format, records } = from;
  const first = await records.next();
  if (first.done) {
    failFile({
      file,
      place: format === "parquet" ? "row 0" : "line 1",
      expected: "must hold a row",
      got: "an empty file",
      remedy: "check how it was written",
    });
  }
  const columns = first.value.values.length;
  return {
    file,
    format,
    dtype: "float64",
    rowShape: from.single() ? [] : [columns],
    rows: from.rows,
    async close() {
      await records.return(undefined);
      await from.close();
    },
    async *blocks(blockRows) {
      let held: Float64Array[] = [first.value.values];
      const join = (): Float64Array => {
        const block = new Float64Array(held.length * columns);
        held.forEach((values, row) => block.set(values, row * columns));
        held = [];
        return block;
      };
      if (blockRows === 1) yield join();
      for await (const { values, line } of records) {
        if (values.length !== columns)
          failRagged(file, unitOf(format), line, columns, values.length);
        held.push(values);
        if (held.length >= blockRows) yield join();
      }
      if (held.length > 0) yield join();
    },
  };
}

function unitOf(format: Format): "line" | "row" {
  return format === "parquet" ? "row" : "line";
}

export function failRagged(
  file: string,
  unit: "line" | "row",
  line: number,
  columns: number,
  got: number,
): never {
  failFile({
    file,
    place: `${unit} ${line}`,
    expected: `must have ${columns} columns as the first row`,
    got: String(got),
    remedy: "every row must have the same columns",
  });
}

/** More digits than any float64 needs, and few enough for the pattern below. */
const MOST_CHARACTERS = 400;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITY = /^[+-]?inf(?:inity)?$/i;
const NAN = /^[+-]?nan$/i;

/** A finite number, ±inf or NaN as text; undefined for anything else, and for what overflows. */
export function parseNumber(text: string): number | undefined {
  if (text.length > MOST_CHARACTERS) return undefined;
  const trimmed = text.trim();
  if (NUMBER.test(trimmed)) {
    const value = Number(trimmed);
    return Number.isFinite(value) ? value : undefined;
  }
  if (INFINITY.test(trimmed)) return trimmed.startsWith("-") ? -Infinity : Infinity;
  return NAN.test(trimmed) ? NaN : undefined;
}

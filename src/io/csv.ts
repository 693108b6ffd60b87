/**
 * .csv and .tsv, through csv-parse: quotes, CRLF and a byte order mark as RFC 4180 and spreadsheets
 * have them. Every column that is read must hold numbers.
 */
import { Readable } from "node:stream";
import type { Bytes } from "./bytes.js";
import { failFile, messageOf, quoted } from "./failFile.js";
import { loadPeer } from "./peer.js";
import { type NumberRecord, failRagged, parseNumber, recordRows } from "./records.js";
import type { ReadOptions, RowFile } from "./rowFile.js";

/** A quote that is never closed must not gather a whole file. */
const MOST_RECORD_CHARACTERS = 3 * 2 ** 20;

interface TextRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

export async function openCsv(
  bytes: Bytes,
  format: "csv" | "tsv",
  options: ReadOptions,
): Promise<RowFile> {
  const records = numbersOf(bytes.file, textRecords(bytes, format), options);
  return recordRows({
    file: bytes.file,
    format,
    records,
    single: () => false,
    close: () => bytes.close(),
  });
}

async function* textRecords(bytes: Bytes, format: "csv" | "tsv"): AsyncGenerator<TextRecord> {
  const { parse } = await loadPeer(
    bytes.file,
    `.${format}`,
    "csv-parse",
    () => import("csv-parse"),
  );
  const parser = parse({
    bom: true,
    delimiter: format === "csv" ? "," : "\t",
    info: true,
    max_record_size: MOST_RECORD_CHARACTERS,
    relax_column_count: true,
    skip_empty_lines: true,
  });
  const source = Readable.from(bytes.chunks());
  source.on("error", (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const record of parser as AsyncIterable<TextRecord>) yield record;
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_FILE") throw error;
    const line = (error as { lines?: number }).lines ?? parser.info.lines;
    failFile({
      file: bytes.file,
      place: `line ${line}`,
      expected: `must be ${format}`,
      got: messageOf(error),
      remedy: "check the quotes and the separator",
      cause: error,
    });
  } finally {
    source.destroy();
    parser.destroy();
  }
}

async function* numbersOf(
  file: string,
  records: AsyncGenerator<TextRecord>,
  options: ReadOptions,
): AsyncGenerator<NumberRecord> {
  let picked: number[] | undefined;
  let names: readonly string[] | undefined;
  let width = 0;
  for await (const { record, info } of records) {
    const line = info.lines;
    if (picked === undefined) {
      const header = options.header ?? record.some((cell) => parseNumber(cell) === undefined);
      if (header) names = record.map((cell) => cell.trim());
      picked = pickColumns(file, options.columns, names, record.length);
      width = record.length;
      if (header) continue;
    }
    if (record.length !== width) failRagged(file, "line", line, width, record.length);
    const values = new Float64Array(picked.length);
    for (let i = 0; i < picked.length; i++) {
      const column = picked[i]!;
      const cell = record[column]!;
      const value = parseNumber(cell);
      if (value === undefined || (Number.isNaN(value) && !options.allowNaN)) {
        failCell(file, line, names?.[column] ?? column, cell, value !== undefined);
      }
      values[i] = value;
    }
    yield { values, line };
  }
}

function failCell(
  file: string,
  line: number,
  column: string | number,
  cell: string,
  isNaN: boolean,
): never {
  failFile({
    file,
    place: `line ${line}, column ${typeof column === "string" ? quoted(column) : column}`,
    expected: "must be a number",
    got: cell.trim() === "" ? "nothing" : quoted(cell),
    remedy: isNaN
      ? "mend the row, or allow it with allowNaN (--allow-nan)"
      : "mend the row, or name the columns that hold numbers",
  });
}

/** Numbers of the columns that are meant, in the order asked for. */
function pickColumns(
  file: string,
  wanted: ReadOptions["columns"],
  names: readonly string[] | undefined,
  width: number,
): number[] {
  if (wanted === undefined) return Array.from({ length: width }, (_, column) => column);
  return wanted.map((column) => {
    const named = names?.indexOf(String(column)) ?? -1;
    if (named >= 0) return named;
    const number = typeof column === "number" ? column : /^\d+$/.test(column) ? Number(column) : -1;
    if (Number.isInteger(number) && number >= 0 && number < width) return number;
    const got = names
      ? names.slice(0, 12).map(quoted).join(", ")
      : `${width} columns without names`;
    failFile({
      file,
      place: "line 1",
      expected: `must have the column ${quoted(String(column))}`,
      got,
      remedy: "name a column that is there, or its number from 0",
    });
  });
}

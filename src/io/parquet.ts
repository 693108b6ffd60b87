/**
 * .parquet, through hyparquet: number columns, or one column of lists. A row group is decoded at a
 * time, so it must fit in memory.
 */
import type { AsyncBuffer, FileMetaData } from "hyparquet";
import { type FileBytes, failTruncated } from "./bytes.js";
import { failFile, messageOf, quoted } from "./failFile.js";
import { loadPeer } from "./peer.js";
import { type NumberRecord, recordRows } from "./records.js";
import type { ReadOptions, RowFile } from "./rowFile.js";

const MOST_FOOTER_BYTES = 2 ** 24;
const MOST_GROUP_BYTES = 2 ** 30;

export async function openParquet(bytes: FileBytes, options: ReadOptions): Promise<RowFile> {
  const { file } = bytes;
  const library = await loadPeer(file, ".parquet", "hyparquet", () => import("hyparquet"));
  await checkFooter(bytes);
  const buffer = asyncBuffer(bytes);
  const metadata = await guarded(file, "footer", () => library.parquetMetadataAsync(buffer));
  const columns = pickColumns(file, metadata, options.columns);
  const rows = checkGroups(file, metadata, columns, bytes.size);
  async function* records(): AsyncGenerator<NumberRecord> {
    let first = 0;
    for (const [group, { num_rows }] of metadata.row_groups.entries()) {
      const end = first + Number(num_rows);
      const range = { file: buffer, metadata, columns, rowStart: first, rowEnd: end };
      const found = await guarded(file, `row group ${group}`, () =>
        library.parquetReadObjects(range),
      );
      for (const record of found) {
        yield { values: valuesOf(file, first, record, columns), line: first };
        first++;
      }
      if (first !== end) failTruncated(file, `row group ${group}, rows`, end, first);
    }
  }
  return recordRows({
    file,
    format: "parquet",
    records: records(),
    single: () => false,
    rows,
    close: () => bytes.close(),
  });
}

/** The footer's own length is the one number that is trusted before anything is parsed. */
async function checkFooter(bytes: FileBytes): Promise<void> {
  const end = Buffer.alloc(8);
  const whole = bytes.size >= 12 && (await bytes.readAt(end, bytes.size - 8)) === 8;
  if (!whole || end.toString("latin1", 4) !== "PAR1") {
    refuse(bytes.file, "footer", "must end with PAR1", whole ? "another ending" : "too few bytes");
  }
  const most = Math.min(MOST_FOOTER_BYTES, bytes.size - 12);
  const length = end.readUInt32LE();
  if (length > most) {
    refuse(bytes.file, "footer", `length must be at most ${most} bytes`, String(length));
  }
}

function asyncBuffer(bytes: FileBytes): AsyncBuffer {
  return {
    byteLength: bytes.size,
    async slice(start: number, end = bytes.size) {
      const length = end - start;
      if (!(start >= 0 && length >= 0 && end <= bytes.size)) {
        refuse(bytes.file, "pages", "must lie in the file", `bytes ${start} to ${end}`);
      }
      const target = new Uint8Array(length);
      await bytes.readAt(target, start);
      return target.buffer;
    },
  };
}

/** Sizes that the footer declares, before a row group is read. */
function checkGroups(
  file: string,
  metadata: FileMetaData,
  columns: readonly string[],
  fileBytes: number,
): number {
  let rows = 0;
  for (const [group, { num_rows, columns: chunks }] of metadata.row_groups.entries()) {
    const place = `row group ${group}`;
    let bytes = 0;
    for (const { meta_data: chunk } of chunks) {
      if (chunk === undefined || !columns.includes(chunk.path_in_schema[0]!)) continue;
      const packed = Number(chunk.total_compressed_size);
      if (!(packed >= 0 && packed <= fileBytes)) {
        refuse(file, place, "columns must lie in the file", `${packed} bytes`);
      }
      bytes += Math.max(0, Number(chunk.total_uncompressed_size));
    }
    // A run of equal values takes few bytes, but every row becomes an object.
    bytes = Math.max(bytes, Number(num_rows) * 8 * columns.length);
    if (!(Number(num_rows) >= 0 && bytes <= MOST_GROUP_BYTES)) {
      const remedy = "write smaller row groups";
      const expected = `must decode to at most ${MOST_GROUP_BYTES} bytes`;
      failFile({ file, place, expected, got: String(bytes), remedy });
    }
    rows += Number(num_rows);
  }
  return rows;
}

function pickColumns(
  file: string,
  metadata: FileMetaData,
  wanted: ReadOptions["columns"],
): string[] {
  const names = topNames(metadata);
  return (wanted ?? names).map((column) => {
    if (names.includes(String(column))) return String(column);
    const numbered = /^\d+$/.test(String(column)) ? names[Number(column)] : undefined;
    return (
      numbered ??
      failFile({
        file,
        place: "footer",
        expected: `must have the column ${quoted(String(column))}`,
        got: names.slice(0, 12).map(quoted).join(", ") || "none",
        remedy: "name a column that is there, or its number from 0",
      })
    );
  });
}

/** Names below the root of the schema, which is listed depth first. */
function topNames({ schema }: FileMetaData): string[] {
  const names: string[] = [];
  let inside = 0;
  for (const { name, num_children: children = 0 } of schema.slice(1)) {
    if (inside > 0) inside--;
    else names.push(name);
    inside += children;
  }
  return names;
}

function valuesOf(
  file: string,
  row: number,
  record: Readonly<Record<string, unknown>>,
  columns: readonly string[],
): Float64Array {
  const cells = columns.map((column) => (Object.hasOwn(record, column) ? record[column] : null));
  const only = cells[0];
  const list = cells.length === 1 && (Array.isArray(only) || ArrayBuffer.isView(only));
  const given = list ? (only as ArrayLike<unknown>) : cells;
  const values = new Float64Array(given.length);
  for (let i = 0; i < values.length; i++) {
    const cell = given[i];
    const value =
      typeof cell === "bigint" || typeof cell === "boolean" ? Number(cell) : (cell as number);
    if (typeof value !== "number" || (typeof cell === "bigint" && !Number.isSafeInteger(value))) {
      const place = `row ${row}, column ${quoted(list ? columns[0]! : columns[i]!)}`;
      const got = cell === null || cell === undefined ? "null" : quoted(String(cell));
      const remedy = "name the columns that hold numbers, and fill what is missing";
      failFile({ file, place, expected: "must be a number", got, remedy });
    }
    values[i] = value;
  }
  return values;
}

/** Whatever the library throws about a damaged file, as an error that names file and place. */
async function guarded<R>(file: string, place: string, run: () => Promise<R>): Promise<R> {
  try {
    return await run();
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_FILE") throw error;
    failFile({
      file,
      place,
      expected: "must be Parquet that hyparquet reads",
      got: messageOf(error),
      remedy: "write it again, uncompressed or with snappy",
      cause: error,
    });
  }
}

function refuse(file: string, place: string, expected: string, got: string): never {
  failFile({ file, place, expected, got, remedy: "the file is damaged: write it again" });
}

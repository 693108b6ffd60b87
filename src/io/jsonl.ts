/**
 * .jsonl: one JSON value a line. A row is an array of numbers, one number, or an object with a field
 * that holds one of these; or several fields that hold a number each.
 */
import type { Bytes } from "./bytes.js";
import { failFile, messageOf, quoted } from "./failFile.js";
import { type NumberRecord, recordRows } from "./records.js";
import type { ReadOptions, RowFile } from "./rowFile.js";

/** A row of 128,000 logits with 17 digits has 3 MB. */
const MOST_LINE_BYTES = 2 ** 22;
const MOST_DEPTH = 4;
/** A row is one array; what a line says beside it is small. */
const MOST_ARRAYS = 1000;

export async function openJsonl(bytes: Bytes, options: ReadOptions): Promise<RowFile> {
  const state: { single: boolean } = { single: false };
  return recordRows({
    file: bytes.file,
    format: "jsonl",
    records: numbersOf(bytes, options, state),
    single: () => state.single,
    close: () => bytes.close(),
  });
}

async function* numbersOf(
  bytes: Bytes,
  { columns }: ReadOptions,
  state: { single: boolean },
): AsyncGenerator<NumberRecord> {
  const { file } = bytes;
  for await (const { text, line } of linesOf(bytes)) {
    if (/^\s*$/.test(text)) continue;
    const place = `line ${line}`;
    const value = field(file, place, parse(file, place, text), columns);
    state.single = typeof value === "number";
    const row = typeof value === "number" ? [value] : value;
    if (!Array.isArray(row) || row.length === 0) {
      refuse(file, place, "must be a number or an array of numbers", describe(value));
    }
    const values = new Float64Array(row.length);
    for (let i = 0; i < row.length; i++) {
      const number: unknown = row[i];
      if (typeof number !== "number" || !Number.isFinite(number)) {
        refuse(file, `${place}, element ${i}`, "must be a finite number", describe(number));
      }
      values[i] = number;
    }
    yield { values, line };
  }
}

/** The part of a line that is meant. */
function field(
  file: string,
  place: string,
  value: unknown,
  columns: ReadOptions["columns"],
): unknown {
  if (typeof value !== "object" || value === null) return value;
  const own = (name: string | number): unknown => {
    if (Object.hasOwn(value, name)) return (value as Record<string, unknown>)[name];
    const names = Array.isArray(value)
      ? `${value.length} elements`
      : Object.keys(value).slice(0, 12).map(quoted).join(", ");
    return refuse(file, place, `must have ${quoted(String(name))}`, names || "no field");
  };
  if (columns === undefined) {
    if (Array.isArray(value)) return value;
    const names = Object.keys(value);
    if (names.length === 1) return own(names[0]!);
    const got = names.slice(0, 12).map(quoted).join(", ") || "none";
    const remedy = "name the field to read as a column";
    return failFile({ file, place, expected: "must have one field", got, remedy });
  }
  return columns.length === 1 ? own(columns[0]!) : columns.map(own);
}

function parse(file: string, place: string, text: string): unknown {
  let depth = 0;
  let arrays = 0;
  let quote = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) quote = !quote;
    else if (quote) i += code === 0x5c ? 1 : 0;
    else if (code === 0x5d || code === 0x7d) depth--;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > MOST_DEPTH) refuse(file, place, `must nest at most ${MOST_DEPTH} deep`, "more");
      if (++arrays > MOST_ARRAYS) {
        refuse(file, place, `must hold at most ${MOST_ARRAYS} arrays and objects`, "more");
      }
    }
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    return refuse(file, place, "must be JSON", messageOf(error));
  }
}

async function* linesOf(bytes: Bytes): AsyncGenerator<{ text: string; line: number }> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let line = 0;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const take = (): { text: string; line: number } => {
    const all = Buffer.concat(held);
    held = [];
    heldBytes = 0;
    line++;
    try {
      return { text: decoder.decode(all), line };
    } catch {
      return refuse(bytes.file, `line ${line}`, "must be UTF-8", "other bytes");
    }
  };
  for await (const chunk of bytes.chunks()) {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(10, from);
      const part = chunk.subarray(from, end < 0 ? undefined : end);
      heldBytes += part.length;
      if (heldBytes > MOST_LINE_BYTES) {
        const expected = `must have at most ${MOST_LINE_BYTES} bytes`;
        refuse(bytes.file, `line ${line + 1}`, expected, "more");
      }
      held.push(part);
      if (end < 0) break;
      yield take();
      from = end + 1;
    }
  }
  if (heldBytes > 0) yield take();
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  if (typeof value === "string") return quoted(value);
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

function refuse(file: string, place: string, expected: string, got: string): never {
  failFile({ file, place, expected, got, remedy: "write one row of numbers as JSON on each line" });
}

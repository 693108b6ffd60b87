/**
 * .safetensors files. Offsets must cover the data without hole, overlap or rest; tensors without
 * elements may stand anywhere in it.
 */
import { type Bytes, FileBytes, readFully, skip } from "./bytes.js";
import { denseRows } from "./denseRows.js";
import { type RowDType, ELEMENTS, checkedSize } from "./dtype.js";
import { failFile, quoted } from "./failFile.js";
import { pickName } from "./pickName.js";
import type { ReadOptions, RowFile } from "./rowFile.js";
import { type TensorEntry, parseSafetensorsHeader } from "./safetensorsHeader.js";

/** The format allows 100 MB; a header of real models has some hundred KB. */
const MOST_HEADER_BYTES = 2 ** 23;

export const SAFETENSORS_DTYPES: Readonly<Record<string, RowDType>> = {
  F16: "float16",
  BF16: "bfloat16",
  F32: "float32",
  F64: "float64",
  I8: "int8",
  U8: "uint8",
  I16: "int16",
  U16: "uint16",
  I32: "int32",
  U32: "uint32",
  I64: "int64",
  U64: "uint64",
  BOOL: "uint8",
};

/** Types that can stand beside the tensor that is read, in bits. */
const OTHER_BITS: Readonly<Record<string, number>> = {
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  C64: 64,
};

interface SafetensorsHeader {
  readonly entries: Map<string, TensorEntry>;
  readonly dataStart: number;
}

async function readHeader(bytes: Bytes): Promise<SafetensorsHeader> {
  const { file } = bytes;
  const field = Buffer.alloc(8);
  await readFully(bytes, field, "header");
  const length = field.readBigUInt64LE();
  const room = bytes.size === undefined ? MOST_HEADER_BYTES : bytes.size - 8;
  const most = Math.min(MOST_HEADER_BYTES, room);
  if (length > BigInt(most)) {
    refuse(file, "header", `length must be at most ${most} bytes`, String(length));
  }
  const raw = new Uint8Array(Number(length));
  await readFully(bytes, raw, "header");
  const entries = parseSafetensorsHeader(file, decode(file, raw));
  const dataStart = 8 + raw.length;
  checkEntries(file, entries, bytes.size === undefined ? undefined : bytes.size - dataStart);
  return { entries, dataStart };
}

export async function safetensorsNames(bytes: Bytes): Promise<string[]> {
  return [...(await readHeader(bytes)).entries.keys()];
}

export async function openSafetensors(bytes: Bytes, options: ReadOptions): Promise<RowFile> {
  const { file } = bytes;
  const { entries, dataStart } = await readHeader(bytes);
  const name = pickName(file, [...entries.keys()], options.name);
  const { dtype: code, shape, start, end } = entries.get(name)!;
  const dtype = Object.hasOwn(SAFETENSORS_DTYPES, code) ? SAFETENSORS_DTYPES[code] : undefined;
  if (dtype === undefined) {
    const known = Object.keys(SAFETENSORS_DTYPES).join(", ");
    refuse(file, `tensor ${quoted(name)}`, `dtype must be one of ${known}`, code);
  }
  if (!(bytes instanceof FileBytes)) await skip(bytes, start, `tensor ${name}`);
  const data = bytes instanceof FileBytes ? bytes.part(dataStart + start, dataStart + end) : bytes;
  return denseRows(data, { format: "safetensors", name, dtype, shape });
}

function decode(file: string, raw: Uint8Array): string {
  if (raw[0] !== 0x7b) refuse(file, "header", "must begin with {", `byte ${raw[0] ?? "missing"}`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    refuse(file, "header", "must be UTF-8", "other bytes");
  }
  return text.trimEnd();
}

/** Sizes, then that the tensors in order of their offsets follow one another from 0 to the end. */
function checkEntries(
  file: string,
  entries: ReadonlyMap<string, TensorEntry>,
  dataBytes: number | undefined,
): void {
  for (const [name, { dtype, shape, start, end }] of entries) {
    const place = `tensor ${quoted(name)}`;
    const bits = bitsOf(dtype);
    if (bits === undefined) refuse(file, place, "dtype must be known", quoted(dtype));
    const size = checkedSize([...shape, bits]);
    if (size === undefined || size / 8 !== end - start) {
      const wanted = size === undefined ? "fewer than 2^53 bits" : `${size / 8} bytes`;
      const got = `offsets ${start} to ${end}`;
      refuse(file, place, `shape [${shape.slice(0, 8).join(", ")}] must have ${wanted}`, got);
    }
  }
  const inOrder = [...entries].sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
  let next = 0;
  for (const [name, { start, end }] of inOrder) {
    if (start === end && start <= (dataBytes ?? Infinity)) continue;
    if (start !== next) {
      refuse(file, `tensor ${quoted(name)}`, `data must begin at ${next}`, String(start));
    }
    next = end;
  }
  if (dataBytes !== undefined && next !== dataBytes) {
    refuse(file, "data", `must have ${next} bytes`, String(dataBytes));
  }
}

function bitsOf(dtype: string): number | undefined {
  if (Object.hasOwn(SAFETENSORS_DTYPES, dtype))
    return ELEMENTS[SAFETENSORS_DTYPES[dtype]!].bytes * 8;
  return Object.hasOwn(OTHER_BITS, dtype) ? OTHER_BITS[dtype] : undefined;
}

function refuse(file: string, place: string, expected: string, got: string): never {
  const remedy = "the file is damaged or cut short: write it again";
  failFile({ file, place, expected, got, remedy });
}

/**
 * The header of .npy files: a Python dictionary with the keys descr, fortran_order and shape. Read by
 * a parser of exactly that, so that nothing in a file is ever run; strings, booleans, integers and
 * one tuple are all it knows, and it does not nest.
 */
import { type Bytes, readFully } from "./bytes.js";
import { type RowDType, ELEMENTS, checkedSize } from "./dtype.js";
import { failFile, quoted } from "./failFile.js";

export interface NpyHeader {
  readonly dtype: RowDType;
  readonly bigEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Bytes before the data. */
  readonly dataStart: number;
  readonly dataBytes: number;
}

/** As NumPy's max_header_size. */
const MOST_HEADER_BYTES = 10_000;
const MOST_DIMENSIONS = 64;
const MAGIC = "\x93NUMPY";

const DTYPES: Readonly<Record<string, RowDType>> = {
  f2: "float16",
  f4: "float32",
  f8: "float64",
  i1: "int8",
  i2: "int16",
  i4: "int32",
  i8: "int64",
  u1: "uint8",
  u2: "uint16",
  u4: "uint32",
  u8: "uint64",
  b1: "uint8",
};

type Value = string | boolean | number[];

export async function readNpyHeader(bytes: Bytes): Promise<NpyHeader> {
  const { file } = bytes;
  const start = Buffer.alloc(8);
  await readFully(bytes, start, "header");
  if (start.toString("latin1", 0, 6) !== MAGIC) {
    const got = quoted(start.toString("latin1", 0, 6));
    refuse(file, "must begin with \\x93NUMPY", got, "name the format it has");
  }
  const version = start[6]!;
  if (version < 1 || version > 3) refuse(file, "version must be 1, 2 or 3", String(version));
  const field = Buffer.alloc(version === 1 ? 2 : 4);
  await readFully(bytes, field, "header");
  const length = version === 1 ? field.readUInt16LE() : field.readUInt32LE();
  if (length > MOST_HEADER_BYTES) {
    refuse(file, `length must be at most ${MOST_HEADER_BYTES} bytes`, String(length));
  }
  const text = Buffer.alloc(length);
  await readFully(bytes, text, "header");
  const values = new HeaderParser(file, text.toString(version === 3 ? "utf8" : "latin1")).parse();
  return interpret(file, values, 8 + field.length + length);
}

function interpret(file: string, values: Map<string, Value>, dataStart: number): NpyHeader {
  const descr = values.get("descr");
  const fortranOrder = values.get("fortran_order");
  const shape = values.get("shape");
  if (values.size !== 3 || descr === undefined || fortranOrder === undefined || !shape) {
    const got = [...values.keys()].map(quoted).join(", ");
    refuse(file, "must have the keys descr, fortran_order and shape", got || "none");
  }
  if (typeof fortranOrder !== "boolean") {
    refuse(file, "fortran_order must be True or False", typeof fortranOrder);
  }
  if (!Array.isArray(shape)) refuse(file, "shape must be a tuple", typeof shape);
  const [, order, code] = (typeof descr === "string" && /^([<>|=])([a-z]\d)$/.exec(descr)) || [];
  const dtype = code !== undefined && Object.hasOwn(DTYPES, code) ? DTYPES[code] : undefined;
  if (dtype === undefined) {
    const got = typeof descr === "string" ? quoted(descr) : "another value";
    const kinds = "f2, f4, f8, i1 to i8, u1 to u8 or b1 after < or >";
    refuse(file, `descr must be ${kinds}`, got, "save numbers with array.astype('float32')");
  }
  const { bytes } = ELEMENTS[dtype];
  const dataBytes = checkedSize([...shape, bytes]);
  if (shape.length > MOST_DIMENSIONS || dataBytes === undefined) {
    refuse(file, "shape must have fewer than 2^53 bytes", `(${shape.slice(0, 8).join(", ")})`);
  }
  return { dtype, bigEndian: order === ">", fortranOrder, shape, dataStart, dataBytes };
}

class HeaderParser {
  #at = 0;

  constructor(
    private readonly file: string,
    private readonly text: string,
  ) {}

  /** { 'key': value, … }, with a comma at the end or without. A repeated key counts as its last. */
  parse(): Map<string, Value> {
    const values = new Map<string, Value>();
    this.#expect("{");
    while (!this.#accept("}")) {
      const key = this.#string();
      this.#expect(":");
      values.set(key, this.#value());
      if (!this.#accept(",")) {
        this.#expect("}");
        break;
      }
    }
    if (/\S/.test(this.text.slice(this.#at))) this.#fail("the end");
    return values;
  }

  #value(): Value {
    if (this.#word("True")) return true;
    if (this.#word("False")) return false;
    if (this.#accept("(")) return this.#tuple();
    const next = this.text[this.#at];
    if (next === "'" || next === '"') return this.#string();
    if (next === "[") {
      const remedy = "save one array of numbers, without dtype=object and without fields";
      refuse(this.file, "descr must be a simple type", "a structured type", remedy);
    }
    return this.#fail("a string, True, False or a tuple of integers");
  }

  #tuple(): number[] {
    const values: number[] = [];
    while (!this.#accept(")")) {
      const digits = this.#match(/\d{1,20}(?![\d.eE])/y) ?? this.#fail("an integer of at least 0");
      this.#match(/L/y); // Python 2
      values.push(Number(digits));
      if (values.length > MOST_DIMENSIONS) this.#fail(`at most ${MOST_DIMENSIONS} dimensions`);
      if (!this.#accept(",")) {
        this.#expect(")");
        break;
      }
    }
    return values;
  }

  #string(): string {
    this.#match(/u/y); // Python 2
    const text = this.#match(/'[^'\\]*'|"[^"\\]*"/y) ?? this.#fail("a string");
    return text.slice(1, -1);
  }

  #word(word: string): boolean {
    return this.#match(new RegExp(`${word}\\b`, "y")) !== undefined;
  }

  #accept(sign: string): boolean {
    return this.#match(new RegExp(`\\${sign}`, "y")) !== undefined;
  }

  #expect(sign: string): void {
    if (!this.#accept(sign)) this.#fail(JSON.stringify(sign));
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) return undefined;
    const space = /\s*/y;
    space.lastIndex = this.#at + found.length;
    space.exec(this.text);
    this.#at = space.lastIndex;
    return found;
  }

  #fail(wanted: string): never {
    const got = this.#at < this.text.length ? quoted(this.text.slice(this.#at)) : "its end";
    refuse(this.file, `character ${this.#at} must be ${wanted}`, got);
  }
}

function refuse(
  file: string,
  expected: string,
  got: string,
  remedy = "write it again with numpy.save",
): never {
  failFile({ file, place: "header", expected, got, remedy });
}

const CODES = Object.fromEntries(
  Object.entries(DTYPES)
    .filter(([code]) => code !== "b1")
    .map(([code, dtype]) => [dtype, code]),
) as Partial<Record<RowDType, string>>;

/**
 * Version 1.0 header of a little-endian array in C order, padded to a multiple of 64 bytes.
 *
 * @param room - room for the shape to grow by, so that rows can be counted later
 */
export function npyHeader(dtype: RowDType, shape: readonly number[], room = 0): Buffer {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const code = CODES[dtype] ?? "f4";
  const order = code.endsWith("1") ? "|" : "<";
  const dict = `{'descr': '${order}${code}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + dict.length + room + 1) / 64) * 64;
  const header = Buffer.alloc(length, " ", "latin1");
  header.write(`${MAGIC}\x01\x00`, 0, "latin1");
  header.writeUInt16LE(length - 10, 8);
  header.write(dict, 10, "latin1");
  header.write("\n", length - 1, "latin1");
  return header;
}

/**
 * A classifier as the bytes of a .safetensors file: its arrays, and the rest as metadata.
 *
 *   u64 length of the header · header, JSON · arrays, one after the other
 */
import { failState } from "../check.js";

export interface SavedArray {
  readonly dtype: "F32" | "F64";
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

const VIEWS = { F32: Float32Array, F64: Float64Array } as const;
const MOST_HEADER = 100_000_000;

/** UTF-8 of JSON whose other characters are escaped, so that it is ASCII. */
function asciiOf(text: string): Uint8Array {
  const escaped = text.replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return Uint8Array.from(escaped, (character) => character.charCodeAt(0));
}

export function writeSaved(
  metadata: Readonly<Record<string, string>>,
  arrays: Readonly<Record<string, SavedArray>>,
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { dtype, shape, data }] of Object.entries(arrays)) {
    header[name] = { dtype, shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const text = JSON.stringify(header);
  const bytes = asciiOf(text);
  const length = Math.ceil(bytes.length / 8) * 8;
  const file = new Uint8Array(8 + length + end);
  new DataView(file.buffer).setUint32(0, length, true);
  file.fill(0x20, 8, 8 + length);
  file.set(bytes, 8);
  let at = 8 + length;
  for (const { data } of Object.values(arrays)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

export interface Saved {
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The array of a name, its shape and kind as said; refuses what does not fit. */
  array(name: string, dtype: "F32" | "F64", shape: readonly number[]): Float32Array | Float64Array;
  has(name: string): boolean;
}

export function readSaved(fn: string, value: unknown): Saved {
  const refuse = (what: string): never =>
    failState("ERR_FILE", `${fn}: bytes must be those of LinearClassifier.save, ${what}`);
  const isBytes = ArrayBuffer.isView(value);
  if (!isBytes && Object.prototype.toString.call(value) !== "[object ArrayBuffer]") {
    refuse("a Uint8Array or ArrayBuffer");
  }
  const bytes = isBytes
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value as ArrayBuffer);
  if (bytes.length < 8) refuse(`got ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = view.getUint32(0, true);
  if (view.getUint32(4, true) !== 0 || length > MOST_HEADER || 8 + length > bytes.length) {
    refuse("their header reaches past the end");
  }
  let text = "";
  for (let i = 8; i < 8 + length; i++) text += String.fromCharCode(bytes[i]!);
  const header = parse(text) ?? refuse("their header is no JSON object");
  const field = (from: object, name: string): unknown =>
    Object.hasOwn(from, name) ? (from as Record<string, unknown>)[name] : undefined;
  const metadata = field(header, "__metadata__");
  if (typeof metadata !== "object" || metadata === null) refuse("they hold no metadata");
  const start = 8 + length;
  return {
    metadata: metadata as Record<string, unknown>,
    has: (name) => Object.hasOwn(header, name),
    array(name, dtype, shape) {
      const entry = field(header, name);
      if (typeof entry !== "object" || entry === null) return refuse(`they hold no ${name}`);
      const size = shape.reduce((product, side) => product * side, 1);
      const View = VIEWS[dtype];
      const [from, to] = [0, 1].map((i) => {
        const offsets = field(entry, "data_offsets");
        return Array.isArray(offsets) ? (offsets[i] as unknown) : undefined;
      });
      const fits =
        field(entry, "dtype") === dtype &&
        JSON.stringify(field(entry, "shape")) === JSON.stringify(shape) &&
        Number.isSafeInteger(from) &&
        (from as number) >= 0 &&
        to === (from as number) + size * View.BYTES_PER_ELEMENT &&
        start + to <= bytes.length;
      if (!fits) refuse(`their ${name} must be ${dtype} of shape [${shape.join(", ")}]`);
      const at = start + (from as number);
      return new View(bytes.slice(at, at + size * View.BYTES_PER_ELEMENT).buffer);
    },
  };
}

function parse(text: string): object | undefined {
  try {
    const header: unknown = JSON.parse(text);
    return typeof header === "object" && header !== null && !Array.isArray(header)
      ? header
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Element types of rows in files: their size, and the typed array that holds them.
 */
export type RowArray =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array;

/** float16 and bfloat16 are held as their bits, in a Uint16Array. Booleans are read as uint8. */
export type RowDType =
  | "float16"
  | "bfloat16"
  | "float32"
  | "float64"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64";

interface ElementType {
  readonly bytes: 1 | 2 | 4 | 8;
  readonly Type: {
    new (length: number): RowArray;
    new (buffer: ArrayBuffer, byteOffset: number, length: number): RowArray;
  };
}

export const ELEMENTS: Readonly<Record<RowDType, ElementType>> = {
  float16: { bytes: 2, Type: Uint16Array },
  bfloat16: { bytes: 2, Type: Uint16Array },
  float32: { bytes: 4, Type: Float32Array },
  float64: { bytes: 8, Type: Float64Array },
  int8: { bytes: 1, Type: Int8Array },
  uint8: { bytes: 1, Type: Uint8Array },
  int16: { bytes: 2, Type: Int16Array },
  uint16: { bytes: 2, Type: Uint16Array },
  int32: { bytes: 4, Type: Int32Array },
  uint32: { bytes: 4, Type: Uint32Array },
  int64: { bytes: 8, Type: BigInt64Array },
  uint64: { bytes: 8, Type: BigUint64Array },
};

export function isFloat(dtype: RowDType): boolean {
  return dtype.includes("float");
}

/** The bytes of a typed array, on which writes show. */
export function bytesOf(array: RowArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Turns the byte order of every element round, in place. */
export function swapBytes(array: RowArray): void {
  const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  if (array.BYTES_PER_ELEMENT === 2) bytes.swap16();
  else if (array.BYTES_PER_ELEMENT === 4) bytes.swap32();
  else if (array.BYTES_PER_ELEMENT === 8) bytes.swap64();
}

/**
 * Product of dimensions, checked at each step, so that neither 2^53 nor 2^64 is passed in silence; a
 * dimension of 0 does not hide one that is too great. Undefined where it is no safe integer.
 */
export function checkedSize(factors: readonly number[]): number | undefined {
  let size = 1;
  let empty = false;
  for (const factor of factors) {
    if (!Number.isSafeInteger(factor) || factor < 0) return undefined;
    if (factor === 0) empty = true;
    else size *= factor;
    if (!Number.isSafeInteger(size)) return undefined;
  }
  return empty ? 0 : size;
}

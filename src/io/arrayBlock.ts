/**
 * What writers are given: a typed array with a shape, checked, its element type told.
 */
import { checkShape, fail, shapeText, sizeOf, typedArrayTag } from "../check.js";
import { type RowArray, type RowDType, ELEMENTS } from "./dtype.js";

/** An array to write: results of operations, blocks of openRows, or any typed array with a shape. */
export interface ArrayBlock {
  readonly data: ArrayBufferView;
  readonly shape: readonly number[];
  /** Needed for float16 and bfloat16 bits in a Uint16Array only. */
  readonly dtype?: string | undefined;
}

export interface CheckedBlock {
  readonly data: RowArray;
  readonly shape: number[];
  readonly dtype: RowDType;
}

const DTYPE_OF: Readonly<Record<string, RowDType>> = {
  Float16Array: "float16",
  Float32Array: "float32",
  Float64Array: "float64",
  Int8Array: "int8",
  Uint8Array: "uint8",
  Uint8ClampedArray: "uint8",
  Int16Array: "int16",
  Uint16Array: "uint16",
  Int32Array: "int32",
  Uint32Array: "uint32",
  BigInt64Array: "int64",
  BigUint64Array: "uint64",
};

export function checkBlock(fn: string, argument: string, block: unknown): CheckedBlock {
  const { data, shape, dtype: named } = (block ?? {}) as Record<string, unknown>;
  const tag = typedArrayTag(data);
  const own = tag === undefined ? undefined : DTYPE_OF[tag];
  if (own === undefined) {
    const expected = "must be { data: a typed array, shape }";
    fail("ERR_ARGUMENT_TYPE", { fn, argument, expected, got: data === undefined ? block : data });
  }
  const dtype = own === "uint16" && (named === "float16" || named === "bfloat16") ? named : own;
  const typed = data as RowArray;
  const checked = checkShape(fn, `${argument}.shape`, shape);
  if (checked.length === 0 || sizeOf(checked) !== typed.length) {
    fail("ERR_SHAPE", {
      fn,
      argument: `${argument}.data.length`,
      expected: `must be the product of shape ${shapeText(checked)}, with rows as its first`,
      gotText: String(typed.length),
    });
  }
  const bits =
    own === "float16" || tag === "Uint8ClampedArray"
      ? new ELEMENTS[dtype].Type(typed.buffer as ArrayBuffer, typed.byteOffset, typed.length)
      : typed;
  return { data: bits, shape: checked, dtype };
}

/**
 * float32 results as another floating-point type, rounded to nearest, ties to even.
 */
import { type ArrayBlock, checkBlock } from "./arrayBlock.js";

export const FLOATS = ["float16", "bfloat16", "float32", "float64"] as const;
export type FloatDType = (typeof FLOATS)[number];

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Bits of the float16 nearest to a float32. */
export function toFloat16(value: number): number {
  float[0] = value;
  const x = bits[0]!;
  const sign = (x >>> 16) & 0x8000;
  const size = x & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  if (size >= 0x477ff000) return sign | 0x7c00; // 65520, half way to 2^16, and above
  if (size < 0x38800000) {
    // Below 2^−14 the steps are 2^−24; adding 2^23 rounds to whole ones.
    const steps = Math.fround(Math.abs(float[0]!) * 2 ** 24 + 2 ** 23) - 2 ** 23;
    return sign | steps;
  }
  return sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
}

/** Bits of the bfloat16 nearest to a float32. */
export function toBfloat16(value: number): number {
  float[0] = value;
  const x = bits[0]!;
  if ((x & 0x7fffffff) > 0x7f800000) return ((x >>> 16) & 0x8000) | 0x7fc0;
  return (x + 0x7fff + ((x >>> 16) & 1)) >>> 16;
}

export function withDType(block: ArrayBlock, dtype: FloatDType): ArrayBlock {
  const { data, shape } = checkBlock("withDType", "block", block);
  const values = data as Float32Array;
  if (dtype === "float32") return block;
  if (dtype === "float64") return { data: Float64Array.from(values), shape };
  const half = dtype === "float16" ? toFloat16 : toBfloat16;
  return { data: Uint16Array.from(values, half), shape, dtype };
}

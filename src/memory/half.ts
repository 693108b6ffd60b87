/**
 * Single float16 and bfloat16 numbers from their bits. Arrays go through the kernels in
 * assembly/kernels/convert.ts; this is for the odd element.
 */
import { type ArrayInput, elementsOf } from "./array.js";

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

export function bfloat16Of(half: number): number {
  bits[0] = half << 16;
  return float[0]!;
}

/** (−1)^sign · 2^(exponent − 15) · (1 + fraction / 1024); exponent 0: subnormal, 31: ∞ or NaN. */
export function float16Of(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** Reads single elements of an array argument as numbers. */
export function elementReader(
  array: ArrayInput,
  memory: WebAssembly.Memory,
): (i: number) => number {
  const { encoding } = array;
  const live = elementsOf(array, memory);
  if (encoding === "float16") return (i) => float16Of(live[i]!);
  if (encoding === "bfloat16") return (i) => bfloat16Of(live[i]!);
  return (i) => live[i]!;
}

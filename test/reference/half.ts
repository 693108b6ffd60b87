/**
 * float16 (1 sign, 5 exponent, 10 fraction bits) and bfloat16 (1, 8, 7) in plain JavaScript.
 *
 *   value = (−1)^s · 2^(E − bias) · (1 + F / 2^f),   E = 0: (−1)^s · 2^(1 − bias) · F / 2^f
 *   E all ones: ±∞ (F = 0) or NaN
 *
 * Encoding rounds to the nearest value, ties to the even fraction, in one step from float64:
 * with quantum u = 2^(max(exponent of x, 1 − bias) − f), x / u is exact and its nearest integer is
 * the significand. A carry out of it moves on into the exponent by itself, up to ∞.
 */
import type { Numbers } from "./rows.ts";

interface Format {
  readonly exponentBits: number;
  readonly fractionBits: number;
}

const FLOAT16: Format = { exponentBits: 5, fractionBits: 10 };
const BFLOAT16: Format = { exponentBits: 8, fractionBits: 7 };

export const encodeFloat16 = (x: number): number => encode(x, FLOAT16);
export const decodeFloat16 = (bits: number): number => decode(bits, FLOAT16);
export const encodeBfloat16 = (x: number): number => encode(x, BFLOAT16);
export const decodeBfloat16 = (bits: number): number => decode(bits, BFLOAT16);

export const toFloat16 = (values: Numbers): Uint16Array => Uint16Array.from(values, encodeFloat16);
export const fromFloat16 = (bits: Uint16Array): Float64Array =>
  Float64Array.from(bits, decodeFloat16);
export const toBfloat16 = (values: Numbers): Uint16Array =>
  Uint16Array.from(values, encodeBfloat16);
export const fromBfloat16 = (bits: Uint16Array): Float64Array =>
  Float64Array.from(bits, decodeBfloat16);

function encode(x: number, { exponentBits, fractionBits }: Format): number {
  const bias = 2 ** (exponentBits - 1) - 1;
  const infinity = (2 ** exponentBits - 1) * 2 ** fractionBits;
  const sign = Object.is(x, -0) || x < 0 ? 0x8000 : 0;
  if (Number.isNaN(x)) return infinity + 2 ** (fractionBits - 1);
  const magnitude = Math.abs(x);
  const exponent = Math.max(exponentOf(magnitude), 1 - bias);
  if (exponent > bias) return sign + infinity;
  const significand = roundToEven(magnitude / 2 ** (exponent - fractionBits));
  // A normal significand has its leading 1, which counts one exponent step by itself.
  return sign + (exponent + bias - 1) * 2 ** fractionBits + significand;
}

function decode(bits: number, { exponentBits, fractionBits }: Format): number {
  const bias = 2 ** (exponentBits - 1) - 1;
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> fractionBits) & (2 ** exponentBits - 1);
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * 2 ** (1 - bias) * fraction;
  return sign * 2 ** (exponent - bias) * (1 + fraction);
}

/** floor(log2 x) of a positive x, from the bits of its float64; −1023 below the normal range. */
function exponentOf(x: number): number {
  const high = new Uint32Array(new Float64Array([x]).buffer)[1] as number;
  return ((high >>> 20) & 0x7ff) - 1023;
}

/** The nearest integer, a half to the even one. */
function roundToEven(x: number): number {
  const below = Math.floor(x);
  const over = x - below;
  if (over === 0.5) return below % 2 === 0 ? below : below + 1;
  return over > 0.5 ? below + 1 : below;
}

/**
 * Exponential of four float32 logits under a power-of-two scale:  e^x · 2^−k
 *
 * Mathematics
 *   n = round(x · log2 e),   t = x − n · ln 2 ∈ [−ln 2 / 2, ln 2 / 2]
 *   e^x · 2^−k = 2^(n−k) · e^t,   e^t ≈ 1 + t · P(t), P of degree 5, P(0) = 1
 *   Adding 1.5 · 2^23 + 127 − k to x · log2 e rounds it to the integer n and leaves n − k + 127,
 *   the biased exponent of s = 2^(n−k), in the low bits: one shift makes the scale s.
 *
 * Stability
 *   No maximum is subtracted, so no x − max is rounded (that rounding costs other libraries up to
 *   64 ULP). The caller chooses k ≥ x · log2 e − 2 for the largest x, so s ≤ 4 and nothing
 *   overflows. x is first raised to `low` = (k − 127) · ln 2, where s is exactly 0: −∞ gives 0.
 *   pmax keeps its first operand when either is NaN, so NaN stays NaN.
 *   k is even, so ties of the rounding fall the same way for every k, and the results for two k
 *   differ by an exact power of two.
 *   n · LN2_HI is exact for |n| < 2^12 (12-bit constant), that is |x| ≤ 2000 and 127 below.
 *
 * Layout
 *   Each constant stands four times in a table and is loaded into a local before the loop: V8
 *   rebuilds a v128.const with three instructions at every use inside a loop.
 *
 * Domain     |k| ≤ 2886, x ≤ (k + 2) · ln 2 (reference.ts chooses k)
 * Max error  1.5 ULP; results below 2^-126 are 0 or subnormal
 * Source     coefficients: Sollya fpminimax on |t| ≤ ln 2 / 2, relative error 3.8e-9
 */
import { madd, nmadd } from "../simd/lanes";

// prettier-ignore
const TABLE = memory.data<f32>([
  1.44269504, 1.44269504, 1.44269504, 1.44269504, //                         log2(e), nearest float32
  0.693115234375, 0.693115234375, 0.693115234375, 0.693115234375, //         LN2_HI = 2839/4096
  3.19461849e-5, 3.19461849e-5, 3.19461849e-5, 3.19461849e-5, //             LN2_LO = ln 2 − LN2_HI
  0.499999880790710, 0.499999880790710, 0.499999880790710, 0.499999880790710, //   c1 of P
  0.166665166616440, 0.166665166616440, 0.166665166616440, 0.166665166616440, //   c2
  0.0416696146130562, 0.0416696146130562, 0.0416696146130562, 0.0416696146130562, // c3
  0.00836909096688032, 0.00836909096688032, 0.00836909096688032, 0.00836909096688032, // c4
  0.00137484795413911, 0.00137484795413911, 0.00137484795413911, 0.00137484795413911, // c5
  -88.0296919, -88.0296919, -88.0296919, -88.0296919, //                     low for k = 0: −127 · ln 2
  12583039, 12583039, 12583039, 12583039, //                                 magic for k = 0
  -0.0, -0.0, -0.0, -0.0, //                                                 sign bits
  1, 1, 1, 1,
], 16);

// @ts-ignore: decorator
@inline
export const LOG2E: usize = 0;
// @ts-ignore: decorator
@inline
export const LN2_HI: usize = 16;
// @ts-ignore: decorator
@inline
export const LN2_LO: usize = 32;
// @ts-ignore: decorator
@inline
export const C1: usize = 48;
// @ts-ignore: decorator
@inline
export const C2: usize = 64;
// @ts-ignore: decorator
@inline
export const C3: usize = 80;
// @ts-ignore: decorator
@inline
export const C4: usize = 96;
// @ts-ignore: decorator
@inline
export const C5: usize = 112;

// @ts-ignore: decorator
@inline
export const LOW0: usize = 128;
// @ts-ignore: decorator
@inline
export const MAGIC0: usize = 144;
// @ts-ignore: decorator
@inline
export const SIGN: usize = 160;
// @ts-ignore: decorator
@inline
export const ONE: usize = 176;

/** A constant of the table above, by its offset; load it before the loop. */
// @ts-ignore: decorator
@inline
export function expConstant(offset: usize): v128 {
  return v128.load(TABLE + offset);
}

/** e^x · 2^−k for four lanes, given low = (k − 127) · ln 2 and magic = 1.5 · 2^23 + 127 − k. */
// prettier-ignore
// @ts-ignore: decorator
@inline
export function expShifted(
  logits: v128, low: v128, magic: v128, log2e: v128, ln2Hi: v128, ln2Lo: v128,
  c1: v128, c2: v128, c3: v128, c4: v128, c5: v128,
): v128 {
  const x = f32x4.pmax(logits, low);
  const biased = madd(x, log2e, magic); // n + 1.5 · 2^23 + 127 − k
  const t = expRest(x, biased, magic, ln2Hi, ln2Lo);
  return expScaled(t, expScale(biased), v128.load(TABLE, ONE), c1, c2, c3, c4, c5);
}

/** t = x − n · ln 2, given biased = x · log2 e + magic. */
// prettier-ignore
// @ts-ignore: decorator
@inline
export function expRest(x: v128, biased: v128, magic: v128, ln2Hi: v128, ln2Lo: v128): v128 {
  const n = f32x4.sub(biased, magic);
  return nmadd(n, ln2Lo, nmadd(n, ln2Hi, x));
}

/** s = 2^(n−k), given the same. */
// @ts-ignore: decorator
@inline
export function expScale(biased: v128): v128 {
  return i32x4.shl(biased, 23);
}

/** s · e^t = s + t · s · P(t) */
// prettier-ignore
// @ts-ignore: decorator
@inline
export function expScaled(
  t: v128, s: v128, one: v128, c1: v128, c2: v128, c3: v128, c4: v128, c5: v128,
): v128 {
  return madd(f32x4.mul(t, s), polynomial(t, one, c1, c2, c3, c4, c5), s);
}

/**
 * P(t). The `fma` build nests it, the fewest operations; `strict`, where each step of the nest is
 * two roundings and twice as long, pairs terms (Estrin) for a shorter chain.
 */
// @ts-ignore: decorator
@inline
function polynomial(t: v128, one: v128, c1: v128, c2: v128, c3: v128, c4: v128, c5: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    return madd(madd(madd(madd(madd(c5, t, c4), t, c3), t, c2), t, c1), t, one);
  } else {
    const t2 = f32x4.mul(t, t);
    return madd(madd(madd(c5, t, c4), t2, madd(c3, t, c2)), t2, madd(c1, t, one));
  }
}

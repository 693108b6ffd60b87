/**
 * Exponential of four float32 logits under a power-of-two scale:  e^x · 2^−k
 *
 * Mathematics
 *   n = round(x · log2 e),   t = x − n · ln 2 ∈ [−ln 2 / 2, ln 2 / 2]
 *   fma      e^x · 2^−k = s + t · s · P(t), P of degree 5, P(0) = 1,   s = 2^(n−k): the fewest instructions
 *            where one of them multiplies and adds
 *   strict   e^x · 2^−k = s · (½ + t / (Q(t²) − t)), Q of degree 2,   s = 2^(n−k+1): 9 operations beside 14,
 *            one of them a division. e^t = (q + t) / (q − t) for q = t · coth(t / 2) = 2 + t² / 6 − t⁴ / 360 + …,
 *            and Q ≈ q.
 *   Adding MAGIC − k, where MAGIC = 1.5 · 2^23 + 127 (strict: 128), to x · log2 e rounds it to the integer n
 *   and leaves the biased exponent of s in the low bits: one shift makes the scale s.
 *
 * Stability
 *   No maximum is subtracted, so no x − max is rounded (that rounding costs other libraries up to
 *   64 ULP). The caller chooses k ≥ x · log2 e − 2 for the largest x, so s ≤ 8 and nothing
 *   overflows. x is first raised to `low` = (k − 127) · ln 2 (strict: 128), where s is exactly 0: −∞ gives 0.
 *   pmax keeps its first operand when either is NaN, so NaN stays NaN.
 *   k is even, so ties of the rounding fall the same way for every k, and the results for two k
 *   differ by an exact power of two.
 *   n · LN2_HI is exact for |n| < 2^12 (12-bit constant), that is |x| ≤ 2000 and 128 below.
 *   What is added to s, or ½, is less than half of it: its roundings count little.
 *
 * Layout
 *   Each constant stands four times in a table and is loaded into a local before the loop: V8
 *   rebuilds a v128.const with three instructions at every use inside a loop.
 *
 * Domain     |k| ≤ 2886, x ≤ (k + 2) · ln 2 (reference.ts chooses k)
 * Max error  1.5 ULP; results below 2^-126 are 0 or subnormal
 * Source     P: Sollya fpminimax on |t| ≤ ln 2 / 2, relative error of e^t 3.8e-9; Q: the least greatest error
 *            with Q(0) = 2 and float32 coefficients, found by search, 5.3e-10
 */
import { madd, nmadd } from "../simd/lanes";

// prettier-ignore
const TABLE = memory.data<f32>([
  1.44269504, 1.44269504, 1.44269504, 1.44269504, //                         log2(e), nearest float32
  0.693115234375, 0.693115234375, 0.693115234375, 0.693115234375, //         LN2_HI = 2839/4096
  3.19461849e-5, 3.19461849e-5, 3.19461849e-5, 3.19461849e-5, //             LN2_LO = ln 2 − LN2_HI
  1, 1, 1, 1, //                                                             fma: c0 of P
  0.499999880790710, 0.499999880790710, 0.499999880790710, 0.499999880790710, //   c1
  0.166665166616440, 0.166665166616440, 0.166665166616440, 0.166665166616440, //   c2
  0.0416696146130562, 0.0416696146130562, 0.0416696146130562, 0.0416696146130562, // c3
  0.00836909096688032, 0.00836909096688032, 0.00836909096688032, 0.00836909096688032, // c4
  0.00137484795413911, 0.00137484795413911, 0.00137484795413911, 0.00137484795413911, // c5
  -88.0296919, -88.0296919, -88.0296919, -88.0296919, //                     low for k = 0
  12583039, 12583039, 12583039, 12583039, //                                 MAGIC
  0.5, 0.5, 0.5, 0.5, //                                                     strict: c0
  2, 2, 2, 2, //                                                             c1, constant of Q
  0.16666618, 0.16666618, 0.16666618, 0.16666618, //                         c2
  -0.00276601, -0.00276601, -0.00276601, -0.00276601, //                     c3
  -88.7228394, -88.7228394, -88.7228394, -88.7228394, //                     low for k = 0
  12583040, 12583040, 12583040, 12583040, //                                 MAGIC
  -0.0, -0.0, -0.0, -0.0, //                                                 sign bits
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

/** The constants of the form that the build has; strict has no C4 and C5, and reads C0 in their place. */
// @ts-ignore: decorator
@inline
export const C0: usize = ASC_FEATURE_RELAXED_SIMD ? 48 : 176;
// @ts-ignore: decorator
@inline
export const C1: usize = ASC_FEATURE_RELAXED_SIMD ? 64 : 192;
// @ts-ignore: decorator
@inline
export const C2: usize = ASC_FEATURE_RELAXED_SIMD ? 80 : 208;
// @ts-ignore: decorator
@inline
export const C3: usize = ASC_FEATURE_RELAXED_SIMD ? 96 : 224;
// @ts-ignore: decorator
@inline
export const C4: usize = ASC_FEATURE_RELAXED_SIMD ? 112 : C0;
// @ts-ignore: decorator
@inline
export const C5: usize = ASC_FEATURE_RELAXED_SIMD ? 128 : C0;
// @ts-ignore: decorator
@inline
export const LOW0: usize = ASC_FEATURE_RELAXED_SIMD ? 144 : 240;
// @ts-ignore: decorator
@inline
export const MAGIC0: usize = ASC_FEATURE_RELAXED_SIMD ? 160 : 256;

// @ts-ignore: decorator
@inline
export const ONE: usize = 48;
// @ts-ignore: decorator
@inline
export const SIGN: usize = 272;

/** A constant of the table above, by its offset; load it before the loop. */
// @ts-ignore: decorator
@inline
export function expConstant(offset: usize): v128 {
  return v128.load(TABLE + offset);
}

/** e^x · 2^−k for four lanes, given low and magic = MAGIC − k. */
// prettier-ignore
// @ts-ignore: decorator
@inline
export function expShifted(
  logits: v128, low: v128, magic: v128, log2e: v128, ln2Hi: v128, ln2Lo: v128,
  c0: v128, c1: v128, c2: v128, c3: v128, c4: v128, c5: v128,
): v128 {
  const x = f32x4.pmax(logits, low);
  const biased = madd(x, log2e, magic); // n + MAGIC − k
  const t = expRest(x, biased, magic, ln2Hi, ln2Lo);
  return expScaled(t, expScale(biased), c0, c1, c2, c3, c4, c5);
}

/** The same as a function, for loops that have much else to do. */
// prettier-ignore
export function expOf(x: v128, low: v128, magic: v128): v128 {
  return expShifted(
    x, low, magic, expConstant(LOG2E), expConstant(LN2_HI), expConstant(LN2_LO), expConstant(C0),
    expConstant(C1), expConstant(C2), expConstant(C3), expConstant(C4), expConstant(C5),
  );
}

/** And its second half. */
// prettier-ignore
export function expScaledOf(t: v128, s: v128): v128 {
  return expScaled(
    t, s, expConstant(C0), expConstant(C1), expConstant(C2), expConstant(C3), expConstant(C4),
    expConstant(C5),
  );
}

/** t = x − n · ln 2, given biased = x · log2 e + magic. */
// prettier-ignore
// @ts-ignore: decorator
@inline
export function expRest(x: v128, biased: v128, magic: v128, ln2Hi: v128, ln2Lo: v128): v128 {
  const n = f32x4.sub(biased, magic);
  return nmadd(n, ln2Lo, nmadd(n, ln2Hi, x));
}

/** s, given the same. */
// @ts-ignore: decorator
@inline
export function expScale(biased: v128): v128 {
  return i32x4.shl(biased, 23);
}

/** e^x · 2^−k, given t and s. */
// prettier-ignore
// @ts-ignore: decorator
@inline
export function expScaled(
  t: v128, s: v128, c0: v128, c1: v128, c2: v128, c3: v128, c4: v128, c5: v128,
): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    const p = madd(madd(madd(madd(madd(c5, t, c4), t, c3), t, c2), t, c1), t, c0);
    return madd(f32x4.mul(t, s), p, s);
  } else {
    const u = f32x4.mul(t, t);
    const q = madd(madd(c3, u, c2), u, c1);
    return f32x4.mul(f32x4.add(c0, f32x4.div(t, f32x4.sub(q, t))), s);
  }
}

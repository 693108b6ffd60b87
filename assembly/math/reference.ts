/**
 * The reference of a block of logits: what its exponentials are relative to.
 *
 * Mathematics
 *   A block with maximum m stores e^(z − ref(m)). There are two kinds of reference:
 *     |m| ≤ 2000   ref = k · ln 2, k = 2 · ⌊m · log2 e / 2⌋   (shift of the exponent, exact)
 *     otherwise    ref = m                                          (classic subtraction)
 *
 * Stability
 *   Above 2000 every logit within 88 of m lies on a grid as coarse as m's, so z − m is exact
 *   there, while n · ln 2 of the shift would not be. Both kinds give e^(m − ref) in [1, 4], so
 *   nothing whose probability is a normal float32 is lost, and nothing overflows.
 *   Two shifts differ by a power of two, so blocks are joined without any rounding.
 *
 * Domain     every float32 but NaN
 */

/** Largest |m| whose reference is a shift; n · LN2_HI of exp.ts is exact there. */
// @ts-ignore: decorator
@inline
const SHIFT_LIMIT: f32 = 2000;

// @ts-ignore: decorator
@inline
const LN2: f64 = 0.6931471805599453; // ln 2, nearest float64

/** The even integer k of the block with maximum m; 0 where the reference is m itself. */
// @ts-ignore: decorator
@inline
export function shiftOf(m: f32): f32 {
  // 0.7213475 = log2(e) / 2
  return abs<f32>(m) <= SHIFT_LIMIT ? floor<f32>(m * 0.72134752) * 2 : 0;
}

/** What is subtracted from each logit of the block: m where the reference is m itself, else 0. */
// @ts-ignore: decorator
@inline
export function offsetOf(m: f32): f32 {
  return abs<f32>(m) <= SHIFT_LIMIT || m == -Infinity ? 0 : m;
}

/** The bias of exp.ts: where the exponent of its scale begins to count. */
// @ts-ignore: decorator
@inline
const BIAS: f32 = ASC_FEATURE_RELAXED_SIMD ? 127 : 128;

/** The vector `magic` of expShifted: 1.5 · 2^23 + BIAS − k, exact in float32. */
// @ts-ignore: decorator
@inline
export function magicOf(k: f32): v128 {
  return f32x4.splat(<f32>12582912 + BIAS - k);
}

/** The vector `low` of expShifted: (k − BIAS) · ln 2, below which e^x · 2^−k is taken as 0. */
// @ts-ignore: decorator
@inline
export function lowOf(k: f32): v128 {
  return f32x4.splat((k - BIAS) * <f32>LN2);
}

/** e^(m − ref(m)), the largest exponential of a block; float64. */
export function topOf(m: f32): f64 {
  if (!(abs<f32>(m) <= SHIFT_LIMIT)) return 1;
  const root = expNear0(0.5 * (<f64>m - <f64>shiftOf(m) * LN2));
  return root * root;
}

/** e^x for |x| ≤ 0.7 by its Taylor series to x¹¹, relative error 3e-11. */
function expNear0(x: f64): f64 {
  const x2 = x * x;
  const x4 = x2 * x2;
  const a = 1 + x + x2 * (0.5 + x * 0.16666666666666666);
  const b = 0.041666666666666664 + x * 0.008333333333333333;
  const c = 0.001388888888888889 + x * 0.0001984126984126984;
  const d = 0.0000248015873015873 + x * 0.0000027557319223985893;
  const e = 2.755731922398589e-7 + x * 2.505210838544172e-8;
  return a + x4 * (b + x2 * c + x4 * (d + x2 * e));
}

/** e^(ref(from) − ref(to)): carries sums of the block with maximum `from` to the reference of `to`. */
export function rescale(from: f32, to: f32): f64 {
  if (from == to || from == -Infinity) return 1;
  if (abs<f32>(from) <= SHIFT_LIMIT && abs<f32>(to) <= SHIFT_LIMIT) {
    const exponent = <i32>(shiftOf(from) - shiftOf(to));
    return exponent < -1022 ? 0 : reinterpret<f64>((<u64>(exponent + 1023)) << 52); // 2^exponent
  }
  return NativeMath.exp(
    <f64>offsetOf(from) - <f64>offsetOf(to) + <f64>(shiftOf(from) - shiftOf(to)) * LN2,
  );
}

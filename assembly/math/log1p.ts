/**
 * ln(1 + e) for e ≥ 0: four lanes of float32, or one float64.
 *
 * Mathematics
 *   e ≤ 1: ln(1 + e) = 2 · atanh(s) = s · Q(s²),   s = e / (2 + e) ∈ [0, 1/3]
 *   else:  1 + e = 2^i · w, w ∈ [√½, √2), f = w − 1: ln(1 + e) = i · ln 2 + s · Q(s²), s = f / (2 + f)
 *   Lanes take e = rest / top without a division of its own, w ∈ [2/3, 3/2]:
 *          s = (w − 1) / (w + 1) = (rest − (2^i · top − top)) / (top + rest + 2^i · top)
 *
 * Stability
 *   s ≈ e / 2 for small e, so the relative accuracy holds down to the smallest normal number, where
 *   forming 1 + e would lose e. For i = 0 f is e itself, and of lanes the dividend is rest itself.
 *
 * Max error  float32: 2 ULP given s, Q has relative error 4.6e-9; float64: 1e-10 relative
 * Source     coefficients: Sollya fpminimax on s ∈ [0, 1/3]; float64: the series of atanh
 */
import { madd } from "../simd/lanes";

// prettier-ignore
const TABLE = memory.data<f32>([
  2, 2, 2, 2, //                                         q0
  0.6666641, 0.6666641, 0.6666641, 0.6666641, //         q1
  0.40021706, 0.40021706, 0.40021706, 0.40021706, //     q2
  0.27999347, 0.27999347, 0.27999347, 0.27999347, //     q3
  0.28022575, 0.28022575, 0.28022575, 0.28022575, //     q4
], 16);

// @ts-ignore: decorator
@inline
export const Q0: usize = 0;
// @ts-ignore: decorator
@inline
export const Q1: usize = 16;
// @ts-ignore: decorator
@inline
export const Q2: usize = 32;
// @ts-ignore: decorator
@inline
export const Q3: usize = 48;
// @ts-ignore: decorator
@inline
export const Q4: usize = 64;

/** A constant of the table above, by its offset; load it before the loop. */
// @ts-ignore: decorator
@inline
export function log1pConstant(offset: usize): v128 {
  return v128.load(TABLE + offset);
}

/** s · Q(s²), given s = e / (2 + e). */
// @ts-ignore: decorator
@inline
export function log1pOf(s: v128, q0: v128, q1: v128, q2: v128, q3: v128, q4: v128): v128 {
  const s2 = f32x4.mul(s, s);
  const s4 = f32x4.mul(s2, s2); // terms in pairs: a short chain
  const q = madd(madd(q4, s4, madd(q3, s2, q2)), s4, madd(q1, s2, q0));
  return f32x4.mul(s, q);
}

/** ln(1 + e), 0 ≤ e ≤ 1 */
// prettier-ignore
// @ts-ignore: decorator
@inline
export function log1pUnit(e: v128): v128 {
  const q0 = log1pConstant(Q0);
  return log1pOf(
    f32x4.div(e, f32x4.add(q0, e)), // q0 is 2
    q0, log1pConstant(Q1), log1pConstant(Q2), log1pConstant(Q3), log1pConstant(Q4),
  );
}

/** The same as a function, for loops that have much else to do. */
export function log1pUnitOf(e: v128): v128 {
  return log1pUnit(e);
}

// prettier-ignore
const LANES = memory.data<f32>([
  5.877471754111438e-39, 5.877471754111438e-39, 5.877471754111438e-39, 5.877471754111438e-39, // 2^−127, bits 0x00400000
  0.693115234375, 0.693115234375, 0.693115234375, 0.693115234375, // LN2_HI = 2839/4096
  3.19461849e-5, 3.19461849e-5, 3.19461849e-5, 3.19461849e-5, //     LN2_LO = ln 2 − LN2_HI
], 16);

/** ln(1 + rest / top) of four lanes, top > 0 and a normal number as Σ = top + rest is; NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function log1pLanes(rest: v128, top: v128): v128 {
  const sum = f32x4.add(top, rest);
  const i = log1pExponent(sum, top);
  const n = f32x4.convert_i32x4_s(i);
  return f32x4.add(log1pHigh(n), log1pTail(log1pRatio(rest, sum, top, i), n));
}

/** The integer i of Σ / top = 2^i · w. */
// @ts-ignore: decorator
@inline
export function log1pExponent(sum: v128, top: v128): v128 {
  // The difference of bits is the binary logarithm to 0.09: rounded, it leaves w in [2/3, 3/2].
  return i32x4.shr_s(i32x4.add(i32x4.sub(sum, top), v128.load(LANES)), 23);
}

/** s of w. */
// @ts-ignore: decorator
@inline
export function log1pRatio(rest: v128, sum: v128, top: v128, i: v128): v128 {
  const scaled = i32x4.add(top, i32x4.shl(i, 23)); // 2^i · top
  return f32x4.div(f32x4.sub(rest, f32x4.sub(scaled, top)), f32x4.add(sum, scaled));
}

/** The greater part of the logarithm, n · LN2_HI with n = i: exact, and 0 where i is 0. */
// @ts-ignore: decorator
@inline
export function log1pHigh(n: v128): v128 {
  return f32x4.mul(n, v128.load(LANES, 16));
}

/** What is left of it: ln w + n · LN2_LO, at most 0.41; where i is 0 the result, bit for bit. */
// @ts-ignore: decorator
@inline
export function log1pTail(s: v128, n: v128): v128 {
  const tail = log1pOf(
    s,
    log1pConstant(Q0),
    log1pConstant(Q1),
    log1pConstant(Q2),
    log1pConstant(Q3),
    log1pConstant(Q4),
  );
  return madd(n, v128.load(LANES, 32), tail);
}

/** ln(1 + e) of one float64 e ≥ 0. */
export function log1p64(e: f64): f64 {
  let f = e;
  let shift: f64 = 0;
  if (!(e < 0.41421356237309503)) {
    if (!(e < Infinity)) return e;
    const bits = reinterpret<i64>(e + 1);
    const i = (bits - 0x3fe6a09e667f3bcd) >> 52;
    f = reinterpret<f64>(bits - (i << 52)) - 1;
    shift = <f64>i * 0.6931471805599453; // ln 2
  }
  const s = f / (2 + f);
  const v = s * s;
  const v2 = v * v;
  // 2 · (1 + v/3 + v²/5 + … + v⁷/15), v ≤ 0.0295
  const a = 2 + v * 0.6666666666666666 + v2 * (0.4 + v * 0.2857142857142857);
  const b = 0.2222222222222222 + v * 0.18181818181818182;
  const c = 0.15384615384615385 + v * 0.13333333333333333;
  return shift + s * (a + v2 * v2 * (b + v2 * c));
}

/**
 * tanh(u), four lanes; for logit soft-capping.
 *
 * Mathematics
 *   |u| < 0.625   u + u · v · T(v), v = u²                     (odd polynomial)
 *   otherwise     sign(u) · (1 − 2 / (e^(2|u|) + 1)),  |u| held below 10, where tanh is 1
 *
 * Stability
 *   The polynomial keeps the relative accuracy near 0, where the quotient would cancel.
 *   ±∞ gives ±1; NaN stays NaN.
 *
 * Max error  3 ULP
 * Source     polynomial: Cephes tanhf
 */
import { expOf } from "./exp";
import { lowOf, magicOf } from "./reference";
import { madd } from "../simd/lanes";

/** k of the shift: e^(2|u|) ≤ e^20 < 2^29 needs k ≥ 28 for a scale that stays below 2. */
// @ts-ignore: decorator
@inline
const SHIFT: f32 = 30;

// prettier-ignore
// @ts-ignore: decorator
@inline
export function tanhVector(u: v128): v128 {
  const one = f32x4.splat(1);
  const size = f32x4.abs(u);
  // NaN must survive the clamp: pmin keeps its first operand when either is NaN.
  const doubled = f32x4.mul(f32x4.pmin(size, f32x4.splat(10)), f32x4.splat(2));
  const e = expOf(doubled, lowOf(SHIFT), magicOf(SHIFT));
  const exp = f32x4.mul(e, f32x4.splat(1073741824)); // · 2^30
  const large = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(exp, one)));
  const signed = v128.or(large, v128.and(u, f32x4.splat(-0.0)));

  const v = f32x4.mul(u, u);
  let t = f32x4.splat(-5.70498872745e-3);
  t = madd(t, v, f32x4.splat(2.06390887954e-2));
  t = madd(t, v, f32x4.splat(-5.37397155531e-2));
  t = madd(t, v, f32x4.splat(1.33314422036e-1));
  t = madd(t, v, f32x4.splat(-3.33332819422e-1));
  const small = madd(f32x4.mul(t, v), u, u);
  return v128.bitselect(small, signed, f32x4.lt(size, f32x4.splat(0.625)));
}

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
import { SIGN, expConstant, expOf } from "./exp";
import { lowOf, magicOf } from "./reference";
import { madd } from "../simd/lanes";

/** Loaded where they are used: more than there are registers, and V8 makes a v128.const anew at every use. */
// prettier-ignore
const TABLE = memory.data<f32>([
  1, 1, 1, 1,
  10, 10, 10, 10, //                                                             |u| is held below
  2, 2, 2, 2,
  1073741824, 1073741824, 1073741824, 1073741824, //                             2^30
  0.625, 0.625, 0.625, 0.625,
  -0.333332819422, -0.333332819422, -0.333332819422, -0.333332819422, //         T, from v^0 on
  0.133314422036, 0.133314422036, 0.133314422036, 0.133314422036,
  -0.0537397155531, -0.0537397155531, -0.0537397155531, -0.0537397155531,
  0.0206390887954, 0.0206390887954, 0.0206390887954, 0.0206390887954,
  -0.00570498872745, -0.00570498872745, -0.00570498872745, -0.00570498872745,
], 16);

/** k of the shift: e^(2|u|) ≤ e^20 < 2^29 needs k ≥ 28 for a scale that stays below 2. */
// @ts-ignore: decorator
@inline
const SHIFT: f32 = 30;

// prettier-ignore
// @ts-ignore: decorator
@inline
export function tanhVector(u: v128): v128 {
  const one = v128.load(TABLE);
  const size = f32x4.abs(u);
  // NaN must survive the clamp: pmin keeps its first operand when either is NaN.
  const doubled = f32x4.mul(f32x4.pmin(size, v128.load(TABLE, 16)), v128.load(TABLE, 32));
  const e = expOf(doubled, lowOf(SHIFT), magicOf(SHIFT));
  const exp = f32x4.mul(e, v128.load(TABLE, 48));
  const large = f32x4.sub(one, f32x4.div(v128.load(TABLE, 32), f32x4.add(exp, one)));
  const signed = v128.or(large, v128.and(u, expConstant(SIGN)));

  const v = f32x4.mul(u, u);
  let t = v128.load(TABLE, 144);
  t = madd(t, v, v128.load(TABLE, 128));
  t = madd(t, v, v128.load(TABLE, 112));
  t = madd(t, v, v128.load(TABLE, 96));
  t = madd(t, v, v128.load(TABLE, 80));
  const small = madd(f32x4.mul(t, v), u, u);
  return v128.bitselect(small, signed, f32x4.lt(size, v128.load(TABLE, 64)));
}

/**
 * Exponentials of a block with what entropy and Brier score need of them:
 *
 *   e_j = e^(z_j − ref(m)),   s = Σ e_j,   g = Σ e_j · (m − z_j),   q = Σ e_j²
 *
 * Stability
 *   Every term is ≥ 0, so no sum cancels. m − z_j is taken from the clamped logit, at most 89, so
 *   −∞ adds 0 · 89 and not 0 · ∞. NaN reaches all three sums.
 *
 * Layout
 *   As blockExp.ts: two vectors a step, float64 every 128 logits; the last length mod 4 beside −∞. The forms without q
 *   and without an offset (|m| ≤ 2000) are copies of one inline loop, specialised by the compiler.
 *
 * Domain     length ≤ 1024, m ≥ every logit of the block, |m| < ∞
 */
// prettier-ignore
import { C1, C2, C3, C4, C5, LN2_HI, LN2_LO, LOG2E, expClamped, expConstant } from "../math/exp";
import { lowOf, magicOf, offsetOf, shiftOf } from "../math/reference";
import { addLanes, loadPartial, madd } from "./lanes";

/** g and q of the last block; q is 0 where it was not asked for. */
export let momentGap: f32 = 0;
export let momentSquare: f32 = 0;

/** s over `length` logits at `ptr`; sets momentGap and momentSquare. */
export function blockMoments(ptr: usize, length: i32, m: f32, squares: bool): f64 {
  const offset = offsetOf(m);
  if (offset != 0) return moments(ptr, length, m, offset, true, true);
  if (squares) return moments(ptr, length, m, 0, false, true);
  return moments(ptr, length, m, 0, false, false);
}

// @ts-ignore: decorator
@inline
function moments(
  ptr: usize,
  length: i32,
  m: f32,
  offset: f32,
  hasOffset: bool,
  squares: bool,
): f64 {
  const o = f32x4.splat(offset);
  const top = f32x4.splat(m - offset);
  const k = shiftOf(m);
  const low = lowOf(k);
  const magic = magicOf(k);
  const log2e = expConstant(LOG2E);
  const hi = expConstant(LN2_HI);
  const lo = expConstant(LN2_LO);
  const c1 = expConstant(C1);
  const c2 = expConstant(C2);
  const c3 = expConstant(C3);
  const c4 = expConstant(C4);
  const c5 = expConstant(C5);
  let sum = f64x2.splat(0);
  let gap = sum;
  let square = sum;
  const end = ptr + ((<usize>length) << 2);
  const end8 = ptr + ((<usize>(length & ~7)) << 2);
  while (ptr < end8) {
    const pause = min(ptr + 512, end8);
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let g0 = s0;
    let g1 = s0;
    let q0 = s0;
    let q1 = s0;
    while (ptr < pause) {
      let x0 = v128.load(ptr);
      let x1 = v128.load(ptr, 16);
      if (hasOffset) {
        x0 = f32x4.sub(x0, o);
        x1 = f32x4.sub(x1, o);
      }
      x0 = f32x4.pmax(x0, low);
      x1 = f32x4.pmax(x1, low);
      const e0 = expClamped(x0, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
      const e1 = expClamped(x1, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
      s0 = f32x4.add(s0, e0);
      s1 = f32x4.add(s1, e1);
      g0 = madd(e0, f32x4.sub(top, x0), g0);
      g1 = madd(e1, f32x4.sub(top, x1), g1);
      if (squares) {
        q0 = madd(e0, e0, q0);
        q1 = madd(e1, e1, q1);
      }
      ptr += 32;
    }
    sum = addLanes(sum, f32x4.add(s0, s1));
    gap = addLanes(gap, f32x4.add(g0, g1));
    if (squares) square = addLanes(square, f32x4.add(q0, q1));
  }
  for (; ptr < end; ptr += 16) {
    const whole = ptr + 16 <= end;
    const z = whole ? v128.load(ptr) : loadPartial(ptr, length & 3, -Infinity);
    const x = f32x4.pmax(hasOffset ? f32x4.sub(z, o) : z, low);
    const e = expClamped(x, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
    sum = addLanes(sum, e);
    gap = addLanes(gap, f32x4.mul(e, f32x4.sub(top, x)));
    if (squares) square = addLanes(square, f32x4.mul(e, e));
  }
  momentGap = <f32>(f64x2.extract_lane(gap, 0) + f64x2.extract_lane(gap, 1));
  momentSquare = <f32>(f64x2.extract_lane(square, 0) + f64x2.extract_lane(square, 1));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

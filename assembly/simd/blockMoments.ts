/**
 * Exponentials of a block with what entropy and Brier score need of them:
 *
 *   e_j = e^(z_j − ref(m)),   s = Σ e_j,   g = Σ e_j · (m − z_j),   q = Σ e_j²,   each over j ≠ skip
 *
 * Stability
 *   Every term is ≥ 0, so no sum cancels. m − z_j is taken from the clamped logit, at most 90, so
 *   −∞ adds 0 · 90 and not 0 · ∞. NaN reaches all three sums.
 *
 * Layout
 *   As blockExp.ts: reducedBlock.ts first, two vectors a step, float64 every 128 logits. The form without q is a
 *   copy of the inline loop, specialised by the compiler.
 *
 * Domain     length ≤ 1024, m ≥ every logit of the block, |m| < ∞, skip in [0, length)
 */
import { C0, C1, C2, C3, C4, C5, expConstant, expScaled, expScaledOf } from "../math/exp";
import { offsetOf } from "../math/reference";
import { addLanes, madd } from "./lanes";
import { NEXT, reduceBlockKept } from "./reducedBlock";
import { REDUCED, scratchPtr } from "./scratch";

/** g and q of the last block; q is 0 where it was not asked for. */
export let momentGap: f32 = 0;
export let momentSquare: f32 = 0;

/** s over `length` logits at `ptr` but for the one at `skip`; sets momentGap and momentSquare. */
export function blockMoments(ptr: usize, length: i32, m: f32, skip: i32, squares: bool): f64 {
  reduceBlockKept(ptr, length, m);
  store<f32>(scratchPtr + REDUCED + NEXT + ((<usize>skip) << 2), 0); // its scale: it adds exactly 0
  const top = m - offsetOf(m);
  return squares ? momentsWithSquares(length, top) : moments(false, length, top);
}

function momentsWithSquares(length: i32, top: f32): f64 {
  return moments(true, length, top);
}

// @ts-ignore: decorator
@inline
function moments(squares: bool, length: i32, highest: f32): f64 {
  const top = f32x4.splat(highest);
  const c0 = expConstant(C0);
  const c1 = expConstant(C1);
  const c2 = expConstant(C2);
  const c3 = expConstant(C3);
  const c4 = expConstant(C4);
  const c5 = expConstant(C5);
  let sum = f64x2.splat(0);
  let gap = sum;
  let square = sum;
  let at = scratchPtr + REDUCED;
  const end = at + ((<usize>length) << 2);
  const end8 = at + ((<usize>(length & ~7)) << 2);
  while (at < end8) {
    const pause = min(at + 512, end8);
    let s = f32x4.splat(0);
    let g = s;
    let q = s;
    while (at < pause) {
      const e0 = expScaled(v128.load(at), v128.load(at, NEXT), c0, c1, c2, c3, c4, c5);
      const e1 = expScaled(v128.load(at, 16), v128.load(at, NEXT + 16), c0, c1, c2, c3, c4, c5);
      s = f32x4.add(s, f32x4.add(e0, e1));
      const gap0 = f32x4.mul(e0, f32x4.sub(top, v128.load(at, 2 * NEXT)));
      g = f32x4.add(g, madd(e1, f32x4.sub(top, v128.load(at, 2 * NEXT + 16)), gap0));
      if (squares) q = f32x4.add(q, madd(e1, e1, f32x4.mul(e0, e0)));
      at += 32;
    }
    sum = addLanes(sum, s);
    gap = addLanes(gap, g);
    if (squares) square = addLanes(square, q);
  }
  for (; at < end; at += 16) {
    const e = expScaledOf(v128.load(at), v128.load(at, NEXT));
    sum = addLanes(sum, e);
    gap = addLanes(gap, f32x4.mul(e, f32x4.sub(top, v128.load(at, 2 * NEXT))));
    if (squares) square = addLanes(square, f32x4.mul(e, e));
  }
  momentGap = <f32>(f64x2.extract_lane(gap, 0) + f64x2.extract_lane(gap, 1));
  momentSquare = <f32>(f64x2.extract_lane(square, 0) + f64x2.extract_lane(square, 1));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/**
 * crossEntropy of two classes without z-loss, whatever the targets; h, l, n, e and L of twoClasses.ts:
 *
 *   t_c = w_c · (q_c · keep + share),   q_c = [c = y] for an index; an ignored row has t = 0
 *   loss = Σ_c t_c · (lse − z_c) = (t_h + t_l) · L − t_l · n
 *   ∂/∂z_l · scale = S · (t_h · e − t_l) / (1 + e),   ∂/∂z_h is the opposite
 *
 * Stability
 *   softplus and sigmoid: with an index one t is 0, and neither a small loss nor its gradient is a difference.
 *   A term whose t is 0 counts as 0 whatever its logit is, and a row of t = 0, or of S = 0 in its
 *   gradient, is 0 even beside NaN.
 *
 * Layout
 *   As twoClasses.ts. ePtr may be zPtr; it must not be qPtr.
 */
// prettier-ignore
import { C0, C1, C2, C3, C4, C5, LN2_HI, LN2_LO, LOG2E, LOW0, MAGIC0, ONE, expConstant } from "../math/exp";
import { log1pUnit } from "../math/log1p";
// prettier-ignore
import { firstOfPairs, highDoubles, highPairs, joinDoubles, lowDoubles, lowPairs, secondOfPairs } from "../simd/lanes";
import { expApart } from "./twoClasses";

/** Offsets of the padded step in the scratch: logits, targets, upstream factors, losses. */
// @ts-ignore: decorator
@inline
const TARGETS: usize = 32;
// @ts-ignore: decorator
@inline
const UPSTREAM: usize = 64;
// @ts-ignore: decorator
@inline
const LOSSES: usize = 96;

/** Targets are the probabilities at qPtr, or the indices at targetsPtr where qPtr is 0. */
export function crossEntropyTwoRows(
  zPtr: usize,
  ePtr: usize,
  rows: i32,
  turned: bool,
  qPtr: usize,
  targetsPtr: usize,
  weightPtr: usize,
  keep: f32,
  share: f32,
  scale: f64,
  upstreamPtr: usize,
  padPtr: usize,
  lossPtr: usize,
): void {
  const floor = expConstant(LOW0);
  const magic = expConstant(MAGIC0);
  const log2e = expConstant(LOG2E);
  const hi = expConstant(LN2_HI);
  const lo = expConstant(LN2_LO);
  const one = expConstant(ONE);
  const c0 = expConstant(C0);
  const c1 = expConstant(C1);
  const c2 = expConstant(C2);
  const c3 = expConstant(C3);
  const c4 = expConstant(C4);
  const c5 = expConstant(C5);
  const zero = f32x4.splat(0);
  const w0 = f32x4.splat(weightPtr ? load<f32>(weightPtr) : 1);
  const w1 = f32x4.splat(weightPtr ? load<f32>(weightPtr, 4) : 1);
  const kept = f32x4.splat(keep);
  const shared = f32x4.splat(share);
  // t of a class that an index names, or not; 0 where w is 0, whatever q is
  const target0 = f32x4.mul(w0, f32x4.splat(keep + share));
  const target1 = f32x4.mul(w1, f32x4.splat(keep + share));
  const other0 = f32x4.mul(w0, shared);
  const other1 = f32x4.mul(w1, shared);
  const weighed0 = f32x4.ne(w0, zero);
  const weighed1 = f32x4.ne(w1, zero);
  let s = f32x4.splat(<f32>scale);
  const left = <usize>(rows & 3);
  let end = zPtr + ((<usize>(rows & ~3)) << 3);
  let lastGrad: usize = 0;
  let lastLoss: usize = 0;
  while (true) {
    for (; zPtr < end; zPtr += 32) {
      let a = v128.load(zPtr);
      let b = v128.load(zPtr, 16);
      if (!turned) {
        const first = firstOfPairs(a, b);
        b = secondOfPairs(a, b);
        a = first;
      }
      let t0 = zero;
      let t1 = zero;
      if (qPtr) {
        const q0 = v128.load(qPtr);
        const q1 = v128.load(qPtr, 16);
        t0 = firstOfPairs(q0, q1);
        t1 = secondOfPairs(q0, q1);
        t0 = v128.and(f32x4.mul(w0, f32x4.add(f32x4.mul(t0, kept), shared)), weighed0);
        t1 = v128.and(f32x4.mul(w1, f32x4.add(f32x4.mul(t1, kept), shared)), weighed1);
        qPtr += 32;
      } else {
        const y = v128.load(targetsPtr);
        const ignored = i32x4.shr_s(y, 31);
        const second = i32x4.gt_s(y, zero);
        t0 = v128.andnot(v128.bitselect(other0, target0, second), ignored);
        t1 = v128.andnot(v128.bitselect(target1, other1, second), ignored);
        targetsPtr += 16;
      }
      const some = v128.or(f32x4.ne(t0, zero), f32x4.ne(t1, zero));
      const high = f32x4.pmax(a, b);
      const low = f32x4.pmin(b, a);
      const n = f32x4.sub(low, high);
      const e = expApart(low, high, n, floor, magic, log2e, hi, lo, c0, c1, c2, c3, c4, c5);
      const poison = f32x4.sub(high, high);
      const isSecond = f32x4.lt(a, b);
      const swap = v128.and(v128.xor(t0, t1), isSecond);
      const tHigh = v128.xor(t0, swap);
      const tLow = v128.xor(t1, swap);
      const log = f32x4.add(log1pUnit(e), poison);
      const sure = v128.and(f32x4.mul(f32x4.add(t0, t1), log), some);
      const gap = v128.and(f32x4.mul(tLow, n), f32x4.ne(tLow, zero));
      v128.store(lossPtr, f64x2.sub(lowDoubles(sure), lowDoubles(gap)));
      v128.store(lossPtr, f64x2.sub(highDoubles(sure), highDoubles(gap)), 16);
      lossPtr += 32;
      if (!ePtr) continue;
      if (upstreamPtr) {
        const factor = f64x2.splat(scale);
        s = joinDoubles(
          f64x2.mul(factor, v128.load(upstreamPtr)),
          f64x2.mul(factor, v128.load(upstreamPtr, 16)),
        );
        upstreamPtr += 32;
      }
      const share = f32x4.div(s, f32x4.add(f32x4.add(one, e), poison));
      let g = f32x4.mul(share, f32x4.sub(f32x4.mul(tHigh, e), tLow));
      g = v128.and(g, v128.and(some, f32x4.ne(s, zero)));
      // To the lower class g, to the higher −g.
      const opposite = f32x4.sub(zero, g);
      const turn = v128.and(v128.xor(g, opposite), isSecond);
      a = v128.xor(opposite, turn);
      b = v128.xor(g, turn);
      if (!turned) {
        const first = lowPairs(a, b);
        b = highPairs(a, b);
        a = first;
      }
      v128.store(ePtr, a);
      v128.store(ePtr, b, 16);
      ePtr += 32;
    }
    const bytes: usize = turned ? 32 : left << 3;
    if (lastLoss) {
      memory.copy(lastLoss, padPtr + LOSSES, left << 3);
      if (ePtr) memory.copy(lastGrad, padPtr, bytes);
      return;
    }
    if (!left) return;
    memory.copy(padPtr, zPtr, bytes);
    const targets = padPtr + TARGETS;
    if (qPtr) {
      memory.copy(targets, qPtr, left << 3);
      qPtr = targets;
    } else {
      memory.copy(targets, targetsPtr, left << 2);
      targetsPtr = targets;
    }
    if (upstreamPtr) {
      memory.copy(padPtr + UPSTREAM, upstreamPtr, left << 3);
      upstreamPtr = padPtr + UPSTREAM;
    }
    lastGrad = ePtr;
    lastLoss = lossPtr;
    if (ePtr) ePtr = padPtr;
    zPtr = padPtr;
    lossPtr = padPtr + LOSSES;
    end = padPtr + 32;
  }
}

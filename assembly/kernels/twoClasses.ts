/**
 * Rows of two classes, z = z_1 − z_0: softmax (σ(−z), σ(z)), logSoftmax, logSumExp = max + softplus(−|z|)
 *
 * Mathematics
 *   h the higher logit, l the lower, n = l − h = −|z|, e = e^n ∈ [0, 1]
 *   p_h = 1 / (1 + e),   p_l = e · p_h,   L = ln(1 + e),   logSumExp = h + L,   logSoftmax = (z_c − h) − L
 *
 * Stability
 *   n is rounded by up to half of its ULP, which would cost e up to |n| ULP. The rounding error is a float32 too
 *   (TwoSum), and is added to the rest t of exp.ts. e is 0 below −128 · ln 2, −∞ among them, and NaN where
 *   n is: beside a NaN, or between two infinities of one sign.
 *   h − h is NaN where h is infinite: it makes the row of a +∞ NaN, as longer rows have it.
 *
 * Layout
 *   Four rows a step, one exponential a row. With `turned` rows come and go as columns (turnColumns.ts).
 *   What is left at the end passes through a padded step.
 *
 * Max error  as in test/support/tolerance.ts
 */
// prettier-ignore
import { C0, C1, C2, C3, C4, C5, LN2_HI, LN2_LO, LOG2E, LOW0, MAGIC0, ONE, expConstant, expRest, expScale, expScaled } from "../math/exp";
import { log1pUnit } from "../math/log1p";
import { firstOfPairs, highPairs, lowPairs, madd, secondOfPairs } from "../simd/lanes";

// @ts-ignore: decorator
@inline
export const SOFTMAX: i32 = 0;
// @ts-ignore: decorator
@inline
export const LOG_SOFTMAX: i32 = 1;
// @ts-ignore: decorator
@inline
export const LOG_SUM_EXP: i32 = 2;

/** e of the header. */
// prettier-ignore
// @ts-ignore: decorator
@inline
export function expApart(
  low: v128, high: v128, n: v128, floor: v128, magic: v128, log2e: v128, hi: v128, lo: v128,
  c0: v128, c1: v128, c2: v128, c3: v128, c4: v128, c5: v128,
): v128 {
  // n + rounding = low − high
  const v = f32x4.sub(n, low);
  const rounding = f32x4.sub(f32x4.sub(low, f32x4.sub(n, v)), f32x4.add(high, v));
  const x = f32x4.pmax(n, floor);
  const biased = madd(x, log2e, magic);
  const t = f32x4.add(expRest(x, biased, magic, hi, lo), v128.and(rounding, f32x4.gt(n, floor)));
  return expScaled(t, expScale(biased), c0, c1, c2, c3, c4, c5);
}

/** What `kind` says of `rows` rows; padPtr: 32 bytes. outPtr may be zPtr but for logSumExp. */
export function twoClasses(
  kind: i32,
  zPtr: usize,
  outPtr: usize,
  rows: i32,
  turned: bool,
  maskedZero: bool,
  padPtr: usize,
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
  const left = <usize>(rows & 3);
  let end = zPtr + ((<usize>(rows & ~3)) << 3);
  let last: usize = 0;
  while (true) {
    for (; zPtr < end; zPtr += 32) {
      let a = v128.load(zPtr);
      let b = v128.load(zPtr, 16);
      if (!turned) {
        const first = firstOfPairs(a, b);
        b = secondOfPairs(a, b);
        a = first;
      }
      const high = f32x4.pmax(a, b);
      const low = f32x4.pmin(b, a);
      const n = f32x4.sub(low, high);
      const e = expApart(low, high, n, floor, magic, log2e, hi, lo, c0, c1, c2, c3, c4, c5);
      const poison = f32x4.sub(high, high);
      let x = a;
      let y = b;
      if (kind == SOFTMAX) {
        const p = f32x4.div(one, f32x4.add(f32x4.add(one, e), poison));
        const q = f32x4.mul(e, p);
        const swap = v128.and(v128.xor(p, q), f32x4.lt(a, b));
        x = v128.xor(p, swap);
        y = v128.xor(q, swap);
      } else {
        const log = log1pUnit(e);
        if (kind == LOG_SUM_EXP) {
          const sum = f32x4.add(a, b); // where n is NaN: ±∞ or NaN
          v128.store(outPtr, v128.bitselect(f32x4.add(high, log), sum, f32x4.eq(n, n)));
          outPtr += 16;
          continue;
        }
        const l = f32x4.add(log, poison);
        x = f32x4.sub(f32x4.sub(a, high), l);
        y = f32x4.sub(f32x4.sub(b, high), l);
      }
      if (maskedZero) {
        // Twice −∞: p = 0, or its logarithm.
        const both = v128.and(f32x4.ne(n, n), f32x4.lt(f32x4.add(a, b), floor));
        const masked = kind == SOFTMAX ? f32x4.splat(0) : a;
        x = v128.bitselect(masked, x, both);
        y = v128.bitselect(masked, y, both);
      }
      if (!turned) {
        const first = lowPairs(x, y);
        y = highPairs(x, y);
        x = first;
      }
      v128.store(outPtr, x);
      v128.store(outPtr, y, 16);
      outPtr += 32;
    }
    const bytes: usize = turned ? 32 : left << 3;
    if (last) {
      memory.copy(last, padPtr, kind == LOG_SUM_EXP ? left << 2 : bytes);
      return;
    }
    if (!left) return;
    memory.copy(padPtr, zPtr, bytes);
    last = outPtr;
    zPtr = outPtr = padPtr;
    end = padPtr + 32;
  }
}

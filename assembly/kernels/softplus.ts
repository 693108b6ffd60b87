/**
 * Element-wise softplus and log-sigmoid:
 *
 *   softplus(x) = ln(1 + e^x) = max(x, 0) + ln(1 + e^(−|x|))
 *   logSigmoid(x) = ln σ(x) = −softplus(−x)
 *
 * Stability
 *   e^(−|x|) ≤ 1, and log1p keeps its relative accuracy when it is tiny; both terms are ≥ 0.
 *   softplus(−∞) = 0, softplus(+∞) = +∞, NaN stays NaN.
 *
 * Domain     pointers aligned to 4; outPtr may be xPtr
 * Max error  as in test/support/tolerance.ts, `softplus`
 */
// prettier-ignore
import { C1, C2, C3, C4, C5, LN2_HI, LN2_LO, LOG2E, LOW0, MAGIC0, SIGN, expConstant, expShifted } from "../math/exp";
import { Q0, Q1, Q2, Q3, Q4, log1pConstant, log1pOf } from "../math/log1p";
import { loadPartial, storePartial } from "../simd/lanes";

export function softplus(xPtr: usize, outPtr: usize, length: i32): void {
  apply(xPtr, outPtr, length, f32x4.splat(0));
}

export function logSigmoid(xPtr: usize, outPtr: usize, length: i32): void {
  apply(xPtr, outPtr, length, f32x4.splat(-0.0));
}

/** softplus of x, or −softplus(−x) when `sign` holds sign bits. */
// prettier-ignore
function apply(xPtr: usize, outPtr: usize, length: i32, sign: v128): void {
  const low = expConstant(LOW0);
  const magic = expConstant(MAGIC0);
  const log2e = expConstant(LOG2E);
  const hi = expConstant(LN2_HI);
  const lo = expConstant(LN2_LO);
  const c1 = expConstant(C1);
  const c2 = expConstant(C2);
  const c3 = expConstant(C3);
  const c4 = expConstant(C4);
  const c5 = expConstant(C5);
  const q0 = log1pConstant(Q0);
  const q1 = log1pConstant(Q1);
  const q2 = log1pConstant(Q2);
  const q3 = log1pConstant(Q3);
  const q4 = log1pConstant(Q4);
  const minus = expConstant(SIGN); // x | minus = −|x|
  const zero = f32x4.splat(0);
  const end = xPtr + (<usize>length << 2);
  for (; xPtr + 16 <= end; xPtr += 16, outPtr += 16) {
    const x = v128.xor(v128.load(xPtr), sign);
    const e = expShifted(v128.or(x, minus), low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
    const s = f32x4.div(e, f32x4.add(q0, e)); // q0 is 2
    const tail = log1pOf(s, q0, q1, q2, q3, q4);
    v128.store(outPtr, v128.xor(f32x4.add(f32x4.pmax(x, zero), tail), sign));
  }
  if (xPtr < end) {
    const lanes = <i32>((end - xPtr) >> 2);
    const x = v128.xor(loadPartial(xPtr, lanes, 0), sign);
    const e = expShifted(v128.or(x, minus), low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
    const s = f32x4.div(e, f32x4.add(q0, e));
    const tail = log1pOf(s, q0, q1, q2, q3, q4);
    storePartial(outPtr, v128.xor(f32x4.add(f32x4.pmax(x, zero), tail), sign), lanes);
  }
}

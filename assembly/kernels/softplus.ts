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
 * Layout
 *   Blocks of 1024: all e^(−|x|) first, then the rest.
 *
 * Domain     pointers aligned to 4; outPtr may be xPtr
 * Max error  as in test/support/tolerance.ts, `softplus`
 */
import { blockExpMagnitudes } from "../simd/blockExp";
import { Q0, Q1, Q2, Q3, Q4, log1pConstant, log1pOf } from "../math/log1p";
import { loadPartial, storePartial } from "../simd/lanes";
import { REDUCED, scratchPtr } from "../simd/scratch";
import { BLOCK } from "./rowTable";

export function softplus(xPtr: usize, outPtr: usize, length: i32): void {
  blocks(xPtr, outPtr, length, f32x4.splat(0));
}

export function logSigmoid(xPtr: usize, outPtr: usize, length: i32): void {
  blocks(xPtr, outPtr, length, f32x4.splat(-0.0));
}

function blocks(xPtr: usize, outPtr: usize, length: i32, sign: v128): void {
  for (let start = 0; start < length; start += BLOCK) {
    const at = (<usize>start) << 2;
    apply(xPtr + at, outPtr + at, min(BLOCK, length - start), sign);
  }
}

/** softplus of x, or −softplus(−x) when `sign` holds sign bits. */
function apply(xPtr: usize, outPtr: usize, length: i32, sign: v128): void {
  blockExpMagnitudes(xPtr, length);
  const q0 = log1pConstant(Q0);
  const q1 = log1pConstant(Q1);
  const q2 = log1pConstant(Q2);
  const q3 = log1pConstant(Q3);
  const q4 = log1pConstant(Q4);
  const zero = f32x4.splat(0);
  let exps = scratchPtr + REDUCED;
  const end = xPtr + ((<usize>length) << 2);
  for (; xPtr + 16 <= end; xPtr += 16, outPtr += 16, exps += 16) {
    v128.store(outPtr, joined(v128.load(xPtr), v128.load(exps), sign, zero, q0, q1, q2, q3, q4));
  }
  if (xPtr < end) {
    const lanes = length & 3;
    const x = loadPartial(xPtr, lanes, 0);
    storePartial(outPtr, joined(x, v128.load(exps), sign, zero, q0, q1, q2, q3, q4), lanes);
  }
}

/** max(x, 0) + ln(1 + e), e = e^(−|x|). */
// prettier-ignore
// @ts-ignore: decorator
@inline
function joined(
  logits: v128, e: v128, sign: v128, zero: v128, q0: v128, q1: v128, q2: v128, q3: v128, q4: v128,
): v128 {
  const x = v128.xor(logits, sign);
  const tail = log1pOf(f32x4.div(e, f32x4.add(q0, e)), q0, q1, q2, q3, q4); // q0 is 2
  return v128.xor(f32x4.add(f32x4.pmax(x, zero), tail), sign);
}

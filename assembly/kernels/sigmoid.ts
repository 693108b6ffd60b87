/**
 * Element-wise logistic sigmoid:  σ(x) = 1 / (1 + e^(−x))
 *
 * Mathematics
 *   σ(x) = c / (c + c · e^(−x)) with c = 2^−32, so that e^(−x) may reach 2^150 without overflow.
 *
 * Stability
 *   Relative accuracy in both tails: only e^(−x) carries an error, and it is relative. Results
 *   below 2^-126 are subnormal, and 0 only from x ≤ −104 on, as 1 / (1 + e^(−x)) rounds.
 *   ±∞ give 1 and 0; NaN stays NaN.
 *
 * Layout
 *   Blocks of 1024 in two loops, as reducedBlock.ts says.
 *
 * Domain     pointers aligned to 4; outPtr may be xPtr
 * Max error  as in test/support/tolerance.ts, `sigmoid`
 */
import { C0, C1, C2, C3, C4, C5, expConstant, expScaled, expScaledOf } from "../math/exp";
import { storePartial } from "../simd/lanes";
import { NEXT, reduceNegatives } from "../simd/reducedBlock";
import { REDUCED, scratchPtr } from "../simd/scratch";
import { BLOCK } from "./rowTable";

const SCALE = memory.data<f32>(
  [2.3283064365386963e-10, 2.3283064365386963e-10, 2.3283064365386963e-10, 2.3283064365386963e-10],
  16,
); // c

export function sigmoid(xPtr: usize, outPtr: usize, length: i32): void {
  for (let start = 0; start < length; start += BLOCK) {
    const at = (<usize>start) << 2;
    const count = min(BLOCK, length - start);
    reduceNegatives(xPtr + at, count);
    divide(outPtr + at, count);
  }
}

/** c / (c + e) of what was put down. */
function divide(outPtr: usize, length: i32): void {
  const c0 = expConstant(C0);
  const c1 = expConstant(C1);
  const c2 = expConstant(C2);
  const c3 = expConstant(C3);
  const c4 = expConstant(C4);
  const c5 = expConstant(C5);
  const c = v128.load(SCALE);
  let at = scratchPtr + REDUCED;
  for (; length > 7; length -= 8) {
    const e0 = expScaled(v128.load(at), v128.load(at, NEXT), c0, c1, c2, c3, c4, c5);
    const e1 = expScaled(v128.load(at, 16), v128.load(at, NEXT + 16), c0, c1, c2, c3, c4, c5);
    v128.store(outPtr, f32x4.div(c, f32x4.add(c, e0)));
    v128.store(outPtr, f32x4.div(c, f32x4.add(c, e1)), 16);
    at += 32;
    outPtr += 32;
  }
  for (; length > 0; length -= 4) {
    const e = expScaledOf(v128.load(at), v128.load(at, NEXT));
    const p = f32x4.div(c, f32x4.add(c, e));
    if (length > 3) v128.store(outPtr, p);
    else storePartial(outPtr, p, length);
    at += 16;
    outPtr += 16;
  }
}

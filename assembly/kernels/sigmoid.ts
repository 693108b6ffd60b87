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
 * Domain     pointers aligned to 4; outPtr may be xPtr
 * Max error  as in test/support/tolerance.ts, `sigmoid`
 */
// prettier-ignore
import { C0, C1, C2, C3, C4, C5, LN2_HI, LN2_LO, LOG2E, SIGN, expConstant, expOf, expShifted } from "../math/exp";
import { loadPartial, storePartial } from "../simd/lanes";

// prettier-ignore
const TABLE = memory.data<f32>([
  -65.84898, -65.84898, -65.84898, -65.84898, //                     fma: low for k = 32
  12583007, 12583007, 12583007, 12583007, //                         MAGIC − 32
  -66.542129, -66.542129, -66.542129, -66.542129, //                 strict: low for k = 32
  12583008, 12583008, 12583008, 12583008, //                         MAGIC − 32
  2.3283064365386963e-10, 2.3283064365386963e-10, 2.3283064365386963e-10, 2.3283064365386963e-10, // c
  105, 105, 105, 105, //                  largest −x: beyond it e^(−x) > 2^151, and the result is 0
], 16);

// prettier-ignore
export function sigmoid(xPtr: usize, outPtr: usize, length: i32): void {
  const own: usize = ASC_FEATURE_RELAXED_SIMD ? TABLE : TABLE + 32;
  const low = v128.load(own);
  const magic = v128.load(own, 16);
  const log2e = expConstant(LOG2E);
  const hi = expConstant(LN2_HI);
  const lo = expConstant(LN2_LO);
  const c0 = expConstant(C0);
  const c1 = expConstant(C1);
  const c2 = expConstant(C2);
  const c3 = expConstant(C3);
  const c4 = expConstant(C4);
  const c5 = expConstant(C5);
  const c = v128.load(TABLE, 64);
  const highest = v128.load(TABLE, 80);
  const sign = expConstant(SIGN); // x ^ sign = −x
  const end = xPtr + (<usize>length << 2);
  while (xPtr + 16 <= end) {
    const x = f32x4.pmin(v128.xor(v128.load(xPtr), sign), highest);
    const e = expShifted(x, low, magic, log2e, hi, lo, c0, c1, c2, c3, c4, c5);
    v128.store(outPtr, f32x4.div(c, f32x4.add(c, e)));
    xPtr += 16;
    outPtr += 16;
  }
  if (xPtr < end) {
    const lanes = length & 3;
    const x = f32x4.pmin(v128.xor(loadPartial(xPtr, lanes, 0), sign), highest);
    const e = expOf(x, low, magic);
    storePartial(outPtr, f32x4.div(c, f32x4.add(c, e)), lanes);
  }
}

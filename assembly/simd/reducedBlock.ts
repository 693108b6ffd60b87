/**
 * The first half of a block's exponentials, put down in scratch for the second (expScaled of exp.ts):
 *
 *   x_j = max(z_j, low),   t_j = x_j − n_j · ln 2,   s_j = 2^(n_j − k), in `strict` twice that
 *
 * Layout
 *   An exponential has more constants and intermediates than there are registers, and V8 does not
 *   interleave vectors: in one loop each waits for its own chain of some 13 operations. Two short loops
 *   run at the speed of the floating-point ports, 1.2 times faster in `fma` and 1.3 in `strict`; what
 *   they put down stays in first-level cache.
 *   REDUCED + 4096 · (0, 1, 2) of scratch hold t, s and, where kept, x. The last vector is filled up
 *   with −∞, whose s is exactly 0.
 *
 * Domain     length ≤ 1024, m ≥ every logit of the block, m < ∞
 */
// prettier-ignore
import { LN2_HI, LN2_LO, LOG2E, LOW0, MAGIC0, SIGN, expConstant, expRest, expScale } from "../math/exp";
import { lowOf, magicOf, offsetOf, shiftOf } from "../math/reference";
import { loadPartial, madd } from "./lanes";
import { REDUCED, scratchPtr } from "./scratch";

/** Bytes from t_j to s_j, and from there to x_j. */
// @ts-ignore: decorator
@inline
export const NEXT: usize = 4096;

/** What is reduced: z, −|z| or −z. */
// @ts-ignore: decorator
@inline
const LOGIT: i32 = 0;
// @ts-ignore: decorator
@inline
const MAGNITUDE: i32 = 1;
// @ts-ignore: decorator
@inline
const NEGATIVE: i32 = 2;

/** Of NEGATIVE, as a v128.const would be made anew at every use in the loop. */
// prettier-ignore
const RANGE = memory.data<f32>([
  -65.84898, -65.84898, -65.84898, -65.84898, //     fma: low for k = 32
  12583007, 12583007, 12583007, 12583007, //         MAGIC − 32
  -66.542129, -66.542129, -66.542129, -66.542129, // strict: low for k = 32
  12583008, 12583008, 12583008, 12583008, //         MAGIC − 32
  105, 105, 105, 105, //                             largest −z
], 16);

/** Puts down t and s. */
export function reduceBlock(ptr: usize, length: i32, m: f32): void {
  const offset = offsetOf(m);
  if (offset != 0) offsetBlock(ptr, length, offset);
  else reduced(LOGIT, false, ptr, length, lowOf(shiftOf(m)), magicOf(shiftOf(m)));
}

/** Puts down t, s and x, less the offset of the block where it has one. */
export function reduceBlockKept(ptr: usize, length: i32, m: f32): void {
  const offset = offsetOf(m);
  if (offset != 0) offsetBlock(ptr, length, offset);
  else reduced(LOGIT, true, ptr, length, lowOf(shiftOf(m)), magicOf(shiftOf(m)));
}

/** Puts down t and s of −|z_j|, with k = 0. */
export function reduceMagnitudes(ptr: usize, length: i32): void {
  reduced(MAGNITUDE, false, ptr, length, expConstant(LOW0), expConstant(MAGIC0));
}

/** Puts down t and s of −z_j, or of 105 where that is less, with k = 32: e^105 is below 2^152. */
export function reduceNegatives(ptr: usize, length: i32): void {
  const own: usize = ASC_FEATURE_RELAXED_SIMD ? RANGE : RANGE + 32;
  reduced(NEGATIVE, false, ptr, length, v128.load(own), v128.load(own, 16));
}

/** With z_j − offset in place of the shift: rare (|m| > 2000), so vector by vector. */
function offsetBlock(ptr: usize, length: i32, offset: f32): void {
  const o = f32x4.splat(offset);
  const low = lowOf(0);
  const magic = magicOf(0);
  let at = scratchPtr + REDUCED;
  for (; length > 0; length -= 4) {
    const z = length > 3 ? v128.load(ptr) : loadPartial(ptr, length, -Infinity);
    const x = f32x4.pmax(f32x4.sub(z, o), low);
    put(true, at, x, magic, expConstant(LOG2E), expConstant(LN2_HI), expConstant(LN2_LO));
    ptr += 16;
    at += 16;
  }
}

// prettier-ignore
// @ts-ignore: decorator
@inline
function reduced(
  taken: i32, kept: bool, ptr: usize, length: i32, low: v128, magic: v128,
): void {
  const sign = expConstant(SIGN);
  const highest = v128.load(RANGE, 64);
  const log2e = expConstant(LOG2E);
  const hi = expConstant(LN2_HI);
  const lo = expConstant(LN2_LO);
  let at = scratchPtr + REDUCED;
  const end = ptr + ((<usize>length) << 2);
  const end8 = ptr + ((<usize>(length & ~7)) << 2);
  while (ptr < end8) {
    const z0 = v128.load(ptr);
    const z1 = v128.load(ptr, 16);
    const x0 = f32x4.pmax(take(taken, z0, sign, highest), low);
    const x1 = f32x4.pmax(take(taken, z1, sign, highest), low);
    const biased0 = madd(x0, log2e, magic);
    const biased1 = madd(x1, log2e, magic);
    v128.store(at, expRest(x0, biased0, magic, hi, lo));
    v128.store(at, expRest(x1, biased1, magic, hi, lo), 16);
    v128.store(at, expScale(biased0), NEXT);
    v128.store(at, expScale(biased1), NEXT + 16);
    if (kept) {
      v128.store(at, x0, 2 * NEXT);
      v128.store(at, x1, 2 * NEXT + 16);
    }
    ptr += 32;
    at += 32;
  }
  for (; ptr < end; ptr += 16) {
    const z = ptr + 16 <= end ? v128.load(ptr) : loadPartial(ptr, length & 3, -Infinity);
    put(kept, at, f32x4.pmax(take(taken, z, sign, highest), low), magic, log2e, hi, lo);
    at += 16;
  }
}

/** What is reduced of z; `taken` is a constant. */
// @ts-ignore: decorator
@inline
function take(taken: i32, z: v128, sign: v128, highest: v128): v128 {
  if (taken == MAGNITUDE) return v128.or(z, sign);
  if (taken == NEGATIVE) return f32x4.pmin(v128.xor(z, sign), highest);
  return z;
}

/** t and s of one vector, and x where `kept` (a constant) → at. */
// prettier-ignore
// @ts-ignore: decorator
@inline
function put(
  kept: bool, at: usize, x: v128, magic: v128, log2e: v128, hi: v128, lo: v128,
): void {
  const biased = madd(x, log2e, magic);
  v128.store(at, expRest(x, biased, magic, hi, lo));
  v128.store(at, expScale(biased), NEXT);
  if (kept) v128.store(at, x, 2 * NEXT);
}

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
import { LN2_HI, LN2_LO, LOG2E, SIGN, expConstant, expRest, expScale } from "../math/exp";
import { lowOf, magicOf, offsetOf, shiftOf } from "../math/reference";
import { loadPartial, madd } from "./lanes";
import { REDUCED, scratchPtr } from "./scratch";

/** Bytes from t_j to s_j, and from there to x_j. */
// @ts-ignore: decorator
@inline
export const NEXT: usize = 4096;

/** Puts down t and s. */
export function reduceBlock(ptr: usize, length: i32, m: f32): void {
  const offset = offsetOf(m);
  if (offset != 0) offsetBlock(ptr, length, offset);
  else reduced(false, false, ptr, length, shiftOf(m));
}

/** Puts down t, s and x, less the offset of the block where it has one. */
export function reduceBlockKept(ptr: usize, length: i32, m: f32): void {
  const offset = offsetOf(m);
  if (offset != 0) offsetBlock(ptr, length, offset);
  else reduced(false, true, ptr, length, shiftOf(m));
}

/** Puts down t and s of −|z_j|, with k = 0. */
export function reduceMagnitudes(ptr: usize, length: i32): void {
  reduced(true, false, ptr, length, 0);
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

// @ts-ignore: decorator
@inline
function reduced(magnitude: bool, kept: bool, ptr: usize, length: i32, k: f32): void {
  const sign = expConstant(SIGN); // z | sign = −|z|
  const low = lowOf(k);
  const magic = magicOf(k);
  const log2e = expConstant(LOG2E);
  const hi = expConstant(LN2_HI);
  const lo = expConstant(LN2_LO);
  let at = scratchPtr + REDUCED;
  const end = ptr + ((<usize>length) << 2);
  const end8 = ptr + ((<usize>(length & ~7)) << 2);
  while (ptr < end8) {
    const z0 = v128.load(ptr);
    const z1 = v128.load(ptr, 16);
    const x0 = f32x4.pmax(magnitude ? v128.or(z0, sign) : z0, low);
    const x1 = f32x4.pmax(magnitude ? v128.or(z1, sign) : z1, low);
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
    put(kept, at, f32x4.pmax(magnitude ? v128.or(z, sign) : z, low), magic, log2e, hi, lo);
    at += 16;
  }
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

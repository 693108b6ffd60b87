/**
 * Exponentials of a block of logits relative to the block's reference, summed or stored and summed,
 * optionally without one of them in the sum:
 *
 *   e_j = e^(z_j − ref(m)),   s = Σ_{j ≠ skip} e_j
 *
 * Layout
 *   One vector a step in the `fma` build, which V8 unrolls itself, four in `strict`, whose chains are
 *   longer: the fastest of one, two and four on V8 11.3 (Node 20) and 14.6 (Node 26). After 64 logits
 *   the float32 sums go into float64: over a block of equal logits longer chains are several ULP off.
 *   The vector with the skipped logit stands between two loops: its lane is cleared before it is
 *   added, so vectors begin at the same places whatever is skipped. The last length mod 4 logits
 *   stand in a vector filled with −∞, which contributes exactly 0.
 *
 * Domain     length ≤ 1024, m ≥ every logit of the block, m < ∞, skip in [0, length) or −1
 */
// prettier-ignore
import { C1, C2, C3, C4, C5, LN2_HI, LN2_LO, LOG2E, expConstant, expShifted } from "../math/exp";
import { lowOf, magicOf, offsetOf, shiftOf } from "../math/reference";
import { addLanes, loadPartial, storePartial } from "./lanes";

/** Lane masks: MASKS + 16 · i has all bits set in lane i alone. */
// prettier-ignore
const MASKS = memory.data<i32>([
  -1, 0, 0, 0,
  0, -1, 0, 0,
  0, 0, -1, 0,
  0, 0, 0, -1,
], 16);

/** Bytes of logits between two additions in float64. */
// @ts-ignore: decorator
@inline
const GROUP_BYTES: usize = 256;

/** Σ e^(z_j − ref(m)) over `length` logits at `ptr`, but for the one at `skip`. */
export function blockExpSum(ptr: usize, length: i32, m: f32, skip: i32): f64 {
  const offset = offsetOf(m);
  return offset != 0
    ? offsetExp(ptr, 0, length, offset, skip)
    : shiftedExp(false, ptr, 0, length, m, skip);
}

/** Stores e^(z_j − ref(m)) of `length` logits at `outPtr`; returns the sum as blockExpSum. */
export function blockExpStore(ptr: usize, outPtr: usize, length: i32, m: f32, skip: i32): f64 {
  const offset = offsetOf(m);
  return offset != 0
    ? offsetExp(ptr, outPtr, length, offset, skip)
    : shiftedExp(true, ptr, outPtr, length, m, skip);
}

// @ts-ignore: decorator
@inline
function shiftedExp(stored: bool, ptr: usize, outPtr: usize, length: i32, m: f32, skip: i32): f64 {
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
  const end = ptr + ((<usize>length) << 2);
  const endWhole = ptr + ((<usize>(length & ~3)) << 2);
  // The vector that holds the skipped logit; past the end where nothing is skipped.
  const skipAt = skip < 0 ? end + 4 : ptr + ((<usize>(skip & ~3)) << 2);
  let stop = min(skipAt, endWhole);
  while (true) {
    while (ptr < stop) {
      const pause = min(ptr + GROUP_BYTES, stop);
      let a = f32x4.splat(0);
      if (!ASC_FEATURE_RELAXED_SIMD) {
        const pause4 = ptr + ((pause - ptr) & ~63);
        let a1 = a;
        while (ptr < pause4) {
          const e0 = expShifted(v128.load(ptr), low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
          const e1 = expShifted(v128.load(ptr, 16), low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
          const e2 = expShifted(v128.load(ptr, 32), low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
          const e3 = expShifted(v128.load(ptr, 48), low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
          if (stored) {
            v128.store(outPtr, e0);
            v128.store(outPtr, e1, 16);
            v128.store(outPtr, e2, 32);
            v128.store(outPtr, e3, 48);
            outPtr += 64;
          }
          a = f32x4.add(a, f32x4.add(e0, e1));
          a1 = f32x4.add(a1, f32x4.add(e2, e3));
          ptr += 64;
        }
        a = f32x4.add(a, a1);
      }
      while (ptr < pause) {
        const e = expShifted(v128.load(ptr), low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
        if (stored) {
          v128.store(outPtr, e);
          outPtr += 16;
        }
        a = f32x4.add(a, e);
        ptr += 16;
      }
      sum = addLanes(sum, a);
    }
    if (ptr == end) break;
    const lanes = length & 3;
    const whole = ptr < endWhole;
    const z = whole ? v128.load(ptr) : loadPartial(ptr, lanes, -Infinity);
    let e = expShifted(z, low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
    if (stored) {
      if (whole) v128.store(outPtr, e);
      else storePartial(outPtr, e, lanes);
    }
    outPtr += 16;
    if (ptr == skipAt) e = v128.andnot(e, v128.load(MASKS + ((<usize>(skip & 3)) << 4)));
    sum = addLanes(sum, e);
    if (!whole) break;
    ptr += 16;
    stop = endWhole;
    if (ptr == end) break;
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** The same with z_j − offset in place of the shift (|m| > 2000); stores when `outPtr` is not 0. */
function offsetExp(ptr: usize, outPtr: usize, length: i32, offset: f32, skip: i32): f64 {
  const m = f32x4.splat(offset);
  const low = lowOf(0);
  const magic = magicOf(0);
  const log2e = expConstant(LOG2E);
  const hi = expConstant(LN2_HI);
  const lo = expConstant(LN2_LO);
  const c1 = expConstant(C1);
  const c2 = expConstant(C2);
  const c3 = expConstant(C3);
  const c4 = expConstant(C4);
  const c5 = expConstant(C5);
  let sum = f64x2.splat(0);
  for (let i = 0; i < length; i += 4) {
    const at = (<usize>i) << 2;
    const lanes = min(4, length - i);
    const z = lanes == 4 ? v128.load(ptr + at) : loadPartial(ptr + at, lanes, -Infinity);
    let e = expShifted(f32x4.sub(z, m), low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
    if (outPtr) {
      if (lanes == 4) v128.store(outPtr + at, e);
      else storePartial(outPtr + at, e, lanes);
    }
    if (i == (skip & ~3)) e = v128.andnot(e, v128.load(MASKS + ((<usize>(skip & 3)) << 4)));
    sum = addLanes(sum, e);
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

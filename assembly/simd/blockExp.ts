/**
 * Exponentials of a block of logits relative to the block's reference, summed or stored and summed,
 * optionally without one of them in the sum:
 *
 *   e_j = e^(z_j − ref(m)),   s = Σ_{j ≠ skip} e_j
 *
 * Layout
 *   reducedBlock.ts puts down what the loops here start from. A step is two vectors; after 64 logits
 *   the float32 sums go into float64: over a block of equal logits longer chains are several ULP off.
 *   The skipped exponential has a scale of 0 while the others are summed, so it adds exactly 0 and the
 *   order of the sum is the same whatever is skipped. The last length mod 8 logits are added apart.
 *
 * Domain     length ≤ 1024, m ≥ every logit of the block, m < ∞, skip in [0, length) or −1
 */
import { C0, C1, C2, C3, C4, C5, expConstant, expScaled, expScaledOf } from "../math/exp";
import { addLanes, storePartial } from "./lanes";
import { NEXT, reduceBlock, reduceMagnitudes } from "./reducedBlock";
import { REDUCED, scratchPtr } from "./scratch";

/** Bytes of logits between two additions in float64. */
// @ts-ignore: decorator
@inline
const GROUP_BYTES: usize = 256;

/** Σ e^(z_j − ref(m)) over `length` logits at `ptr`, but for the one at `skip`. */
export function blockExpSum(ptr: usize, length: i32, m: f32, skip: i32): f64 {
  reduceBlock(ptr, length, m);
  return sumReduced(length, skip);
}

/** Stores e^(z_j − ref(m)) of `length` logits at `outPtr`; returns the sum as blockExpSum. */
export function blockExpStore(ptr: usize, outPtr: usize, length: i32, m: f32, skip: i32): f64 {
  reduceBlock(ptr, length, m);
  return storeReduced(outPtr, length, skip);
}

/** Puts e^(−|z_j|) of `length` logits at `ptr` into scratch at REDUCED. */
export function blockExpMagnitudes(ptr: usize, length: i32): void {
  reduceMagnitudes(ptr, length);
  storeReduced(scratchPtr + REDUCED, length, -1);
}

function sumReduced(length: i32, skip: i32): f64 {
  return expReduced(false, 0, length, skip);
}

function storeReduced(outPtr: usize, length: i32, skip: i32): f64 {
  return expReduced(true, outPtr, length, skip);
}

// @ts-ignore: decorator
@inline
function expReduced(stored: bool, outPtr: usize, length: i32, skip: i32): f64 {
  let at = scratchPtr + REDUCED;
  const skipAt = at + ((<usize>skip) << 2);
  let scale: f32 = 0;
  if (skip >= 0) {
    scale = load<f32>(skipAt, NEXT);
    store<f32>(skipAt, 0, NEXT);
  }
  const c0 = expConstant(C0);
  const c1 = expConstant(C1);
  const c2 = expConstant(C2);
  const c3 = expConstant(C3);
  const c4 = expConstant(C4);
  const c5 = expConstant(C5);
  const shift = outPtr - at;
  let sum = f64x2.splat(0);
  const end = at + ((<usize>(length & ~7)) << 2);
  while (at < end) {
    const pause = min(at + GROUP_BYTES, end);
    let a = f32x4.splat(0);
    while (at < pause) {
      const e0 = expScaled(v128.load(at), v128.load(at, NEXT), c0, c1, c2, c3, c4, c5);
      const e1 = expScaled(v128.load(at, 16), v128.load(at, NEXT + 16), c0, c1, c2, c3, c4, c5);
      if (stored) {
        v128.store(at + shift, e0);
        v128.store(at + shift, e1, 16);
      }
      a = f32x4.add(a, f32x4.add(e0, e1));
      at += 32;
    }
    sum = addLanes(sum, a);
  }
  for (let left = length & 7; left > 0; left -= 4) {
    const e = expScaledOf(v128.load(at), v128.load(at, NEXT));
    if (stored) {
      if (left >= 4) v128.store(at + shift, e);
      else storePartial(at + shift, e, left);
    }
    sum = addLanes(sum, e);
    at += 16;
  }
  if (stored && skip >= 0) {
    const t = v128.load32_splat(skipAt);
    const e = expScaledOf(t, f32x4.splat(scale));
    store<f32>(skipAt + shift, f32x4.extract_lane(e, 0));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

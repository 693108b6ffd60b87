/**
 * Four elements of binaryCrossEntropyWithLogits.ts, whose mathematics this follows.
 */
import { log1pUnit, log1pUnitOf } from "../math/log1p";
import { loadPartial, loadTail, nmadd, storePartial, storeTail } from "../simd/lanes";

/**
 * Losses of four elements at offset `at`, given e, or of the last `lanes` of all where not `whole`: 0 in
 * the lanes above. Stores what is asked for. The first three are constants; `weighted` has much to do,
 * and its tail calls functions.
 */
// prettier-ignore
// @ts-ignore: decorator
@inline
export function step(
  weighted: bool, graded: bool, whole: bool, lanes: i32, at: usize, xPtr: usize, zPtr: usize, weightPtr: usize,
  posWeightPtr: usize, upstreamPtr: usize, eachPtr: usize, gradPtr: usize, e: v128,
  sign: v128, one: v128, zero: v128, keeps: v128, shares: v128, scales: v128,
): v128 {
  const x = loadLanes(xPtr + at, weighted, whole, lanes);
  const z = loadLanes(zPtr + at, weighted, whole, lanes);
  let b = z;
  let a = f32x4.sub(one, z);
  let used = zero;
  if (weighted) {
    b = f32x4.add(f32x4.mul(b, keeps), shares);
    a = f32x4.add(f32x4.mul(a, keeps), shares);
    if (posWeightPtr) b = f32x4.mul(b, loadLanes(posWeightPtr + at, weighted, whole, lanes));
    if (weightPtr) {
      const w = loadLanes(weightPtr + at, weighted, whole, lanes);
      const kept = f32x4.ne(w, zero); // so that 0 · NaN label is 0
      a = v128.and(f32x4.mul(a, w), kept);
      b = v128.and(f32x4.mul(b, w), kept);
    }
    used = v128.or(f32x4.ne(a, zero), f32x4.ne(b, zero));
  }
  let tail = weighted && !whole ? log1pUnitOf(e) : log1pUnit(e);
  if (weighted) tail = v128.and(f32x4.mul(f32x4.add(a, b), tail), used);
  const swap = v128.and(v128.xor(a, b), i32x4.shr_s(x, 31));
  const c = v128.xor(a, swap);
  const far = v128.and(f32x4.mul(c, v128.andnot(x, sign)), f32x4.ne(c, zero));
  let loss = f32x4.add(far, tail);
  if (weighted && eachPtr) storeLanes(eachPtr + at, loss, weighted, whole, lanes);
  if (!whole) loss = v128.and(loss, laneMask(lanes));
  if (!graded) return loss;

  const d = v128.xor(b, swap);
  const up = f32x4.div(f32x4.mul(nmadd(d, e, c), scales), f32x4.add(one, e));
  let g = v128.xor(up, v128.and(x, sign));
  if (weighted) {
    if (upstreamPtr) {
      const u = loadLanes(upstreamPtr + at, weighted, whole, lanes);
      g = f32x4.mul(g, u);
      used = v128.and(used, f32x4.ne(u, zero));
    }
    g = v128.and(g, v128.and(used, f32x4.ne(scales, zero)));
    if (gradPtr) storeLanes(gradPtr + at, g, weighted, whole, lanes);
  } else {
    storeLanes(gradPtr + at, g, weighted, whole, lanes);
  }
  return loss;
}

// @ts-ignore: decorator
@inline
function loadLanes(ptr: usize, weighted: bool, whole: bool, lanes: i32): v128 {
  if (whole) return v128.load(ptr);
  return weighted ? loadTail(ptr, lanes, 0) : loadPartial(ptr, lanes, 0);
}

// @ts-ignore: decorator
@inline
function storeLanes(ptr: usize, x: v128, weighted: bool, whole: bool, lanes: i32): void {
  if (whole) v128.store(ptr, x);
  else if (weighted) storeTail(ptr, x, lanes);
  else storePartial(ptr, x, lanes);
}

/** All ones in the lowest `lanes` lanes. */
function laneMask(lanes: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(lanes));
}

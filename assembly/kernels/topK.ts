/**
 * Row-wise k greatest (or smallest) logits with their indices, best first.
 *
 * Mathematics
 *   Each logit becomes an int32 key of the same order: key = bits ^ ((bits >> 31) & 0x7fffffff),
 *   with −0 as 0 and every NaN above +∞ (and below −∞ for the smallest, whose keys are ~key).
 *   An int64 candidate (key << 32) | (2^31 − 1 − index) orders by key, then by lower index, and is
 *   less than 2^63 − 1 even for a NaN at index 0.
 *
 *   Candidates are all different, so those that follow the k best are the best below the k-th:
 *   topKResume lets the next row go on from there, and any k is found in passes with a small heap.
 *
 * Layout
 *   A heap of k candidates, the worst on top, in `heapPtr` (8 bytes each). Logits are compared with
 *   its key four at a time; few enter the heap. At the end the heap is sorted in place.
 *
 * Domain     0 ≤ k ≤ C, zPtr aligned to 4, heapPtr to 8
 * Max error  exact; a NaN comes back as the canonical NaN, −0 as 0
 */
import { loadPartial } from "../simd/lanes";

/** Key of every NaN: above that of +∞, below the int32 maximum so that no candidate is the bound. */
// @ts-ignore: decorator
@inline
const NAN_KEY: i32 = 0x7ffffffe;

/** All bits but the sign, and NAN_KEY: loaded, as V8 makes a v128.const anew at every use in a loop. */
// prettier-ignore
const KEYS = memory.data<i32>([
  0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff,
  NAN_KEY, NAN_KEY, NAN_KEY, NAN_KEY,
], 16);

let filled: i32 = 0;
/** Candidates of the row under way are below it; and the worst one of the row before. */
let bound: i64 = i64.MAX_VALUE;
let last: i64 = i64.MAX_VALUE;

/** The next row is the same as the last one, without what that one has found. */
export function topKResume(): void {
  bound = last;
}

export function topKRows(
  zPtr: usize,
  valuesPtr: usize,
  indicesPtr: usize,
  rows: i32,
  classes: i32,
  k: i32,
  largest: bool,
  heapPtr: usize,
): void {
  for (let i = 0; i < rows; i++) {
    topKSegment(zPtr, classes, 0, k, largest, heapPtr);
    topKClose(valuesPtr, indicesPtr, k, largest, heapPtr);
    zPtr += (<usize>classes) << 2;
    valuesPtr += (<usize>k) << 2;
    indicesPtr += (<usize>k) << 2;
  }
}

/** Takes in `length` logits from class `first` on; first = 0 begins a row. */
export function topKSegment(
  zPtr: usize,
  length: i32,
  first: i32,
  k: i32,
  largest: bool,
  heapPtr: usize,
): void {
  if (first == 0) filled = 0;
  if (k == 0) return;
  const flip = i32x4.splat(largest ? 0 : -1);
  for (let i = 0; i < length; i += 4) {
    const at = zPtr + ((<usize>i) << 2);
    const lanes = min(4, length - i);
    const keys = v128.xor(keysOf(lanes == 4 ? v128.load(at) : loadPartial(at, lanes, 0)), flip);
    let better = (1 << lanes) - 1;
    if (filled == k) {
      const worst = <i32>(load<i64>(heapPtr) >> 32);
      better &= i32x4.bitmask(i32x4.gt_s(keys, i32x4.splat(worst)));
    }
    if (better == 0) continue;
    if (better & 1) offer(i32x4.extract_lane(keys, 0), first + i, k, heapPtr);
    if (better & 2) offer(i32x4.extract_lane(keys, 1), first + i + 1, k, heapPtr);
    if (better & 4) offer(i32x4.extract_lane(keys, 2), first + i + 2, k, heapPtr);
    if (better & 8) offer(i32x4.extract_lane(keys, 3), first + i + 3, k, heapPtr);
  }
}

/** Sorts the heap, best first, and writes values and indices. */
export function topKClose(
  valuesPtr: usize,
  indicesPtr: usize,
  k: i32,
  largest: bool,
  heapPtr: usize,
): void {
  if (k > 0) last = load<i64>(heapPtr);
  bound = i64.MAX_VALUE;
  for (let place = k - 1; place >= 0; place--) {
    const candidate = load<i64>(heapPtr);
    const end = heapPtr + ((<usize>place) << 3);
    sink(load<i64>(end), place, heapPtr);
    const key = (<i32>(candidate >> 32)) ^ (largest ? 0 : -1);
    const bits = key ^ ((key >> 31) & 0x7fffffff);
    const isNaN = key == NAN_KEY;
    store<f32>(valuesPtr + ((<usize>place) << 2), isNaN ? f32.NaN : reinterpret<f32>(bits));
    store<i32>(indicesPtr + ((<usize>place) << 2), i32.MAX_VALUE - <i32>candidate);
  }
}

// @ts-ignore: decorator
@inline
export function keysOf(z: v128): v128 {
  const bits = v128.andnot(z, f32x4.eq(z, f32x4.splat(0))); // −0 becomes 0
  const keys = v128.xor(bits, v128.and(i32x4.shr_s(bits, 31), v128.load(KEYS)));
  return v128.bitselect(v128.load(KEYS, 16), keys, f32x4.ne(z, z));
}

/** Takes in one logit by its key. */
export function offer(key: i32, index: i32, k: i32, heapPtr: usize): void {
  const candidate = ((<i64>key) << 32) | (<i64>(i32.MAX_VALUE - index));
  if (candidate >= bound) return;
  if (filled < k) {
    // Rise from the end while the parent is better than the newcomer.
    let at = filled++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = load<i64>(heapPtr + ((<usize>parent) << 3));
      if (above <= candidate) break;
      store<i64>(heapPtr + ((<usize>at) << 3), above);
      at = parent;
    }
    store<i64>(heapPtr + ((<usize>at) << 3), candidate);
  } else if (candidate > load<i64>(heapPtr)) {
    sink(candidate, k, heapPtr);
  }
}

/** Puts `candidate` in place of the top of a heap of `size` and restores the order. */
function sink(candidate: i64, size: i32, heapPtr: usize): void {
  let at = 0;
  while (true) {
    let child = 2 * at + 1;
    if (child >= size) break;
    let below = load<i64>(heapPtr + ((<usize>child) << 3));
    if (child + 1 < size) {
      const right = load<i64>(heapPtr + ((<usize>(child + 1)) << 3));
      if (right < below) {
        below = right;
        child++;
      }
    }
    if (below >= candidate) break;
    store<i64>(heapPtr + ((<usize>at) << 3), below);
    at = child;
  }
  if (size > 0) store<i64>(heapPtr + ((<usize>at) << 3), candidate);
}

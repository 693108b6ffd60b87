/**
 * The k most likely classes of a row while score.ts visits it, as log-probabilities and indices.
 *
 * Layout
 *   Thirty-two logits at a time are compared with a lower bound of the k-th best; only the eight of
 *   which one exceeds it are looked at by topK.ts. A later equal logit loses to an earlier one, so `>` is
 *   exact beside the k-th best so far. NaN passes no comparison: a row or block that holds one goes
 *   to topK.ts whole.
 *   topKClose leaves logits; they become (z − m) − L with m and L of the closed row.
 */
import { BLOCK, ENTRY, blocksOf, rowLog, rowMax } from "./rowTable";
import { loadPartial } from "../simd/lanes";
import { keysOf, offer, topKClose, topKSegment } from "./topK";

/**
 * Takes in a whole row whose table is written. With k blocks or more the greatest logit of each comes
 * first: the k-th of them bounds the k-th best from below, so that of the others few are taken in, and
 * only blocks that reach the bound are looked at again.
 */
export function enterBestOfRow(
  zPtr: usize,
  classes: i32,
  k: i32,
  hasNaN: bool,
  heapPtr: usize,
  tablePtr: usize,
): void {
  const blocks = blocksOf(classes);
  if (hasNaN || blocks < k) {
    enterBest(zPtr, classes, 0, k, Infinity, hasNaN, heapPtr);
    return;
  }
  topKSegment(zPtr, 0, 0, k, true, heapPtr); // begins
  for (let b = 0; b < blocks; b++) {
    const entry = tablePtr + <usize>b * ENTRY;
    offerOne(load<f32>(entry), load<i32>(entry, 4), k, heapPtr);
  }
  if (worstOf(heapPtr) == -Infinity) {
    enterBest(zPtr, classes, 0, k, Infinity, false, heapPtr);
    return;
  }
  for (let b = 0; b < blocks; b++) {
    const entry = tablePtr + <usize>b * ENTRY;
    const bound = worstOf(heapPtr);
    if (load<f32>(entry) < bound) continue;
    const t = f32x4.splat(bound);
    const first = load<i32>(entry, 4);
    const end = min(b * BLOCK + BLOCK, classes);
    for (let i = b * BLOCK; i < end;) {
      const at = zPtr + ((<usize>i) << 2);
      if (i + 32 <= end) {
        const g0 = v128.or(f32x4.ge(v128.load(at), t), f32x4.ge(v128.load(at, 16), t));
        const g1 = v128.or(f32x4.ge(v128.load(at, 32), t), f32x4.ge(v128.load(at, 48), t));
        const g2 = v128.or(f32x4.ge(v128.load(at, 64), t), f32x4.ge(v128.load(at, 80), t));
        const g3 = v128.or(f32x4.ge(v128.load(at, 96), t), f32x4.ge(v128.load(at, 112), t));
        if (!v128.any_true(v128.or(v128.or(g0, g1), v128.or(g2, g3)))) {
          i += 32;
          continue;
        }
      }
      for (const stop = min(i + 32, end); i < stop; i += 4) {
        const p = zPtr + ((<usize>i) << 2);
        const z = i + 4 <= end ? v128.load(p) : loadPartial(p, end - i, -Infinity);
        let hits = i32x4.bitmask(f32x4.ge(z, t));
        for (; hits; hits &= hits - 1) {
          const j = ctz(hits);
          if (i + j != first) offerOne(load<f32>(p + ((<usize>j) << 2)), i + j, k, heapPtr);
        }
      }
    }
  }
}

/** Takes in a number of class i. */
// @ts-ignore: decorator
@inline
function offerOne(z: f32, i: i32, k: i32, heapPtr: usize): void {
  offer(i32x4.extract_lane(keysOf(f32x4.splat(z)), 0), i, k, heapPtr);
}

/** Takes in `length` logits from class `first` on, m no less than the greatest of them. */
export function enterBest(
  zPtr: usize,
  length: i32,
  first: i32,
  k: i32,
  m: f32,
  hasNaN: bool,
  heapPtr: usize,
): void {
  // The first k logits, in whole vectors, fill the heap whatever they are.
  const blind = hasNaN ? length : max(0, min(length, (k - first + 3) & ~3));
  if (blind > 0) topKSegment(zPtr, blind, first, k, true, heapPtr);
  if (blind == length) return;
  const worst = worstOf(heapPtr);
  if (m <= worst) return;
  enterAbove(zPtr + ((<usize>blind) << 2), length - blind, first + blind, worst, k, heapPtr);
}

/** Takes in those of `length` logits that stand among eight of which one exceeds `bound`. */
function enterAbove(
  zPtr: usize,
  length: i32,
  first: i32,
  bound: f32,
  k: i32,
  heapPtr: usize,
): void {
  const t = f32x4.splat(bound);
  let i = 0;
  for (; i + 32 <= length; i += 32) {
    const at = zPtr + ((<usize>i) << 2);
    const g0 = v128.or(f32x4.gt(v128.load(at), t), f32x4.gt(v128.load(at, 16), t));
    const g1 = v128.or(f32x4.gt(v128.load(at, 32), t), f32x4.gt(v128.load(at, 48), t));
    const g2 = v128.or(f32x4.gt(v128.load(at, 64), t), f32x4.gt(v128.load(at, 80), t));
    const g3 = v128.or(f32x4.gt(v128.load(at, 96), t), f32x4.gt(v128.load(at, 112), t));
    if (i32x4.bitmask(v128.or(v128.or(g0, g1), v128.or(g2, g3)))) {
      if (i32x4.bitmask(g0)) topKSegment(at, 8, first + i, k, true, heapPtr);
      if (i32x4.bitmask(g1)) topKSegment(at + 32, 8, first + i + 8, k, true, heapPtr);
      if (i32x4.bitmask(g2)) topKSegment(at + 64, 8, first + i + 16, k, true, heapPtr);
      if (i32x4.bitmask(g3)) topKSegment(at + 96, 8, first + i + 24, k, true, heapPtr);
    }
  }
  if (i < length) topKSegment(zPtr + ((<usize>i) << 2), length - i, first + i, k, true, heapPtr);
}

/** The k-th best logit so far; +∞ where that is NaN, which nothing exceeds. */
export function worstOf(heapPtr: usize): f32 {
  const key = load<i32>(heapPtr, 4);
  if (key > 0x7f800000) return Infinity;
  return reinterpret<f32>(key ^ ((key >> 31) & 0x7fffffff));
}

/** Writes k log-probabilities, those below `floor` raised to it, and their indices. */
export function closeBest(
  valuesPtr: usize,
  indicesPtr: usize,
  k: i32,
  floor: f64,
  heapPtr: usize,
): void {
  topKClose(valuesPtr, indicesPtr, k, true, heapPtr);
  for (let i = 0; i < k; i++) {
    const at = valuesPtr + ((<usize>i) << 2);
    const logProb = <f64>load<f32>(at) - <f64>rowMax - rowLog;
    store<f32>(at, <f32>(logProb < floor ? floor : logProb));
  }
}

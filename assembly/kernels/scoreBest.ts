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
import { topKClose, topKSegment } from "./topK";

/**
 * Takes in a whole row whose table is written. With k blocks or more the k-th greatest block maximum
 * bounds the k-th best logit from below, and only blocks that reach it are looked at again.
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
  for (let b = 0; b < blocks; b++) {
    const entry = tablePtr + <usize>b * ENTRY;
    if (b < k || load<f32>(entry) > worstOf(heapPtr)) topKSegment(entry, 1, b, k, true, heapPtr);
  }
  const bound = worstOf(heapPtr);
  if (bound == -Infinity) {
    topKSegment(zPtr, classes, 0, k, true, heapPtr);
    return;
  }
  topKSegment(zPtr, 0, 0, k, true, heapPtr); // begins anew
  const below = before(bound);
  for (let b = 0; b < blocks; b++) {
    if (load<f32>(tablePtr + <usize>b * ENTRY) < bound) continue;
    const first = b * BLOCK;
    enterAbove(zPtr + ((<usize>first) << 2), min(BLOCK, classes - first), first, below, k, heapPtr);
  }
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

/** The next float32 below z > −∞; −0 stands for 0 and does not count. */
function before(z: f32): f32 {
  const bits = reinterpret<i32>(z);
  if (z == 0) return reinterpret<f32>(<u32>0x80000001);
  return reinterpret<f32>(bits > 0 ? bits - 1 : bits + 1);
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

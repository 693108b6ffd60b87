/**
 * One block of a row for score.ts: its entry in the row's table, and the state of the row that needs
 * no exponential.
 *
 * Layout
 *   blockScan reads the block from memory, everything after it from cache. The second greatest logit
 *   is looked for only in a block that raises the maximum, a handful in a row of any order but sorted.
 */
import { blockFind, blockHasNaN, blockMax } from "../simd/blockMax";
import { blockMoments, momentGap, momentSquare } from "../simd/blockMoments";
import { blockCount, blockScan, scanAbove, scanMin } from "../simd/blockScan";

/** y, or −1 for no target. */
let targetIndex: i32 = 0;
/** Logits equal to the target's at lower indices so far; counted with `squares` only. */
export let tied: i32 = 0;
/** z_y, or +∞ for no target. */
export let targetLogit: f32 = 0;
/** Logits above the target's so far, NaN among them. */
export let above: i32 = 0;
/** The greatest logit so far, the one after it, and the least; NaN apart. */
let best: f32 = 0;
export let second: f32 = 0;
export let least: f32 = 0;
/** Whether a logit is +∞. */
export let hasInfinity: bool = false;
/** Index of the first NaN, −1 for none. */
export let nanIndex: i32 = 0;

/** Begins a row. */
export function beginScore(y: i32, target: f32): void {
  targetIndex = y;
  targetLogit = target;
  tied = 0;
  above = 0;
  best = -Infinity;
  second = -Infinity;
  least = Infinity;
  hasInfinity = false;
  nanIndex = -1;
}

/** Writes the entry of one block and brings the state of the row up to it; whether it holds NaN. */
export function enterScore(
  zPtr: usize,
  length: i32,
  first: i32,
  squares: bool,
  entry: usize,
): bool {
  const m = blockScan(zPtr, length, targetLogit);
  above += scanAbove;
  if (squares) tied += blockCount(zPtr, min(length, targetIndex - first), targetLogit);
  least = min(least, scanMin);
  let index = 0;
  let rest: f64 = 0;
  let gap: f32 = 0;
  let square: f32 = 0;
  if (m == Infinity) {
    hasInfinity = true;
    index = blockFind(zPtr, length, m);
    rest = blockHasNaN(zPtr, length) ? NaN : Infinity;
  } else if (m == -Infinity) {
    rest = blockHasNaN(zPtr, length) ? NaN : 0;
  } else {
    index = blockFind(zPtr, length, m);
    rest = blockMoments(zPtr, length, m, index, squares);
    gap = momentGap;
    square = momentSquare;
  }
  store<f32>(entry, m);
  store<i32>(entry, first + index, 4);
  store<f64>(entry, rest, 8);
  store<f32>(entry, gap, 16);
  store<f32>(entry, square, 20);
  // Only a block with a new maximum can hold the second place beside it.
  if (m > best) {
    const after = (<usize>(index + 1)) << 2;
    second = max(best, blockMax(zPtr, index));
    second = max(second, blockMax(zPtr + after, length - index - 1));
    best = m;
  } else {
    second = max(second, m);
  }
  if (rest == rest) return false;
  countNaN(zPtr, length, first);
  return true;
}

/**
 * NaN counts as greatest: above every target that is a number. Infinities, which blockScan may miss
 * beside NaN, are looked for one by one.
 */
function countNaN(zPtr: usize, length: i32, first: i32): void {
  for (let i = 0; i < length; i++) {
    const z = load<f32>(zPtr + ((<usize>i) << 2));
    if (z == z) {
      least = min(least, z);
      hasInfinity = hasInfinity || z == Infinity;
      continue;
    }
    above++;
    if (nanIndex < 0) nanIndex = first + i;
  }
}

/**
 * The table of a row: one entry for every block of 1024 logits, and the row's totals from it.
 *
 * Mathematics
 *   Block b with maximum m_b, first met at index j_b, holds
 *     rest_b = Σ_{j ≠ j_b} e^(z_j − ref(m_b)),   the sum without its largest term.
 *   The row's maximum m is the largest m_b. With everything carried to ref(m):
 *     top  = e^(m − ref(m)),   rest = Σ_b (rest_b, and for b ≠ argmax also e^(m_b − ref)) · e^(ref(m_b) − ref(m))
 *     logSumExp = m + L,   L = ln(1 + rest / top)
 *
 * Stability
 *   The largest term never enters the sum of the others, so L keeps its relative accuracy down to the
 *   smallest normal float32 (a confident row's loss of 1e-9 is 1e-9), and m + L never subtracts.
 *   Every block has its own reference, so an entry depends on its block alone: a row may be cut at
 *   any multiple of 1024 and gives the same bits. Totals are joined in float64, in block order.
 *   m = −∞: rest is 0, or NaN if a NaN is present. m = +∞: rest is +∞, or NaN. L is NaN in both.
 *
 * Layout
 *   Entry, 32 bytes: f32 m_b · i32 j_b · f64 rest_b · f32 gap_b ·
 *   f32 mass_b · i32 shared · 4 unused (gap, mass and shared belong to denseTarget.ts).
 */
import { blockExpStore, blockExpSum } from "../simd/blockExp";
import { blockFind, blockHasNaN, blockMax } from "../simd/blockMax";
import { log1p64 } from "../math/log1p";
import { rescale, topOf } from "../math/reference";

/** Logits in a block. Rows are cut at multiples of it only. */
// @ts-ignore: decorator
@inline
export const BLOCK: i32 = 1024;

/** Bytes of an entry; src/memory/workspace.ts reserves as many for each block. */
// @ts-ignore: decorator
@inline
export const ENTRY: usize = 32;

/** m, the row's greatest logit. */
export let rowMax: f32 = 0;
/** Index of the first logit that equals m; 0 if there is none. */
export let rowArgmax: i32 = 0;
/** e^(m − ref(m)); 0 where m is not finite. */
export let rowTop: f64 = 0;
/** Σ of the other exponentials, relative to ref(m). */
export let rowRest: f64 = 0;
/** L = logSumExp − m; NaN unless m is finite and no logit is NaN. */
export let rowLog: f64 = 0;

/** Number of blocks in a row. */
// @ts-ignore: decorator
@inline
export function blocksOf(classes: i32): i32 {
  return (classes + BLOCK - 1) / BLOCK;
}

/**
 * Writes the entries of `length` logits at `zPtr` that begin at class `first` (a multiple of 1024).
 * With `ePtr` it also stores each e^(z_j − ref(m_b)) there (zPtr itself is allowed).
 */
export function enterRow(zPtr: usize, ePtr: usize, length: i32, first: i32, tablePtr: usize): void {
  let entry = tablePtr + <usize>(first / BLOCK) * ENTRY;
  for (let start = 0; start < length; start += BLOCK) {
    const at = (<usize>start) << 2;
    const count = min(BLOCK, length - start);
    const m = blockMax(zPtr + at, count);
    enterBlock(zPtr + at, ePtr ? ePtr + at : 0, count, first + start, m, entry);
    entry += ENTRY;
  }
}

/** Writes the entry of one block: `length` ≤ 1024 logits from class `first` on, with maximum m. */
export function enterBlock(
  zPtr: usize,
  ePtr: usize,
  length: i32,
  first: i32,
  m: f32,
  entry: usize,
): void {
  let index = 0;
  let rest: f64 = 0;
  if (m == Infinity) {
    index = blockFind(zPtr, length, m);
    rest = blockHasNaN(zPtr, length) ? NaN : Infinity;
  } else {
    const skip = m == -Infinity ? -1 : blockFind(zPtr, length, m);
    rest = ePtr ? blockExpStore(zPtr, ePtr, length, m, skip) : blockExpSum(zPtr, length, m, skip);
    index = max(0, skip);
  }
  store<f32>(entry, m);
  store<i32>(entry, first + index, 4);
  store<f64>(entry, rest, 8);
}

/** Joins the entries of a row into rowMax, rowArgmax, rowTop, rowRest and rowLog. */
export function closeRow(tablePtr: usize, blocks: i32): void {
  let m: f32 = -Infinity;
  let widest = 0;
  for (let b = 0; b < blocks; b++) {
    const blockM = load<f32>(tablePtr + <usize>b * ENTRY);
    if (blockM > m) {
      m = blockM;
      widest = b;
    }
  }
  let rest: f64 = 0;
  for (let b = 0; b < blocks; b++) {
    const entry = tablePtr + <usize>b * ENTRY;
    const blockM = load<f32>(entry);
    let sum = load<f64>(entry, 8);
    if (b != widest && blockM != -Infinity) sum += topOf(blockM);
    rest += sum * rescale(blockM, m);
  }
  const finite = m > -Infinity && m < Infinity;
  rowMax = m;
  rowArgmax = load<i32>(tablePtr + <usize>widest * ENTRY, 4);
  rowTop = finite ? topOf(m) : 0;
  rowRest = rest;
  rowLog = finite ? log1p64(rest / rowTop) : NaN;
}

/** logSumExp of the closed row: m + L, ±∞ where m is, NaN if a logit is. */
export function rowLogSumExp(): f64 {
  if (rowMax == -Infinity) return rowRest == 0 ? -Infinity : NaN;
  if (rowMax == Infinity) return rowRest != rowRest ? NaN : Infinity;
  return <f64>rowMax + rowLog;
}

/** What turns e^(z − ref(m_b)) into probabilities of the closed row: e^(ref(m_b) − ref(m)) / Σ. */
export function probabilityFactor(blockM: f32): f64 {
  if (rowMax == Infinity) return NaN;
  return rescale(blockM, rowMax) / (rowTop + rowRest);
}

/** Address of the entry of the block that holds class `first`. */
// @ts-ignore: decorator
@inline
export function entryOf(tablePtr: usize, first: i32): usize {
  return tablePtr + <usize>(first / BLOCK) * ENTRY;
}

/** m_b of the block that holds class `first`. */
// @ts-ignore: decorator
@inline
export function blockMaxOf(tablePtr: usize, first: i32): f32 {
  return load<f32>(entryOf(tablePtr, first));
}

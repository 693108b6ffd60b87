/**
 * Row-wise softmax of logits z, shape (N, C):  p_ij = e^(z_ij) / Σ_c e^(z_ic)
 *
 * Mathematics
 *   Block b stores e^(z − ref(m_b)) and its sum; then p = e · f_b, f_b = e^(ref(m_b) − ref(m)) / Σ.
 *
 * Stability
 *   See rowTable.ts: exact joins, float64 across blocks. A row with NaN or +∞, or of −∞ only, is
 *   NaN; with `maskedZero` a row of −∞ only is 0.
 *
 * Layout
 *   One exponential and two visits in cache per logit: store, then scale. outPtr may be zPtr.
 *   Rows of at most 64 classes: softmaxShort.ts. Long rows are fed in segments: softmaxSegment, softmaxClose, then softmaxSegment with an
 *   output and softmaxWrite; the same bits as the row in one piece.
 *
 * Domain     C ≥ 1, pointers aligned to 4
 * Max error  as in test/support/tolerance.ts, `softmax`
 */
import { blockScale } from "../simd/blockScale";
import { SHORT } from "./shortRows";
import { softmaxShortRows } from "./softmaxShort";
import {
  BLOCK,
  blockMaxOf,
  blocksOf,
  closeRow,
  enterRow,
  probabilityFactor,
  rowMax,
  rowRest,
} from "./rowTable";

export function softmaxRows(
  zPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
  maskedZero: bool,
  tablePtr: usize,
): void {
  if (classes <= SHORT) {
    softmaxShortRows(zPtr, outPtr, rows, classes, false, maskedZero, tablePtr);
    return;
  }
  const rowBytes = (<usize>classes) << 2;
  for (let i = 0; i < rows; i++) {
    softmaxRow(zPtr, outPtr, classes, maskedZero, tablePtr);
    zPtr += rowBytes;
    outPtr += rowBytes;
  }
}

export function softmaxRow(
  zPtr: usize,
  outPtr: usize,
  classes: i32,
  maskedZero: bool,
  tablePtr: usize,
): void {
  softmaxSegment(zPtr, outPtr, classes, 0, tablePtr);
  softmaxClose(classes, tablePtr);
  softmaxWrite(outPtr, classes, 0, maskedZero, tablePtr);
}

/** Enters `length` logits from class `first` on; stores their exponentials where outPtr is not 0. */
export function softmaxSegment(
  zPtr: usize,
  outPtr: usize,
  length: i32,
  first: i32,
  tablePtr: usize,
): void {
  enterRow(zPtr, outPtr, length, first, tablePtr);
}

export function softmaxClose(classes: i32, tablePtr: usize): void {
  closeRow(tablePtr, blocksOf(classes));
}

/** Turns stored exponentials into probabilities. */
export function softmaxWrite(
  outPtr: usize,
  length: i32,
  first: i32,
  maskedZero: bool,
  tablePtr: usize,
): void {
  if (maskedZero && rowMax == -Infinity && rowRest == 0) {
    memory.fill(outPtr, 0, (<usize>length) << 2);
    return;
  }
  for (let start = 0; start < length; start += BLOCK) {
    const factor = <f32>probabilityFactor(blockMaxOf(tablePtr, first + start));
    blockScale(outPtr + ((<usize>start) << 2), min(BLOCK, length - start), factor);
  }
}

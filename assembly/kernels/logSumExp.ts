/**
 * Row-wise log-sum-exp of logits z, shape (N, C):  lse_i = ln Σ_j e^(z_ij)
 *
 * Mathematics
 *   lse = m + L, L = ln(1 + rest / top): rowTable.ts.
 *
 * Stability
 *   Nothing overflows; the sum is float64 across blocks of 1024. A row of −∞ only, or of no
 *   classes, gives −∞; a row with +∞ gives +∞; a row with NaN gives NaN.
 *
 * Layout
 *   One exponential per logit, read once from memory and twice from cache; nothing is stored.
 *
 * Domain     C ≥ 0, pointers aligned to 4
 * Max error  as in test/support/tolerance.ts, `logSumExp`
 */
import { logSumExpShortRows } from "./logSumExpShort";
import { SHORT } from "./shortRows";
import { blocksOf, closeRow, enterRow, rowLogSumExp } from "./rowTable";

export function logSumExpRows(
  zPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
  tablePtr: usize,
): void {
  if (classes <= SHORT && classes > 0) {
    logSumExpShortRows(zPtr, outPtr, rows, classes, false, tablePtr);
    return;
  }
  for (let i = 0; i < rows; i++) {
    logSumExpSegment(zPtr, classes, 0, tablePtr);
    logSumExpClose(outPtr, classes, tablePtr);
    zPtr += (<usize>classes) << 2;
    outPtr += 4;
  }
}

export function logSumExpSegment(zPtr: usize, length: i32, first: i32, tablePtr: usize): void {
  enterRow(zPtr, 0, length, first, tablePtr);
}

export function logSumExpClose(outPtr: usize, classes: i32, tablePtr: usize): void {
  if (classes == 0) {
    store<f32>(outPtr, -Infinity);
    return;
  }
  closeRow(tablePtr, blocksOf(classes));
  store<f32>(outPtr, <f32>rowLogSumExp());
}

/**
 * Row-wise log-softmax of logits z, shape (N, C):  z_ij − ln Σ_c e^(z_ic)
 *
 * Mathematics
 *   (z − m) − L with L = ln(1 + rest / top) from rowTable.ts.
 *
 * Stability
 *   z − m and −L are both ≤ 0, so the two roundings never cancel: the error is relative even where
 *   the result is −1e-9. A row with NaN or +∞, or of −∞ only, is NaN; with `maskedZero` a row of
 *   −∞ only is −∞ (the logarithm of probability 0).
 *
 * Layout
 *   One exponential per logit; the second visit is two subtractions. outPtr may be zPtr.
 *
 * Domain     C ≥ 1, pointers aligned to 4
 * Max error  as in test/support/tolerance.ts, `logSoftmax`
 */
import { loadPartial, storePartial } from "../simd/lanes";
import { SHORT } from "./shortRows";
import { logSoftmaxShortRows } from "./logSoftmaxShort";
import { blocksOf, closeRow, enterRow, rowLog, rowMax, rowRest } from "./rowTable";

export function logSoftmaxRows(
  zPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
  maskedZero: bool,
  tablePtr: usize,
): void {
  if (classes <= SHORT) {
    logSoftmaxShortRows(zPtr, outPtr, rows, classes, false, maskedZero, tablePtr);
    return;
  }
  const rowBytes = (<usize>classes) << 2;
  for (let i = 0; i < rows; i++) {
    logSoftmaxSegment(zPtr, classes, 0, tablePtr);
    logSoftmaxClose(classes, tablePtr);
    logSoftmaxWrite(zPtr, outPtr, classes, maskedZero);
    zPtr += rowBytes;
    outPtr += rowBytes;
  }
}

export function logSoftmaxSegment(zPtr: usize, length: i32, first: i32, tablePtr: usize): void {
  enterRow(zPtr, 0, length, first, tablePtr);
}

export function logSoftmaxClose(classes: i32, tablePtr: usize): void {
  closeRow(tablePtr, blocksOf(classes));
}

/** Writes (z − m) − L of the closed row for `length` of its logits. */
export function logSoftmaxWrite(zPtr: usize, outPtr: usize, length: i32, maskedZero: bool): void {
  const masked = maskedZero && rowMax == -Infinity && rowRest == 0;
  const m = f32x4.splat(masked ? 0 : rowMax);
  const rest = f32x4.splat(masked ? 0 : <f32>rowLog);
  const end = zPtr + ((<usize>length) << 2);
  const end16 = zPtr + ((<usize>(length & ~15)) << 2);
  while (zPtr < end16) {
    const y0 = f32x4.sub(f32x4.sub(v128.load(zPtr), m), rest);
    const y1 = f32x4.sub(f32x4.sub(v128.load(zPtr, 16), m), rest);
    const y2 = f32x4.sub(f32x4.sub(v128.load(zPtr, 32), m), rest);
    const y3 = f32x4.sub(f32x4.sub(v128.load(zPtr, 48), m), rest);
    v128.store(outPtr, y0);
    v128.store(outPtr, y1, 16);
    v128.store(outPtr, y2, 32);
    v128.store(outPtr, y3, 48);
    zPtr += 64;
    outPtr += 64;
  }
  while (zPtr + 16 <= end) {
    v128.store(outPtr, f32x4.sub(f32x4.sub(v128.load(zPtr), m), rest));
    zPtr += 16;
    outPtr += 16;
  }
  if (zPtr < end) {
    const lanes = length & 3;
    const z = loadPartial(zPtr, lanes, 0);
    storePartial(outPtr, f32x4.sub(f32x4.sub(z, m), rest), lanes);
  }
}

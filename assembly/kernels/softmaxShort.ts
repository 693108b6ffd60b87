/**
 * softmax of rows of at most 64 classes:  p = e / Σ, with e of shortExps.ts and Σ of shortSums.ts.
 * With `turned` rows come and go as columns (turnColumns.ts). A row whose Σ is 0 or NaN (wide rows,
 * NaN, ±∞) goes to the code for long rows.
 */
import { softmaxRow } from "./softmax";
import { EXPS, FACTORS, ROW_EXPS, TABLE, enterShort, putBack, rowAt } from "./shortExps";
import { chunkRows } from "./shortRows";
import { scaleShort } from "./shortScale";
import { invertSums } from "./shortSums";
import { SOFTMAX, twoClasses } from "./twoClasses";

export function softmaxShortRows(
  zPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  maskedZero: bool,
  scratchPtr: usize,
): void {
  if (classes == 2) {
    twoClasses(SOFTMAX, zPtr, outPtr, rows, turned, maskedZero, scratchPtr);
    return;
  }
  const chunk = chunkRows(classes);
  const rowBytes = (<usize>classes) << 2;
  const exps = scratchPtr + EXPS;
  for (let i = 0; i < rows; i += chunk) {
    const count = min(chunk, rows - i);
    enterShort(zPtr, count, classes, turned, scratchPtr);
    invertSums(count, classes, turned, scratchPtr);
    if (!allFinite(count, scratchPtr)) {
      for (let r = 0; r < count; r++) {
        const lane = scratchPtr + ((<usize>r) << 2);
        if (load<f32>(lane, FACTORS) < Infinity) continue;
        const row = rowAt(zPtr, r, classes, turned, scratchPtr);
        const out = turned ? scratchPtr + ROW_EXPS : rowAt(exps, r, classes, false, 0);
        softmaxRow(row, out, classes, maskedZero, scratchPtr + TABLE);
        store<f32>(lane, 1, FACTORS);
        if (turned) putBack(exps, r, classes, scratchPtr);
      }
    }
    scaleShort(outPtr, count, classes, turned, scratchPtr);
    zPtr += <usize>count * rowBytes;
    outPtr += <usize>count * rowBytes;
  }
}

/** Whether every row has a finite factor. */
function allFinite(rows: i32, scratchPtr: usize): bool {
  let finite = i32x4.splat(-1);
  const infinity = f32x4.splat(Infinity);
  for (const end = scratchPtr + ((<usize>rows) << 2); scratchPtr < end; scratchPtr += 16) {
    finite = v128.and(finite, f32x4.lt(v128.load(scratchPtr, FACTORS), infinity));
  }
  return i32x4.bitmask(finite) == 15;
}

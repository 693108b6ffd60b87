/**
 * logSumExp of rows of at most 64 classes:  m + L, with m and L of shortTops.ts. With `turned` rows come as
 * columns (turnColumns.ts).
 */
import { storePartial } from "../simd/lanes";
import { MAXIMA } from "./shortMaxima";
import { chunkRows } from "./shortRows";
import { JOINED, LOGS, enterTops } from "./shortTops";
import { LOG_SUM_EXP, twoClasses } from "./twoClasses";

export function logSumExpShortRows(
  zPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  scratchPtr: usize,
): void {
  if (classes == 2) {
    twoClasses(LOG_SUM_EXP, zPtr, outPtr, rows, turned, false, scratchPtr);
    return;
  }
  const chunk = chunkRows(classes);
  for (let i = 0; i < rows; i += chunk) {
    const count = min(chunk, rows - i);
    enterTops(zPtr, count, classes, turned, JOINED, scratchPtr);
    let lanes = scratchPtr;
    for (let left = count; left > 0; left -= 4) {
      const lse = f32x4.add(v128.load(lanes, MAXIMA), v128.load(lanes, LOGS));
      if (left >= 4) v128.store(outPtr, lse);
      else storePartial(outPtr, lse, left);
      outPtr += (<usize>min(4, left)) << 2;
      lanes += 16;
    }
    zPtr += (<usize>count * <usize>classes) << 2;
  }
}

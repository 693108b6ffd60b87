/**
 * logSoftmax of rows of at most 64 classes:  (z − m) − L, with m and L of shortTops.ts. With `turned` rows come and
 * go as columns (turnColumns.ts).
 */
import { loadPartial, storePartial } from "../simd/lanes";
import { MAXIMA } from "./shortMaxima";
import { chunkRows } from "./shortRows";
import { APART, APART_MASKED_ZERO, LOGS, enterTops } from "./shortTops";
import { LOG_SOFTMAX, twoClasses } from "./twoClasses";

export function logSoftmaxShortRows(
  zPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  maskedZero: bool,
  scratchPtr: usize,
): void {
  if (classes == 2) {
    twoClasses(LOG_SOFTMAX, zPtr, outPtr, rows, turned, maskedZero, scratchPtr);
    return;
  }
  const chunk = chunkRows(classes);
  const rowBytes = (<usize>classes) << 2;
  const kind = maskedZero ? APART_MASKED_ZERO : APART;
  for (let i = 0; i < rows; i += chunk) {
    const count = min(chunk, rows - i);
    enterTops(zPtr, count, classes, turned, kind, scratchPtr);
    shiftShort(zPtr, outPtr, count, classes, turned, scratchPtr);
    zPtr += <usize>count * rowBytes;
    outPtr += <usize>count * rowBytes;
  }
}

/** out = (z − m) − L; outPtr may be zPtr. */
function shiftShort(
  zPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  lanes: usize,
): void {
  const step = (<usize>classes) << 2;
  if (turned) {
    for (; rows > 0; rows -= 4) {
      const m = v128.load(lanes, MAXIMA);
      const log = v128.load(lanes, LOGS);
      for (const end = zPtr + (step << 2); zPtr < end; zPtr += 16) {
        v128.store(outPtr, f32x4.sub(f32x4.sub(v128.load(zPtr), m), log));
        outPtr += 16;
      }
      lanes += 16;
    }
    return;
  }
  // First, second, others, last: a row of at most twelve classes needs no loop, and some may overlap; in place
  // they are loaded sooner than written over.
  const second = min(16, step - 16);
  for (; rows > 0; rows--) {
    const m = v128.load32_splat(lanes, MAXIMA);
    const log = v128.load32_splat(lanes, LOGS);
    if (classes < 4) {
      const z = loadPartial(zPtr, classes, 0);
      storePartial(outPtr, f32x4.sub(f32x4.sub(z, m), log), classes);
    } else {
      const z1 = v128.load(zPtr + second);
      const z2 = v128.load(zPtr + step - 16);
      v128.store(outPtr, f32x4.sub(f32x4.sub(v128.load(zPtr), m), log));
      v128.store(outPtr + second, f32x4.sub(f32x4.sub(z1, m), log));
      if (classes > 12) {
        for (let at: usize = 32; at < step - 16; at += 16) {
          v128.store(outPtr + at, f32x4.sub(f32x4.sub(v128.load(zPtr + at), m), log));
        }
      }
      v128.store(outPtr + step - 16, f32x4.sub(f32x4.sub(z2, m), log));
    }
    zPtr += step;
    outPtr += step;
    lanes += 4;
  }
}

/**
 * What is written from the exponentials of short rows and their sums: each row times a factor.
 */
import { EXPS, FACTORS } from "./shortExps";

/** out = e · factor, each row with its own of FACTORS. */
export function scaleShort(
  outPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  scratchPtr: usize,
): void {
  const step = (<usize>classes) << 2;
  let e = scratchPtr + EXPS;
  let factors = scratchPtr + FACTORS;
  if (turned) {
    for (let i = 0; i < rows; i += 4) {
      const factor = v128.load(factors);
      for (const end = e + (step << 2); e < end; e += 16) {
        v128.store(outPtr, f32x4.mul(v128.load(e), factor));
        outPtr += 16;
      }
      factors += 16;
    }
    return;
  }
  if (classes > 3 && classes <= 12) {
    // Three vectors a row, of which some overlap
    const middle = min(16, step - 16);
    for (; rows > 0; rows--) {
      const factor = v128.load32_splat(factors);
      v128.store(outPtr, f32x4.mul(v128.load(e), factor));
      v128.store(outPtr + middle, f32x4.mul(v128.load(e + middle), factor));
      e += step;
      outPtr += step;
      v128.store(outPtr - 16, f32x4.mul(v128.load(e - 16), factor));
      factors += 4;
    }
    return;
  }
  const back = (<usize>(-classes & 3)) << 2; // the last vector of a row overlaps the one before it
  const end = factors + ((<usize>rows) << 2);
  for (; factors < end; factors += 4) {
    const factor = v128.load32_splat(factors);
    if (classes < 4) {
      const p = f32x4.mul(v128.load(e), factor);
      v128.store_lane<u32>(outPtr, p, 0);
      if (classes > 1) v128.store_lane<u32>(outPtr, p, 1, 4);
      if (classes > 2) v128.store_lane<u32>(outPtr, p, 2, 8);
      e += step;
      outPtr += step;
    } else {
      for (const last = e + step - 16; e < last; e += 16) {
        v128.store(outPtr, f32x4.mul(v128.load(e), factor));
        outPtr += 16;
      }
      e -= back;
      outPtr -= back;
      v128.store(outPtr, f32x4.mul(v128.load(e), factor));
      e += 16;
      outPtr += 16;
    }
  }
}

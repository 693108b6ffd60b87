/**
 * What is written from the exponentials of short rows and their sums: each row times a factor.
 */
import { storePartial } from "../simd/lanes";
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
  if (classes < 4) {
    for (; rows > 0; rows--) {
      storePartial(outPtr, f32x4.mul(v128.load(e), v128.load32_splat(factors)), classes);
      e += step;
      outPtr += step;
      factors += 4;
    }
    return;
  }
  // First, second, others, last: a row of at most twelve classes needs no loop, and some may overlap.
  const second = min(16, step - 16);
  const away = outPtr - e;
  for (; rows > 0; rows--) {
    const factor = v128.load32_splat(factors);
    v128.store(outPtr, f32x4.mul(v128.load(e), factor));
    v128.store(outPtr + second, f32x4.mul(v128.load(e + second), factor));
    if (classes > 12) {
      const last = e + step - 16;
      for (let p = e + 32; p < last; p += 16) v128.store(p + away, f32x4.mul(v128.load(p), factor));
    }
    e += step;
    outPtr += step;
    v128.store(outPtr - 16, f32x4.mul(v128.load(e - 16), factor));
    factors += 4;
  }
}

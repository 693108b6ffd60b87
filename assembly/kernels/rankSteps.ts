/**
 * The step of each log-probability (z_j − m) − L ≤ 0 as scoreShort.ts has it: the upper 16 bits of its
 * float32 with its sign.
 *
 * Domain     m and L finite, from records of score.ts; other rows give steps that mean nothing
 * Max error  two float32 roundings, where a step is 2^−7 of the number; 0 stays 0
 */
import { loadPartial, storePartial } from "../simd/lanes";

const RECORD: usize = 64;

/** Steps, int32, of `rows` rows of logits at zPtr with their records; outPtr may be zPtr. */
export function rankSteps(
  zPtr: usize,
  recordPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
): void {
  for (let i = 0; i < rows; i++) {
    const max = load<f32>(recordPtr, 40);
    const m = f32x4.splat(max);
    const log = f32x4.splat(<f32>(load<f64>(recordPtr, 8) - <f64>max));
    for (let left = classes; left > 0; left -= 4) {
      const z = left >= 4 ? v128.load(zPtr) : loadPartial(zPtr, left, 0);
      const step = i32x4.shr_s(f32x4.sub(f32x4.sub(z, m), log), 16);
      if (left >= 4) v128.store(outPtr, step);
      else storePartial(outPtr, step, left);
      const bytes = (<usize>min(4, left)) << 2;
      zPtr += bytes;
      outPtr += bytes;
    }
    recordPtr += RECORD;
  }
}

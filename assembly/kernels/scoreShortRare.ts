/**
 * What is rare in four short rows (scoreShort.ts): equal logits, of which argmax is the lowest index of the
 * greatest and those of a lower index come before the target; and rows that do not count.
 */
import { TABLE } from "./scoreShort";

// prettier-ignore
const ONES = memory.data<i32>([1, 1, 1, 1], 16);

/**
 * Leaves at recordPtr + 48 how often each row meets its greatest logit m again, + 64 argmax, + 80 the
 * place, of which `place` counts what is greater than the target. Equals count below index `before`.
 */
export function settleTies(
  zPtr: usize,
  classes: i32,
  m: v128,
  target: v128,
  place: v128,
  before: v128,
  recordPtr: usize,
): void {
  const one = v128.load(ONES);
  const zero = i32x4.splat(0);
  let argmax = i32x4.splat(-1);
  let again = argmax;
  let c = zero;
  for (const end = zPtr + ((<usize>classes) << 4); zPtr < end; zPtr += 16) {
    const z = v128.load(zPtr);
    const less = f32x4.ne(z, m);
    argmax = i32x4.min_u(argmax, v128.or(less, c));
    again = i32x4.add(again, i32x4.add(less, one));
    const equal = f32x4.eq(z, target);
    place = i32x4.sub(place, v128.and(equal, i32x4.gt_s(before, zero)));
    before = i32x4.sub(before, one);
    c = i32x4.add(c, one);
  }
  v128.store(recordPtr, again, 48);
  v128.store(recordPtr, argmax, 64);
  v128.store(recordPtr, place, 80);
}

/** The rows of `out` have their steps counted at nowherePtr and TABLE bytes further for each class. */
export function countNowhere(stepsPtr: usize, classes: i32, out: v128, nowherePtr: usize): void {
  const end = stepsPtr + ((<usize>classes) << 4);
  for (; stepsPtr < end; stepsPtr += 16) {
    v128.store(stepsPtr, v128.bitselect(i32x4.splat(<i32>nowherePtr), v128.load(stepsPtr), out));
    nowherePtr += TABLE;
  }
}

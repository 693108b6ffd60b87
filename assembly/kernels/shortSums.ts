/**
 * Sums of the exponentials of short rows.
 *
 * Layout
 *   Lane l of a row adds the last of its classes, then l, l + 4, …; the row is (0 + 2) + (1 + 3) of its
 *   lanes. Four rows go at once. Columns add in the same order.
 */
import { highDoubles, joinDoubles, joinSums, lowDoubles } from "../simd/lanes";
import { EXPS, FACTORS, SUMS } from "./shortExps";

/** Lane masks of the last classes mod 4 of a row; all lanes where there are none. */
// prettier-ignore
const MASKS = memory.data<i32>([
  -1, -1, -1, -1,
  -1, 0, 0, 0,
  -1, -1, 0, 0,
  -1, -1, -1, 0,
], 16);

/**
 * Lanes that count of vector i of the last step: of a row the classes it still has, of a column all or
 * none.
 */
// @ts-ignore: decorator
@inline
export function lastLanes(classes: i32, turned: bool, i: usize): v128 {
  const lanes = MASKS + ((<usize>(classes & 3)) << 4);
  return turned ? v128.load32_splat(lanes + (i << 2)) : v128.load(lanes);
}

/** Lane masks of a row's last four numbers, by classes mod 4: those that no vector before has. */
// prettier-ignore
const LAST = memory.data<i32>([
  -1, -1, -1, -1,
  0, 0, 0, -1,
  0, 0, -1, -1,
  0, -1, -1, -1,
], 16);

/** Lanes that count of a row's last four numbers, when vectors from its start have taken the others. */
// @ts-ignore: decorator
@inline
export function lastVector(classes: i32): v128 {
  return v128.load(LAST + ((<usize>(classes & 3)) << 4));
}

/** Stores four numbers that end with a row at `ptr`; of a row of less than four classes no more than it has. */
// @ts-ignore: decorator
@inline
export function storeLast(ptr: usize, x: v128, classes: i32): void {
  if (classes > 3) {
    v128.store(ptr, x);
    return;
  }
  if (classes > 2) v128.store_lane<f32>(ptr, x, 1, 4);
  if (classes > 1) v128.store_lane<f32>(ptr, x, 2, 8);
  v128.store_lane<f32>(ptr, x, 3, 12);
}

/** Σ e of each row at SUMS. */
export function sumShort(rows: i32, classes: i32, turned: bool, scratchPtr: usize): void {
  const rowBytes = (<usize>classes) << 2;
  const stride: usize = turned ? 64 : 16;
  const next: usize = turned ? 16 : rowBytes;
  const lastAt = <usize>((classes - 1) >> 2) * stride;
  const k0 = lastLanes(classes, turned, 0);
  const k1 = lastLanes(classes, turned, 1);
  const k2 = lastLanes(classes, turned, 2);
  const k3 = lastLanes(classes, turned, 3);
  let a = scratchPtr + EXPS;
  for (; rows > 0; rows -= 4) {
    let b = a + next;
    let c = b + next;
    let d = c + next;
    const end = a + lastAt;
    let s0 = v128.and(v128.load(end), k0);
    let s1 = v128.and(v128.load(b + lastAt), k1);
    let s2 = v128.and(v128.load(c + lastAt), k2);
    let s3 = v128.and(v128.load(d + lastAt), k3);
    const after = a + (rowBytes << 2);
    if (lastAt == 32) {
      // Three vectors a row, as ten classes have, need no loop.
      s0 = f32x4.add(f32x4.add(s0, v128.load(a)), v128.load(a, 16));
      s1 = f32x4.add(f32x4.add(s1, v128.load(b)), v128.load(b, 16));
      s2 = f32x4.add(f32x4.add(s2, v128.load(c)), v128.load(c, 16));
      s3 = f32x4.add(f32x4.add(s3, v128.load(d)), v128.load(d, 16));
      a = end;
    }
    for (; a < end; a += stride) {
      s0 = f32x4.add(s0, v128.load(a));
      s1 = f32x4.add(s1, v128.load(b));
      s2 = f32x4.add(s2, v128.load(c));
      s3 = f32x4.add(s3, v128.load(d));
      b += stride;
      c += stride;
      d += stride;
    }
    // (0 + 2) + (1 + 3): of all rows, or of two and two
    const sum = turned ? f32x4.add(f32x4.add(s0, s2), f32x4.add(s1, s3)) : joinSums(s0, s1, s2, s3);
    v128.store(scratchPtr, sum, SUMS);
    scratchPtr += 16;
    a = after;
  }
}

/** 1 / Σ e of each row at FACTORS, in float64 after every fourth step. */
export function invertSums(rows: i32, classes: i32, turned: bool, scratchPtr: usize): void {
  const rowBytes = (<usize>classes) << 2;
  const stride: usize = turned ? 64 : 16;
  const next: usize = turned ? 16 : rowBytes;
  const lastAt = <usize>((classes - 1) >> 2) * stride;
  const one = f64x2.splat(1);
  const zero = f32x4.splat(0);
  const k0 = lastLanes(classes, turned, 0);
  const k1 = lastLanes(classes, turned, 1);
  const k2 = lastLanes(classes, turned, 2);
  const k3 = lastLanes(classes, turned, 3);
  let e = scratchPtr + EXPS;
  for (; rows > 0; rows -= 4) {
    let a = e;
    let b = a + next;
    let c = b + next;
    let d = c + next;
    const end = a + lastAt;
    let s0 = v128.and(v128.load(end), k0);
    let s1 = v128.and(v128.load(b + lastAt), k1);
    let s2 = v128.and(v128.load(c + lastAt), k2);
    let s3 = v128.and(v128.load(d + lastAt), k3);
    let low0 = zero;
    let low1 = zero;
    let low2 = zero;
    let low3 = zero;
    let high0 = zero;
    let high1 = zero;
    let high2 = zero;
    let high3 = zero;
    while (true) {
      const pause = min(a + (stride << 2), end);
      for (; a < pause; a += stride) {
        s0 = f32x4.add(s0, v128.load(a));
        s1 = f32x4.add(s1, v128.load(b));
        s2 = f32x4.add(s2, v128.load(c));
        s3 = f32x4.add(s3, v128.load(d));
        b += stride;
        c += stride;
        d += stride;
      }
      low0 = f64x2.add(low0, lowDoubles(s0));
      high0 = f64x2.add(high0, highDoubles(s0));
      low1 = f64x2.add(low1, lowDoubles(s1));
      high1 = f64x2.add(high1, highDoubles(s1));
      low2 = f64x2.add(low2, lowDoubles(s2));
      high2 = f64x2.add(high2, highDoubles(s2));
      low3 = f64x2.add(low3, lowDoubles(s3));
      high3 = f64x2.add(high3, highDoubles(s3));
      if (a == end) break;
      s0 = s1 = s2 = s3 = zero;
    }
    // (0 + 2) + (1 + 3): of all rows, or of two and two
    let sum01 = f64x2.add(f64x2.add(low0, low2), f64x2.add(low1, low3));
    let sum23 = f64x2.add(f64x2.add(high0, high2), f64x2.add(high1, high3));
    if (!turned) {
      low0 = f64x2.add(low0, high0);
      low1 = f64x2.add(low1, high1);
      low2 = f64x2.add(low2, high2);
      low3 = f64x2.add(low3, high3);
      sum01 = f64x2.add(i64x2.shuffle(low0, low1, 0, 2), i64x2.shuffle(low0, low1, 1, 3));
      sum23 = f64x2.add(i64x2.shuffle(low2, low3, 0, 2), i64x2.shuffle(low2, low3, 1, 3));
    }
    v128.store(scratchPtr, joinDoubles(f64x2.div(one, sum01), f64x2.div(one, sum23)), FACTORS);
    scratchPtr += 16;
    e += rowBytes << 2;
  }
}

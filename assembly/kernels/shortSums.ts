/**
 * Sums of the exponentials of short rows, and what is written from them.
 *
 * Layout
 *   Lane l of a row adds the classes l, l + 4, …; the row is (0 + 2) + (1 + 3) of its lanes. Four rows
 *   go at once: their lanes meet in a 4 × 4 transpose. Columns add in the same order.
 */
import { highLanes, joinDoubles, lowDoubles } from "../simd/lanes";
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

/** Σ e of each row at SUMS; or 1 / Σ at FACTORS, where lanes meet in float64. */
export function sumShort(
  rows: i32,
  classes: i32,
  turned: bool,
  inverted: bool,
  scratchPtr: usize,
): void {
  const rowBytes = (<usize>classes) << 2;
  const stride: usize = turned ? 64 : 16;
  const next: usize = turned ? 16 : rowBytes;
  const whole = (turned ? rowBytes << 2 : rowBytes) - stride;
  const zero = f32x4.splat(0);
  const one = f64x2.splat(1);
  const k0 = lastLanes(classes, turned, 0);
  const k1 = lastLanes(classes, turned, 1);
  const k2 = lastLanes(classes, turned, 2);
  const k3 = lastLanes(classes, turned, 3);
  let e = scratchPtr + EXPS;
  for (; rows > 0; rows -= 4) {
    let s0 = zero;
    let s1 = zero;
    let s2 = zero;
    let s3 = zero;
    let a = e;
    let b = a + next;
    let c = b + next;
    let d = c + next;
    for (const end = a + whole; a < end; a += stride) {
      s0 = f32x4.add(s0, v128.load(a));
      s1 = f32x4.add(s1, v128.load(b));
      s2 = f32x4.add(s2, v128.load(c));
      s3 = f32x4.add(s3, v128.load(d));
      b += stride;
      c += stride;
      d += stride;
    }
    s0 = f32x4.add(s0, v128.and(v128.load(a), k0));
    s1 = f32x4.add(s1, v128.and(v128.load(b), k1));
    s2 = f32x4.add(s2, v128.and(v128.load(c), k2));
    s3 = f32x4.add(s3, v128.and(v128.load(d), k3));
    if (!turned) {
      // Lanes of rows a and b, then of c and d: a0 b0 a1 b1, a2 b2 a3 b3, c0 …
      const ab = i32x4.shuffle(s0, s1, 0, 4, 1, 5);
      const cd = i32x4.shuffle(s2, s3, 0, 4, 1, 5);
      s1 = i32x4.shuffle(s0, s1, 2, 6, 3, 7);
      s3 = i32x4.shuffle(s2, s3, 2, 6, 3, 7);
      s0 = ab;
      s2 = cd;
      if (!inverted) {
        s0 = f32x4.add(s0, s1);
        s2 = f32x4.add(s2, s3);
        s1 = i32x4.shuffle(s0, s2, 2, 3, 6, 7);
        s0 = i32x4.shuffle(s0, s2, 0, 1, 4, 5);
        v128.store(scratchPtr, f32x4.add(s0, s1), SUMS);
      } else {
        const sum01 = pairs(s0, s1, highLanes(s0), highLanes(s1));
        const sum23 = pairs(s2, s3, highLanes(s2), highLanes(s3));
        v128.store(scratchPtr, joinDoubles(f64x2.div(one, sum01), f64x2.div(one, sum23)), FACTORS);
      }
    } else if (!inverted) {
      v128.store(scratchPtr, f32x4.add(f32x4.add(s0, s2), f32x4.add(s1, s3)), SUMS);
    } else {
      const sum01 = pairs(s0, s2, s1, s3);
      const sum23 = pairs(highLanes(s0), highLanes(s2), highLanes(s1), highLanes(s3));
      v128.store(scratchPtr, joinDoubles(f64x2.div(one, sum01), f64x2.div(one, sum23)), FACTORS);
    }
    scratchPtr += 16;
    e += rowBytes << 2;
  }
}

/** (a + b) + (c + d) of the two lower lanes. */
// @ts-ignore: decorator
@inline
function pairs(a: v128, b: v128, c: v128, d: v128): v128 {
  return f64x2.add(
    f64x2.add(lowDoubles(a), lowDoubles(b)),
    f64x2.add(lowDoubles(c), lowDoubles(d)),
  );
}

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
  const back = (<usize>(-classes & 3)) << 2; // the last vector of a row overlaps the one before it
  for (const end = factors + ((<usize>rows) << 2); factors < end; factors += 4) {
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

/**
 * Four rows at a time, turned so that a vector holds one class of four rows.
 *
 * Layout
 *   Column c stands at columnsPtr + 16 · c. Rows are turned by 4 × 4 shuffles, then two and one
 *   classes at the end. For fewer than four rows the last is given again; lanes never meet, so a row's
 *   bits do not depend on its group.
 */
import { highHalves, highPairs, lowHalves, lowPairs } from "./lanes";

/** Loads rows a, b, c, d of `left` float32 as columns; returns the greatest of each lane, NaN apart. */
// @ts-ignore: decorator
@inline
export function loadColumns(
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  left: i32,
  columnsPtr: usize,
): v128 {
  let m = f32x4.splat(-Infinity);
  while (left >= 4) {
    const ra = v128.load(a);
    const rb = v128.load(b);
    const rc = v128.load(c);
    const rd = v128.load(d);
    const ab0 = lowPairs(ra, rb);
    const ab1 = highPairs(ra, rb);
    const cd0 = lowPairs(rc, rd);
    const cd1 = highPairs(rc, rd);
    const c0 = lowHalves(ab0, cd0);
    const c1 = highHalves(ab0, cd0);
    const c2 = lowHalves(ab1, cd1);
    const c3 = highHalves(ab1, cd1);
    v128.store(columnsPtr, c0);
    v128.store(columnsPtr, c1, 16);
    v128.store(columnsPtr, c2, 32);
    v128.store(columnsPtr, c3, 48);
    m = f32x4.pmax(f32x4.pmax(f32x4.pmax(f32x4.pmax(m, c0), c1), c2), c3);
    a += 16;
    b += 16;
    c += 16;
    d += 16;
    columnsPtr += 64;
    left -= 4;
  }
  if (left >= 2) {
    const ab = lowPairs(v128.load64_zero(a), v128.load64_zero(b));
    const cd = lowPairs(v128.load64_zero(c), v128.load64_zero(d));
    const c0 = lowHalves(ab, cd);
    const c1 = highHalves(ab, cd);
    v128.store(columnsPtr, c0);
    v128.store(columnsPtr, c1, 16);
    m = f32x4.pmax(f32x4.pmax(m, c0), c1);
    a += 8;
    b += 8;
    c += 8;
    d += 8;
    columnsPtr += 32;
    left -= 2;
  }
  if (left) {
    const ab = lowPairs(v128.load32_zero(a), v128.load32_zero(b));
    const cd = lowPairs(v128.load32_zero(c), v128.load32_zero(d));
    const c0 = lowHalves(ab, cd);
    v128.store(columnsPtr, c0);
    m = f32x4.pmax(m, c0);
  }
  return m;
}

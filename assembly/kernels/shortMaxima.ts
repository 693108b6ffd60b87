/**
 * The maximum m of each short row, four rows at a time, or of each column (turnColumns.ts). NaN loses
 * against a number.
 */
import { highHalves, highPairs, lowHalves, lowPairs } from "../simd/lanes";
import { placeOf } from "./shortExps";

/** Offset in the scratch: m of each row, where others have sums. */
// @ts-ignore: decorator
@inline
export const MAXIMA: usize = 8448;

/** m of each row. */
export function maxima(
  zPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  scratchPtr: usize,
): void {
  const rowBytes = (<usize>classes) << 2;
  const stride: usize = turned ? 64 : 16;
  const next: usize = turned ? 16 : rowBytes;
  if (classes < 4) {
    for (let r = 0; r < rows; r++) {
      let p = zPtr + placeOf(r, 0, classes, turned);
      let m = v128.load32_zero(p); // a vector's maximum: that of scalars branches
      for (let c = 1; c < classes; c++) {
        p += stride >> 2;
        m = f32x4.pmax(m, v128.load32_zero(p));
      }
      v128.store_lane<f32>(scratchPtr + ((<usize>r) << 2), m, 0, MAXIMA);
    }
    return;
  }
  for (; rows > 0; rows -= 4) {
    let a = zPtr;
    zPtr += rowBytes << 2;
    let b = turned || rows > 1 ? a + next : a;
    let c = turned || rows > 2 ? b + next : b;
    let d = turned || rows > 3 ? c + next : c;
    // The last step takes the last four again.
    const last = (turned ? zPtr : a + rowBytes) - stride;
    let m0 = f32x4.pmax(v128.load(last), v128.load(a));
    let m1 = f32x4.pmax(v128.load(last + (b - a)), v128.load(b));
    let m2 = f32x4.pmax(v128.load(last + (c - a)), v128.load(c));
    let m3 = f32x4.pmax(v128.load(last + (d - a)), v128.load(d));
    for (a += stride; a < last; a += stride) {
      b += stride;
      c += stride;
      d += stride;
      m0 = f32x4.pmax(m0, v128.load(a));
      m1 = f32x4.pmax(m1, v128.load(b));
      m2 = f32x4.pmax(m2, v128.load(c));
      m3 = f32x4.pmax(m3, v128.load(d));
    }
    let m02 = f32x4.pmax(m0, m2);
    let m13 = f32x4.pmax(m1, m3);
    if (!turned) {
      m02 = f32x4.pmax(lowPairs(m0, m1), highPairs(m0, m1));
      m13 = f32x4.pmax(lowPairs(m2, m3), highPairs(m2, m3));
      m0 = lowHalves(m02, m13);
      m13 = highHalves(m02, m13);
      m02 = m0;
    }
    v128.store(scratchPtr, f32x4.pmax(m02, m13), MAXIMA);
    scratchPtr += 16;
  }
}

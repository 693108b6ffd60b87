/**
 * Four rows at a time, turned so that a vector holds one class of four rows.
 *
 * Layout
 *   Column c stands at columnsPtr + 16 · c. Rows are turned by 4 × 4 shuffles, then two and one
 *   classes at the end. A group of fewer than four rows repeats its last row when it is loaded, and
 *   stores only the rows it has; lanes never meet, so a row's bits do not depend on its group.
 */

/** Rows in a group. */
// @ts-ignore: decorator
@inline
export const GROUP: i32 = 4;

/**
 * Loads `rows` (1 to 4) rows of `classes` float32 as columns; with `turned` they lie as columns already.
 * Returns the maximum of each row.
 */
// @ts-ignore: decorator
@inline
export function loadColumns(
  rowPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  columnsPtr: usize,
): v128 {
  if (turned) return copyColumns(rowPtr, classes, columnsPtr);
  const step = (<usize>classes) << 2;
  let a = rowPtr;
  let b = rows > 1 ? a + step : a;
  let c = rows > 2 ? b + step : b;
  let d = rows > 3 ? c + step : c;
  let left = classes;
  let m = f32x4.splat(-Infinity);
  while (left >= 4) {
    const ra = v128.load(a);
    const rb = v128.load(b);
    const rc = v128.load(c);
    const rd = v128.load(d);
    const ab0 = i32x4.shuffle(ra, rb, 0, 4, 1, 5);
    const ab1 = i32x4.shuffle(ra, rb, 2, 6, 3, 7);
    const cd0 = i32x4.shuffle(rc, rd, 0, 4, 1, 5);
    const cd1 = i32x4.shuffle(rc, rd, 2, 6, 3, 7);
    const c0 = i32x4.shuffle(ab0, cd0, 0, 1, 4, 5);
    const c1 = i32x4.shuffle(ab0, cd0, 2, 3, 6, 7);
    const c2 = i32x4.shuffle(ab1, cd1, 0, 1, 4, 5);
    const c3 = i32x4.shuffle(ab1, cd1, 2, 3, 6, 7);
    v128.store(columnsPtr, c0);
    v128.store(columnsPtr, c1, 16);
    v128.store(columnsPtr, c2, 32);
    v128.store(columnsPtr, c3, 48);
    m = f32x4.pmax(m, f32x4.pmax(f32x4.pmax(c0, c1), f32x4.pmax(c2, c3)));
    a += 16;
    b += 16;
    c += 16;
    d += 16;
    columnsPtr += 64;
    left -= 4;
  }
  if (left >= 2) {
    const ab = i32x4.shuffle(v128.load64_zero(a), v128.load64_zero(b), 0, 4, 1, 5);
    const cd = i32x4.shuffle(v128.load64_zero(c), v128.load64_zero(d), 0, 4, 1, 5);
    const c0 = i32x4.shuffle(ab, cd, 0, 1, 4, 5);
    const c1 = i32x4.shuffle(ab, cd, 2, 3, 6, 7);
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
    const ab = i32x4.shuffle(v128.load32_zero(a), v128.load32_zero(b), 0, 4, 1, 5);
    const cd = i32x4.shuffle(v128.load32_zero(c), v128.load32_zero(d), 0, 4, 1, 5);
    const c0 = i32x4.shuffle(ab, cd, 0, 1, 4, 5);
    v128.store(columnsPtr, c0);
    m = f32x4.pmax(m, c0);
  }
  return m;
}

/** Copies a group that lies as columns already. */
// @ts-ignore: decorator
@inline
function copyColumns(fromPtr: usize, classes: i32, columnsPtr: usize): v128 {
  let m = f32x4.splat(-Infinity);
  for (; classes >= 4; classes -= 4) {
    const c0 = v128.load(fromPtr);
    const c1 = v128.load(fromPtr, 16);
    const c2 = v128.load(fromPtr, 32);
    const c3 = v128.load(fromPtr, 48);
    v128.store(columnsPtr, c0);
    v128.store(columnsPtr, c1, 16);
    v128.store(columnsPtr, c2, 32);
    v128.store(columnsPtr, c3, 48);
    m = f32x4.pmax(m, f32x4.pmax(f32x4.pmax(c0, c1), f32x4.pmax(c2, c3)));
    fromPtr += 64;
    columnsPtr += 64;
  }
  for (; classes > 0; classes--) {
    const c0 = v128.load(fromPtr);
    v128.store(columnsPtr, c0);
    m = f32x4.pmax(m, c0);
    fromPtr += 16;
    columnsPtr += 16;
  }
  return m;
}

/** What storeColumns does to a column x on its way out. */
// @ts-ignore: decorator
@inline
export const SCALE: i32 = 1; // x · a
// @ts-ignore: decorator
@inline
export const SHIFT: i32 = 2; // (x − a) − b
// @ts-ignore: decorator
@inline
export const COPY: i32 = 0;

// @ts-ignore: decorator
@inline
function changed(ptr: usize, change: i32, a: v128, b: v128): v128 {
  const x = v128.load(ptr);
  if (change == SCALE) return f32x4.mul(x, a);
  if (change == SHIFT) return f32x4.sub(f32x4.sub(x, a), b);
  return x;
}

/**
 * Stores columns, changed as `change` says, as `rows` (1 to 4) rows of `classes` float32; with `turned`
 * as columns again.
 */
// @ts-ignore: decorator
@inline
export function storeColumns(
  columnsPtr: usize,
  rowPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  change: i32,
  a: v128,
  b: v128,
): void {
  if (turned || rows < 4) {
    let to = turned ? rowPtr : columnsPtr;
    const end = columnsPtr + ((<usize>classes) << 4);
    for (let p = columnsPtr; p < end; p += 16) {
      v128.store(to, changed(p, change, a, b));
      to += 16;
    }
    if (!turned) storeSome(columnsPtr, rowPtr, rows, classes);
    return;
  }
  const step = (<usize>classes) << 2;
  let r0 = rowPtr;
  let r1 = r0 + step;
  let r2 = r1 + step;
  let r3 = r2 + step;
  let left = classes;
  while (left >= 4) {
    const c0 = changed(columnsPtr, change, a, b);
    const c1 = changed(columnsPtr + 16, change, a, b);
    const c2 = changed(columnsPtr + 32, change, a, b);
    const c3 = changed(columnsPtr + 48, change, a, b);
    const ab0 = i32x4.shuffle(c0, c1, 0, 4, 1, 5);
    const ab1 = i32x4.shuffle(c0, c1, 2, 6, 3, 7);
    const cd0 = i32x4.shuffle(c2, c3, 0, 4, 1, 5);
    const cd1 = i32x4.shuffle(c2, c3, 2, 6, 3, 7);
    v128.store(r0, i32x4.shuffle(ab0, cd0, 0, 1, 4, 5));
    v128.store(r1, i32x4.shuffle(ab0, cd0, 2, 3, 6, 7));
    v128.store(r2, i32x4.shuffle(ab1, cd1, 0, 1, 4, 5));
    v128.store(r3, i32x4.shuffle(ab1, cd1, 2, 3, 6, 7));
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
    columnsPtr += 64;
    left -= 4;
  }
  if (left >= 2) {
    const c0 = changed(columnsPtr, change, a, b);
    const c1 = changed(columnsPtr + 16, change, a, b);
    const ab = i32x4.shuffle(c0, c1, 0, 4, 1, 5);
    const cd = i32x4.shuffle(c0, c1, 2, 6, 3, 7);
    v128.store_lane<u64>(r0, ab, 0);
    v128.store_lane<u64>(r1, ab, 1);
    v128.store_lane<u64>(r2, cd, 0);
    v128.store_lane<u64>(r3, cd, 1);
    r0 += 8;
    r1 += 8;
    r2 += 8;
    r3 += 8;
    columnsPtr += 32;
    left -= 2;
  }
  if (left) {
    const c0 = changed(columnsPtr, change, a, b);
    v128.store_lane<u32>(r0, c0, 0);
    v128.store_lane<u32>(r1, c0, 1);
    v128.store_lane<u32>(r2, c0, 2);
    v128.store_lane<u32>(r3, c0, 3);
  }
}

function storeSome(columnsPtr: usize, rowPtr: usize, rows: i32, classes: i32): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < classes; c++) {
      const value = load<u32>(columnsPtr + ((<usize>((c << 2) + r)) << 2));
      store<u32>(rowPtr + ((<usize>(r * classes + c)) << 2), value);
    }
  }
}

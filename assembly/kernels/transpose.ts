/**
 * Rows along an axis that is not the last, made dense and back:
 *
 *   dense[r · C + c] = strided[c · stride + r],   r in [0, rows), c in [0, C)
 *
 * Layout
 *   Tiles of 4 × 4 turned by shuffles; edges one by one. The two ranges do not overlap.
 *
 * Domain     pointers aligned to 4; stride in elements, at least `rows`
 */

/** Strided → dense. */
export function gatherRows(
  srcPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
  stride: i32,
): void {
  turn(srcPtr, outPtr, rows, classes, <usize>stride, <usize>classes);
}

/** Dense → strided. */
export function scatterRows(
  srcPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
  stride: i32,
): void {
  turn(srcPtr, outPtr, classes, rows, <usize>classes, <usize>stride);
}

/** out[i · outStride + j] = src[j · srcStride + i] for i in [0, width), j in [0, height). */
export function turn(
  srcPtr: usize,
  outPtr: usize,
  width: i32,
  height: i32,
  srcStride: usize,
  outStride: usize,
): void {
  const srcBytes = srcStride << 2;
  const outBytes = outStride << 2;
  const wide = width & ~3;
  const high = height & ~3;
  for (let j = 0; j < high; j += 4) {
    let src = srcPtr + <usize>j * srcBytes;
    let out = outPtr + ((<usize>j) << 2);
    for (let i = 0; i < wide; i += 4) {
      const a = v128.load(src);
      const b = v128.load(src + srcBytes);
      const c = v128.load(src + 2 * srcBytes);
      const d = v128.load(src + 3 * srcBytes);
      const ab0 = i32x4.shuffle(a, b, 0, 4, 1, 5);
      const ab1 = i32x4.shuffle(a, b, 2, 6, 3, 7);
      const cd0 = i32x4.shuffle(c, d, 0, 4, 1, 5);
      const cd1 = i32x4.shuffle(c, d, 2, 6, 3, 7);
      v128.store(out, i32x4.shuffle(ab0, cd0, 0, 1, 4, 5));
      v128.store(out + outBytes, i32x4.shuffle(ab0, cd0, 2, 3, 6, 7));
      v128.store(out + 2 * outBytes, i32x4.shuffle(ab1, cd1, 0, 1, 4, 5));
      v128.store(out + 3 * outBytes, i32x4.shuffle(ab1, cd1, 2, 3, 6, 7));
      src += 16;
      out += 4 * outBytes;
    }
    copyEdge(srcPtr, outPtr, wide, width, j, j + 4, srcBytes, outBytes);
  }
  copyEdge(srcPtr, outPtr, 0, width, high, height, srcBytes, outBytes);
}

// prettier-ignore
function copyEdge(
  srcPtr: usize, outPtr: usize, i0: i32, i1: i32, j0: i32, j1: i32, srcBytes: usize, outBytes: usize,
): void {
  for (let j = j0; j < j1; j++) {
    for (let i = i0; i < i1; i++) {
      const value = load<u32>(srcPtr + <usize>j * srcBytes + (<usize>i << 2));
      store<u32>(outPtr + <usize>i * outBytes + (<usize>j << 2), value);
    }
  }
}

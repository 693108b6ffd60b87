/**
 * Rows along an axis that is not the last, made dense and back:
 *
 *   dense[r · C + c] = strided[c · stride + r],   r in [0, rows), c in [0, C)
 *
 * Layout
 *   Tiles of 4 × 4 turned by shuffles; edges one by one. The two ranges do not overlap.
 *   Either way four classes at a time, along all rows: a line of the strided side is then met once, and
 *   those of the dense side, which neighbours share, stay in cache. One row at a time would meet the line
 *   of every class again and again, and all of them may fall into a few sets of the cache.
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
  const srcBytes = (<usize>classes) << 2;
  const outBytes = (<usize>stride) << 2;
  const wide = classes & ~3;
  const high = rows & ~3;
  let src = srcPtr;
  let out = outPtr;
  for (let i = 0; i < wide; i += 4) {
    turnStrip(src, srcBytes, srcBytes << 2, out, outBytes, 16, high);
    src += 16;
    out += outBytes << 2;
  }
  copyEdges(srcPtr, outPtr, classes, rows, srcBytes, outBytes);
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
  let src = srcPtr;
  let out = outPtr;
  for (let j = 0; j < high; j += 4) {
    turnStrip(src, srcBytes, 16, out, outBytes, outBytes << 2, wide);
    src += srcBytes << 2;
    out += 16;
  }
  copyEdges(srcPtr, outPtr, width, height, srcBytes, outBytes);
}

/** Tiles along one side of `length`; from one to the next it is srcStep and outStep. */
// prettier-ignore
function turnStrip(
  src: usize, srcBytes: usize, srcStep: usize, out: usize, outBytes: usize, outStep: usize, length: i32,
): void {
  for (; length > 0; length -= 4) {
    const p = src + srcBytes;
    const q = p + srcBytes;
    const a = v128.load(src);
    const b = v128.load(p);
    const c = v128.load(q);
    const d = v128.load(q + srcBytes);
    const ab0 = i32x4.shuffle(a, b, 0, 4, 1, 5);
    const ab1 = i32x4.shuffle(a, b, 2, 6, 3, 7);
    const cd0 = i32x4.shuffle(c, d, 0, 4, 1, 5);
    const cd1 = i32x4.shuffle(c, d, 2, 6, 3, 7);
    const s = out + outBytes;
    const t = s + outBytes;
    v128.store(out, i32x4.shuffle(ab0, cd0, 0, 1, 4, 5));
    v128.store(s, i32x4.shuffle(ab0, cd0, 2, 3, 6, 7));
    v128.store(t, i32x4.shuffle(ab1, cd1, 0, 1, 4, 5));
    v128.store(t + outBytes, i32x4.shuffle(ab1, cd1, 2, 3, 6, 7));
    src += srcStep;
    out += outStep;
  }
}

/** What tiles leave over: columns past a multiple of four, then rows. */
// prettier-ignore
function copyEdges(
  srcPtr: usize, outPtr: usize, width: i32, height: i32, srcBytes: usize, outBytes: usize,
): void {
  const high = height & ~3;
  for (let j = 0; j < height; j++) {
    for (let i = j < high ? width & ~3 : 0; i < width; i++) {
      const value = load<u32>(srcPtr + <usize>j * srcBytes + (<usize>i << 2));
      store<u32>(outPtr + <usize>i * outBytes + (<usize>j << 2), value);
    }
  }
}

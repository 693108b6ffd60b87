/**
 * Rows along an axis that is not the last, made dense and back; a matrix turned:
 *
 *   out[i · outBytes + 4j] = src[j · srcBytes + 4i],   i in [0, width), j in [0, height)
 *
 * Layout
 *   Tiles of 4 × 4 turned by shuffles; edges one by one. The two ranges do not overlap.
 *   Tiles follow each other along i, or with `down` along j: so that both ways four classes are taken at a
 *   time, along all rows. A line of the strided side is then met once, and those of the dense side, which
 *   neighbours share, stay in cache. One row at a time would meet the line of every class again and again,
 *   and all of them may fall into a few sets of the cache.
 *
 * Domain     pointers aligned to 4, strides in bytes
 */
import { highHalves, highPairs, lowHalves, lowPairs } from "../simd/lanes";

// prettier-ignore
export function turn(
  srcPtr: usize, outPtr: usize, width: i32, height: i32, srcBytes: usize, outBytes: usize, down: bool,
): void {
  const length = (down ? height : width) & ~3;
  const srcStep = down ? srcBytes << 2 : <usize>16;
  const outStep = down ? <usize>16 : outBytes << 2;
  let src = srcPtr;
  let out = outPtr;
  for (let strips = (down ? width : height) >> 2; strips > 0; strips--) {
    turnStrip(src, srcBytes, srcStep, out, outBytes, outStep, length);
    src += down ? <usize>16 : srcBytes << 2;
    out += down ? outBytes << 2 : <usize>16;
  }
  const wide = width & ~3;
  const high = height & ~3;
  for (let j = 0; j < height; j++) {
    for (let i = j < high ? wide : 0; i < width; i++) {
      const value = load<u32>(srcPtr + <usize>j * srcBytes + ((<usize>i) << 2));
      store<u32>(outPtr + <usize>i * outBytes + ((<usize>j) << 2), value);
    }
  }
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
    const ab0 = lowPairs(a, b);
    const ab1 = highPairs(a, b);
    const cd0 = lowPairs(c, d);
    const cd1 = highPairs(c, d);
    const s = out + outBytes;
    const t = s + outBytes;
    v128.store(out, lowHalves(ab0, cd0));
    v128.store(s, highHalves(ab0, cd0));
    v128.store(t, lowHalves(ab1, cd1));
    v128.store(t + outBytes, highHalves(ab1, cd1));
    src += srcStep;
    out += outStep;
  }
}

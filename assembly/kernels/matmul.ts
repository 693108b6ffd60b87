/**
 * Matrix products of the linear layer and its gradients:
 *
 *   out = start + A · B          A (M, K), B (K, N), out (M, N)
 *   start: out itself, or a row that stands for all (a bias), or 0
 *
 *   Each operand lies row by row, or turned: A_mk is at m · stride + k, turned at k · stride + m. So
 *   X · Wᵀ, G · W and Gᵀ · X need no copy, and columns or rows of a matrix can be computed alone.
 *
 * Stability
 *   Every out_mn is one chain of multiply-adds over k = 0, 1, …, K − 1, begun at its start, whatever
 *   block or tile it falls into. So its bits depend on its row of A and column of B alone, and a
 *   product cut along k and continued has the bits of the whole one.
 *
 * Layout
 *   Outer products of 4 × 8: eight accumulators, two vectors of B and one splat of A at a time.
 *   Operands are packed first: B in panels of 8 columns, A in one of 4 rows, each in the order of k.
 *   Blocks: 512 columns, 256 of k; the panel of A (4 KB) stays in the first-level cache while those of B
 *   (512 KB) pass by from the second in order, and out is written along its rows. Tiles at the edge are
 *   computed whole in scratch: missing rows and columns are zeros, and are not copied out.
 *
 * Domain     M, N, K ≥ 1; pointers aligned to 4; out overlaps neither operand
 * Max error  each out_mn: K rounding errors of the partial sums, test/support/tolerance.ts `matmul`
 */
import { madd } from "../simd/lanes";
import { turn } from "./transpose";

const BLOCK_COLUMNS: i32 = 512;
const BLOCK_DEPTH: i32 = 256;

const ZEROS = memory.data<f32>([0, 0, 0, 0, 0, 0, 0, 0], 16);

/** Bytes of an edge tile. */
const EDGE_BYTES: usize = 128;

/**
 * `startPtr`: out to add to it, 0 for zeros, else N values that every row starts from. Scratch holds an
 * edge tile, a block of B and a panel of A; src/ops/matmul.ts has the size.
 */
// prettier-ignore
export function matmul(
  aPtr: usize, aStride: i32, aTurned: bool, bPtr: usize, bStride: i32, bTurned: bool,
  startPtr: usize, outPtr: usize, outStride: i32, rows: i32, columns: i32, depth: i32,
  scratchPtr: usize,
): void {
  const aBytes = <usize>aStride << 2;
  const bBytes = <usize>bStride << 2;
  const outBytes = <usize>outStride << 2;
  const bPack = scratchPtr + EDGE_BYTES;
  for (let n = 0; n < columns; n += BLOCK_COLUMNS) {
    const width = min(BLOCK_COLUMNS, columns - n);
    for (let k = 0; k < depth; k += BLOCK_DEPTH) {
      const deep = min(BLOCK_DEPTH, depth - k);
      const aPack = bPack + <usize>(((width + 7) & ~7) * deep << 2);
      const bAt = bPtr + (bTurned ? <usize>n * bBytes + (<usize>k << 2) : <usize>k * bBytes + (<usize>n << 2));
      pack(bAt, bBytes, bTurned, width, deep, 32, bPack);
      for (let m = 0; m < rows; m += 4) {
        const height = min(4, rows - m);
        const aAt = aPtr + (aTurned ? <usize>k * aBytes + (<usize>m << 2) : <usize>m * aBytes + (<usize>k << 2));
        pack(aAt, aBytes, !aTurned, height, deep, 16, aPack);
        const out = outPtr + <usize>m * outBytes + (<usize>n << 2);
        const add = k > 0 || startPtr == outPtr;
        const start = add ? out : startPtr ? startPtr + (<usize>n << 2) : 0;
        strip(aPack, bPack, start, add ? outBytes : 0, out, outBytes, height, width, deep, scratchPtr);
      }
    }
  }
}

/** The tiles of at most 4 rows of a block. */
// prettier-ignore
function strip(
  aPtr: usize, bPtr: usize, startPtr: usize, startBytes: usize, outPtr: usize, outBytes: usize,
  height: i32, columns: i32, depth: i32, edgePtr: usize,
): void {
  for (let n = 0; n < columns; n += 8) {
    const at = <usize>n << 2;
    const width = min(8, columns - n);
    const out = outPtr + at;
    const start = startPtr ? startPtr + at : ZEROS;
    if (width + height == 12) {
      tile(aPtr, bPtr, depth, start, startBytes, out, outBytes);
    } else {
      copyRows(start, startBytes, edgePtr, 32, height, width);
      tile(aPtr, bPtr, depth, edgePtr, 32, edgePtr, 32);
      copyRows(edgePtr, 32, out, outBytes, height, width);
    }
    bPtr += <usize>depth << 5;
  }
}

/** out = start + Σ_k a_k · b_kᵀ for 4 rows and 8 columns. */
// prettier-ignore
function tile(
  aPtr: usize, bPtr: usize, depth: i32, startPtr: usize, startBytes: usize, outPtr: usize, outBytes: usize,
): void {
  let c00 = v128.load(startPtr), c01 = v128.load(startPtr, 16);
  let start = startPtr + startBytes;
  let c10 = v128.load(start), c11 = v128.load(start, 16);
  start += startBytes;
  let c20 = v128.load(start), c21 = v128.load(start, 16);
  start += startBytes;
  let c30 = v128.load(start), c31 = v128.load(start, 16);
  let a = aPtr;
  let b = bPtr;
  for (const end = aPtr + (<usize>depth << 4); a < end; a += 16) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    b += 32;
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
  }
  v128.store(outPtr, c00);
  v128.store(outPtr, c01, 16);
  let out = outPtr + outBytes;
  v128.store(out, c10);
  v128.store(out, c11, 16);
  out += outBytes;
  v128.store(out, c20);
  v128.store(out, c21, 16);
  out += outBytes;
  v128.store(out, c30);
  v128.store(out, c31, 16);
}

/**
 * Panels of `step` / 4 columns (or rows) of `count`, in the order of k, the last one filled up with
 * zeros. `along`: k is what lies together in memory.
 */
// prettier-ignore
function pack(
  srcPtr: usize, stride: usize, along: bool, count: i32, depth: i32, step: usize, outPtr: usize,
): void {
  const whole = <i32>step >> 2;
  let out = outPtr;
  for (let i = 0; i < count; i += whole) {
    const width = min(whole, count - i);
    if (width < whole) memory.fill(out, 0, <usize>depth * step);
    if (along) turn(srcPtr + <usize>i * stride, out, depth, width, stride, step, false);
    else copyRows(srcPtr + (<usize>i << 2), stride, out, step, depth, width);
    out += <usize>depth * step;
  }
}

/** `width` neighbours of each of `rows` rows. */
// prettier-ignore
function copyRows(srcPtr: usize, srcBytes: usize, outPtr: usize, outBytes: usize, rows: i32, width: i32): void {
  let j = 0;
  for (; j + 4 <= width; j += 4) {
    let src = srcPtr + (<usize>j << 2);
    let out = outPtr + (<usize>j << 2);
    for (let i = 0; i < rows; i++) {
      v128.store(out, v128.load(src));
      src += srcBytes;
      out += outBytes;
    }
  }
  for (; j < width; j++) {
    let src = srcPtr + (<usize>j << 2);
    let out = outPtr + (<usize>j << 2);
    for (let i = 0; i < rows; i++) {
      store<f32>(out, load<f32>(src));
      src += srcBytes;
      out += outBytes;
    }
  }
}

/**
 * Rows of at most 64 classes, four at a time: each lane is a row with its own maximum, reference
 * and sums, so no row ever depends on its neighbours.
 *
 * Mathematics
 *   As rowTable.ts, with one block:  top = e^(m − ref(m)),  rest = Σ of the others,
 *   L = ln(1 + rest / top),  logSumExp = m + L.
 *
 * Stability
 *   Softmax adds in float64. Elsewhere four exponentials are added in float32, then in float64, and
 *   the largest term stays out of the sum; its ties are added as a product.
 *   m = ±∞ and NaN end as in rowTable.ts.
 *
 * Layout
 *   A chunk of up to 1024 logits goes through in steps, each over all groups of four rows: columns
 *   and maxima, exponentials, results. One group at a time would wait for its own latencies.
 *   Scratch: columns of logits (4 KiB), of exponentials (4 KiB), then for each group the vectors
 *   m, top and rest (2 KiB each). src/memory/workspace.ts reserves it.
 */
// prettier-ignore
import { C1, C2, C3, C4, C5, LN2_HI, LN2_LO, LOG2E, expConstant, expShifted } from "../math/exp";
import { isFar, lowLanes, magicLanes, offsetLanes, shiftLanes } from "../math/referenceLanes";
import { loadColumns } from "../simd/columns";
import { highDoubles, joinDoubles, lowDoubles } from "../simd/lanes";

/** Rows of at most this many classes are short. */
// @ts-ignore: decorator
@inline
export const SHORT: i32 = 64;

/** Offsets in the scratch. */
// @ts-ignore: decorator
@inline
export const EXPS: usize = 4096;
// @ts-ignore: decorator
@inline
export const LANE_MAX: usize = 8192;
// @ts-ignore: decorator
@inline
export const LANE_TOP: usize = 10240;
// @ts-ignore: decorator
@inline
export const LANE_REST: usize = 12288;

/** Rows in a chunk: a multiple of 4 with at most 1024 logits, and 128 groups, for which lanes have room. */
// @ts-ignore: decorator
@inline
export function chunkRows(classes: i32): i32 {
  return min(128, 256 / classes) << 2;
}

/**
 * Enters a chunk (with `turned` of columns): leaves columns, m, top and rest of each group in the
 * scratch, and with `keep` the exponentials. With `whole`, for softmax, rest is 1 / Σ of all and top is
 * not set.
 */
// @ts-ignore: decorator
@inline
export function enterChunk(
  zPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  whole: bool,
  keep: bool,
  scratchPtr: usize,
): void {
  const columnBytes = (<usize>classes) << 4;
  let columns = scratchPtr;
  let lanes = scratchPtr;
  let far = 0;
  for (let i = 0; i < rows; i += 4) {
    const m = loadColumns(zPtr, min(4, rows - i), classes, turned, columns);
    v128.store(lanes, m, LANE_MAX);
    far |= i32x4.bitmask(isFar(m));
    zPtr += columnBytes;
    columns += columnBytes;
    lanes += 16;
  }
  if (far) expChunk(rows, columnBytes, whole, keep, true, scratchPtr);
  else expChunk(rows, columnBytes, whole, keep, false, scratchPtr);
}

// @ts-ignore: decorator
@inline
function expChunk(
  rows: i32,
  columnBytes: usize,
  whole: bool,
  keep: bool,
  far: bool,
  scratchPtr: usize,
): void {
  const log2e = expConstant(LOG2E);
  const hi = expConstant(LN2_HI);
  const lo = expConstant(LN2_LO);
  const c1 = expConstant(C1);
  const c2 = expConstant(C2);
  const c3 = expConstant(C3);
  const c4 = expConstant(C4);
  const c5 = expConstant(C5);
  let p = scratchPtr;
  let lanes = scratchPtr;
  for (let i = 0; i < rows; i += 4) {
    const m = v128.load(lanes, LANE_MAX);
    const k = shiftLanes(m);
    const magic = magicLanes(k);
    const low = lowLanes(k);
    const offset = far ? offsetLanes(m) : m;
    const end = p + columnBytes;
    let ties = i32x4.splat(-1); // becomes the number of maxima besides the first
    let sum01 = f64x2.splat(0); // Σ of lanes 0 and 1, and of lanes 2 and 3
    let sum23 = sum01;
    // One column after the other keeps few values alive: V8 has 15 registers for them.
    for (; p + 48 < end; p += 64) {
      const z0 = v128.load(p);
      const x0 = far ? f32x4.sub(z0, offset) : z0;
      let e0 = expShifted(x0, low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
      if (keep) v128.store(p, e0, EXPS);
      if (!whole) {
        const top0 = f32x4.eq(z0, m);
        ties = i32x4.sub(ties, top0);
        e0 = v128.andnot(e0, top0);
      }
      const z1 = v128.load(p, 16);
      const x1 = far ? f32x4.sub(z1, offset) : z1;
      let e1 = expShifted(x1, low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
      if (keep) v128.store(p, e1, EXPS + 16);
      if (!whole) {
        const top1 = f32x4.eq(z1, m);
        ties = i32x4.sub(ties, top1);
        e1 = v128.andnot(e1, top1);
      }
      const z2 = v128.load(p, 32);
      const x2 = far ? f32x4.sub(z2, offset) : z2;
      let e2 = expShifted(x2, low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
      if (keep) v128.store(p, e2, EXPS + 32);
      if (!whole) {
        const top2 = f32x4.eq(z2, m);
        ties = i32x4.sub(ties, top2);
        e2 = v128.andnot(e2, top2);
      }
      const z3 = v128.load(p, 48);
      const x3 = far ? f32x4.sub(z3, offset) : z3;
      let e3 = expShifted(x3, low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
      if (keep) v128.store(p, e3, EXPS + 48);
      if (!whole) {
        const top3 = f32x4.eq(z3, m);
        ties = i32x4.sub(ties, top3);
        e3 = v128.andnot(e3, top3);
      }
      if (whole) {
        sum01 = f64x2.add(
          sum01,
          f64x2.add(
            f64x2.add(lowDoubles(e0), lowDoubles(e1)),
            f64x2.add(lowDoubles(e2), lowDoubles(e3)),
          ),
        );
        sum23 = f64x2.add(
          sum23,
          f64x2.add(
            f64x2.add(highDoubles(e0), highDoubles(e1)),
            f64x2.add(highDoubles(e2), highDoubles(e3)),
          ),
        );
      } else {
        const four = f32x4.add(f32x4.add(e0, e1), f32x4.add(e2, e3));
        sum01 = f64x2.add(sum01, lowDoubles(four));
        sum23 = f64x2.add(sum23, highDoubles(four));
      }
    }
    for (; p < end; p += 16) {
      const z = v128.load(p);
      const x = far ? f32x4.sub(z, offset) : z;
      let e = expShifted(x, low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
      if (keep) v128.store(p, e, EXPS);
      if (!whole) {
        const first = f32x4.eq(z, m);
        ties = i32x4.sub(ties, first);
        e = v128.andnot(e, first);
      }
      sum01 = f64x2.add(sum01, lowDoubles(e));
      sum23 = f64x2.add(sum23, highDoubles(e));
    }
    if (whole) {
      const one = f64x2.splat(1);
      const inverse = joinDoubles(f64x2.div(one, sum01), f64x2.div(one, sum23));
      v128.store(lanes, inverse, LANE_REST);
    } else {
      const x = far ? f32x4.sub(m, offset) : m;
      const top = expShifted(x, low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
      const tied = f32x4.mul(f32x4.convert_i32x4_s(ties), top);
      v128.store(lanes, top, LANE_TOP);
      v128.store(lanes, f32x4.add(joinDoubles(sum01, sum23), tied), LANE_REST);
    }
    lanes += 16;
  }
}

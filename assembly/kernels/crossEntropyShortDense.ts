/**
 * crossEntropy for rows of at most 64 classes whose target gives every class a share t_c: class
 * probabilities, or class indices with label smoothing; without z-loss. m, top, rest and L of
 * shortRows.ts, t of shortShares.ts:
 *
 *   loss = gap + mass · L,   gap = Σ_c t_c · (m − z_c),   mass = Σ_c t_c
 *
 * Stability
 *   As denseTarget.ts: m − z_c ≥ 0, and terms with t_c = 0 count as 0 whatever z_c is. Four terms
 *   are added in float32, then in float64. A row of t = 0 is 0 whatever its logits.
 *
 * Layout
 *   Columns of t stand where denseTarget.ts has its shares, each group's mass behind the scratch of
 *   shortRows.ts (2 KiB). ePtr may be zPtr; it must not be qPtr.
 */
import { log1pLanes } from "../math/log1p";
import { highDoubles, joinDoubles, lowDoubles } from "../simd/lanes";
import { writeDenseChunk } from "./crossEntropyShortDenseGradient";
import { SHARES } from "./denseTarget";
import { scratchPtr } from "./scratch";
import { LANE_MAX, LANE_REST, LANE_TOP, chunkRows, enterExps, enterSums } from "./shortRows";
import { loadShares, smoothShares, unsharedLanes } from "./shortShares";

/** Offset of each group's mass in the scratch of short rows. */
// @ts-ignore: decorator
@inline
export const LANE_MASS: usize = 14336;

/** Targets are the probabilities at qPtr, or the indices at targetsPtr where qPtr is 0. */
export function crossEntropyShortDenseRows(
  zPtr: usize,
  ePtr: usize,
  rows: i32,
  classes: i32,
  qPtr: usize,
  targetsPtr: usize,
  weightPtr: usize,
  keep: f32,
  share: f32,
  scale: f64,
  upstreamPtr: usize,
  tablePtr: usize,
  lossPtr: usize,
): void {
  const chunk = chunkRows(classes);
  const shares = scratchPtr + SHARES;
  for (let i = 0; i < rows; i += chunk) {
    const count = min(chunk, rows - i);
    const bytes = (<usize>(count * classes)) << 2;
    if (qPtr) {
      loadShares(qPtr, count, classes, weightPtr, keep, share, shares, tablePtr);
      qPtr += bytes;
    } else {
      smoothShares(targetsPtr, count, classes, weightPtr, keep, share, shares);
      targetsPtr += (<usize>count) << 2;
    }
    if (ePtr) enterExps(zPtr, count, classes, false, tablePtr);
    else enterSums(zPtr, count, classes, false, tablePtr);
    closeChunk(count, classes, shares, tablePtr, lossPtr);
    if (ePtr) {
      writeDenseChunk(ePtr, count, classes, shares, scale, upstreamPtr, tablePtr);
      ePtr += bytes;
    }
    zPtr += bytes;
    upstreamPtr += upstreamPtr ? (<usize>count) << 3 : 0;
    lossPtr += (<usize>count) << 3;
  }
}

/** Losses of the chunk in the scratch; leaves the mass of each group there. */
function closeChunk(rows: i32, classes: i32, shares: usize, lanes: usize, lossPtr: usize): void {
  const zero = f32x4.splat(0);
  const columnBytes = (<usize>classes) << 4;
  let columns = lanes;
  for (let i = 0; i < rows; i += 4) {
    const m = v128.load(lanes, LANE_MAX);
    const first = shares;
    let gap01 = zero;
    let gap23 = zero;
    let mass01 = zero;
    let mass23 = zero;
    const end = columns + columnBytes;
    while (columns + 48 < end) {
      const t0 = v128.load(shares);
      const t1 = v128.load(shares, 16);
      const gap0 = f32x4.add(
        termOf(t0, m, v128.load(columns), zero),
        termOf(t1, m, v128.load(columns, 16), zero),
      );
      const t2 = v128.load(shares, 32);
      const t3 = v128.load(shares, 48);
      const gap1 = f32x4.add(
        termOf(t2, m, v128.load(columns, 32), zero),
        termOf(t3, m, v128.load(columns, 48), zero),
      );
      const gap = f32x4.add(gap0, gap1);
      const mass = f32x4.add(f32x4.add(t0, t1), f32x4.add(t2, t3));
      gap01 = f64x2.add(gap01, lowDoubles(gap));
      gap23 = f64x2.add(gap23, highDoubles(gap));
      mass01 = f64x2.add(mass01, lowDoubles(mass));
      mass23 = f64x2.add(mass23, highDoubles(mass));
      columns += 64;
      shares += 64;
    }
    let gap = zero;
    let mass = zero;
    for (; columns < end; columns += 16) {
      const t = v128.load(shares);
      gap = f32x4.add(gap, termOf(t, m, v128.load(columns), zero));
      mass = f32x4.add(mass, t);
      shares += 16;
    }
    gap01 = f64x2.add(gap01, lowDoubles(gap));
    gap23 = f64x2.add(gap23, highDoubles(gap));
    mass01 = f64x2.add(mass01, lowDoubles(mass));
    mass23 = f64x2.add(mass23, highDoubles(mass));
    mass = joinDoubles(mass01, mass23);
    v128.store(lanes, mass, LANE_MASS);
    const log = log1pLanes(f32x4.div(v128.load(lanes, LANE_REST), v128.load(lanes, LANE_TOP)));
    let loss01 = f64x2.add(gap01, f64x2.mul(mass01, lowDoubles(log)));
    let loss23 = f64x2.add(gap23, f64x2.mul(mass23, highDoubles(log)));
    if (i32x4.bitmask(f32x4.eq(mass, zero))) {
      const none = unsharedLanes(first, classes);
      loss01 = v128.andnot(loss01, i32x4.shuffle(none, none, 0, 0, 1, 1));
      loss23 = v128.andnot(loss23, i32x4.shuffle(none, none, 2, 2, 3, 3));
    }
    const left = rows - i;
    if (left > 1) v128.store(lossPtr, loss01);
    else store<f64>(lossPtr, f64x2.extract_lane(loss01, 0));
    if (left > 3) v128.store(lossPtr, loss23, 16);
    else if (left > 2) store<f64>(lossPtr, f64x2.extract_lane(loss23, 0), 16);
    lanes += 16;
    lossPtr += 32;
  }
}

/** t · (m − z); 0 where t is 0. */
// @ts-ignore: decorator
@inline
function termOf(t: v128, m: v128, z: v128, zero: v128): v128 {
  return v128.and(f32x4.mul(t, f32x4.sub(m, z)), f32x4.ne(t, zero));
}

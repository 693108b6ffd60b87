/**
 * The shares t_c of denseTarget.ts for a chunk of short rows, as columns (shortRows.ts): from class
 * probabilities, or from class indices with label smoothing.
 *
 *   t_c = w_c · (q_c · keep + share),   q_c = [c = y] for an index; a row with y < 0 has t = 0.
 */
import { loadChunk } from "./shortRows";

/** Columns of t from the probabilities at qPtr. They pass through the scratch of short rows. */
export function loadShares(
  qPtr: usize,
  rows: i32,
  classes: i32,
  weightPtr: usize,
  keep: f32,
  share: f32,
  columns: usize,
  tablePtr: usize,
): void {
  const columnBytes = (<usize>classes) << 4;
  loadChunk(qPtr, rows, classes, false, tablePtr);
  memory.copy(columns, tablePtr, <usize>((rows + 3) >> 2) * columnBytes);
  if (weightPtr == 0 && share == 0) return;
  for (let i = 0; i < rows; i += 4) {
    weighColumns(classes, weightPtr, keep, share, columns);
    columns += columnBytes;
  }
}

/** q ← w · (q · keep + share); 0 where w is 0. */
function weighColumns(classes: i32, weightPtr: usize, keep: f32, share: f32, columns: usize): void {
  const kept = f32x4.splat(keep);
  const shared = f32x4.splat(share);
  const zero = f32x4.splat(0);
  let w = f32x4.splat(1);
  for (let c = 0; c < classes; c++) {
    if (weightPtr) w = v128.load32_splat(weightPtr + ((<usize>c) << 2));
    const t = f32x4.mul(w, f32x4.add(f32x4.mul(v128.load(columns), kept), shared));
    v128.store(columns, v128.and(t, f32x4.ne(w, zero)));
    columns += 16;
  }
}

/** Columns of t from the class indices at targetsPtr. */
export function smoothShares(
  targetsPtr: usize,
  rows: i32,
  classes: i32,
  weightPtr: usize,
  keep: f32,
  share: f32,
  columns: usize,
): void {
  const columnBytes = (<usize>classes) << 4;
  const shared = f32x4.splat(share);
  for (let i = 0; i < rows; i++) {
    if ((i & 3) == 0) {
      for (let c = 0; c < classes; c++) {
        const at = (<usize>c) << 2;
        const t = weightPtr ? f32x4.mul(v128.load32_splat(weightPtr + at), shared) : shared;
        v128.store(columns + (at << 2), t);
      }
    }
    const y = load<i32>(targetsPtr + ((<usize>i) << 2));
    const lane = columns + ((<usize>(i & 3)) << 2);
    if (y >= 0) {
      const w: f32 = weightPtr ? load<f32>(weightPtr + ((<usize>y) << 2)) : 1;
      store<f32>(lane + ((<usize>y) << 4), w * (keep + share));
    } else {
      for (let at: usize = 0; at < columnBytes; at += 16) store<f32>(lane + at, 0);
    }
    if ((i & 3) == 3) columns += columnBytes;
  }
}

/** Lanes whose shares are all 0. */
// @ts-ignore: decorator
@inline
export function unsharedLanes(columns: usize, classes: i32): v128 {
  const zero = f32x4.splat(0);
  let some = zero;
  for (const end = columns + ((<usize>classes) << 4); columns < end; columns += 16) {
    some = v128.or(some, f32x4.ne(v128.load(columns), zero));
  }
  return v128.not(some);
}

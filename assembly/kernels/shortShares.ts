/**
 * The shares t_c of denseTarget.ts for a chunk of short rows, row after row: from class probabilities, or
 * from class indices with label smoothing.
 *
 *   t_c = w_c · (q_c · keep + share),   q_c = [c = y] for an index; a row with y < 0 has t = 0.
 *
 * Layout
 *   What is common to all rows stands once, at rowPtr (272 bytes). A row's last vector reaches into the
 *   next row, which is written later or keeps what it holds.
 */
import { lastLanes } from "./shortSums";

/** t from the probabilities at qPtr. */
export function loadShares(
  qPtr: usize,
  rows: i32,
  classes: i32,
  weightPtr: usize,
  keep: f32,
  share: f32,
  shares: usize,
  rowPtr: usize,
): void {
  const step = (<usize>classes) << 2;
  memory.copy(shares, qPtr, <usize>rows * step);
  if (weightPtr == 0 && share == 0) return;
  fillRow(classes, weightPtr, 1, rowPtr);
  const mask = lastLanes(classes, false, 0);
  const kept = f32x4.splat(keep);
  const shared = f32x4.splat(share);
  const zero = f32x4.splat(0);
  for (; rows > 0; rows--) {
    for (let at: usize = 0; at < step; at += 16) {
      const q = v128.load(shares + at);
      const w = v128.load(rowPtr + at);
      let t = f32x4.mul(w, f32x4.add(f32x4.mul(q, kept), shared));
      t = v128.and(t, f32x4.ne(w, zero)); // 0 where w is 0, whatever q is
      v128.store(shares + at, at + 16 < step ? t : v128.bitselect(t, q, mask));
    }
    shares += step;
  }
}

/** t from the class indices at targetsPtr. */
export function smoothShares(
  targetsPtr: usize,
  rows: i32,
  classes: i32,
  weightPtr: usize,
  keep: f32,
  share: f32,
  shares: usize,
  rowPtr: usize,
): void {
  const step = (<usize>classes) << 2;
  fillRow(classes, weightPtr, share, rowPtr);
  for (; rows > 0; rows--) {
    const y = load<i32>(targetsPtr);
    if (y < 0) {
      memory.fill(shares, 0, step);
    } else {
      for (let at: usize = 0; at < step; at += 16) {
        v128.store(shares + at, v128.load(rowPtr + at));
      }
      const w: f32 = weightPtr ? load<f32>(weightPtr + ((<usize>y) << 2)) : 1;
      store<f32>(shares + ((<usize>y) << 2), w * (keep + share));
    }
    targetsPtr += 4;
    shares += step;
  }
}

/** w_c · factor at rowPtr. */
function fillRow(classes: i32, weightPtr: usize, factor: f32, rowPtr: usize): void {
  for (let c = 0; c < classes; c++) {
    const at = (<usize>c) << 2;
    store<f32>(rowPtr + at, weightPtr ? load<f32>(weightPtr + at) * factor : factor);
  }
}

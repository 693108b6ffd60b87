/**
 * crossEntropy with class indices for rows of at most 64 classes, without label smoothing and
 * z-loss; columns, m, top, rest and L of shortRows.ts:
 *
 *   loss = w_y · ((m − z_y) + L)
 *   ∂/∂z_j · scale = A · (p_j − [j = y]),   A = scale · w_y,   p = e / (top + rest)
 *
 * Stability
 *   The loss is joined in float64. At the target 1 − p_y is rest / (top + rest) where z_y = m, so a
 *   confident row keeps its relative accuracy. Ignored rows (y < 0) and rows with A = 0 are 0 even
 *   beside NaN; a row that is NaN, or whose m is ±∞, is NaN.
 *
 * Layout
 *   With `turned` rows come and gradients go as columns (turnColumns.ts).
 */
import { log1pLanes } from "../math/log1p";
import { writeChunk } from "./crossEntropyShortGradient";
import { anyIgnored, pickLanes, placeOf } from "./shortTargets";
import { LANE_MAX, LANE_REST, LANE_TOP, chunkRows, enterExps, enterSums } from "./shortRows";

export function crossEntropyShortRows(
  zPtr: usize,
  ePtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  targetsPtr: usize,
  weightPtr: usize,
  scale: f64,
  upstreamPtr: usize,
  scratchPtr: usize,
  lossPtr: usize,
): void {
  const chunk = chunkRows(classes);
  const rowBytes = (<usize>classes) << 2;
  for (let i = 0; i < rows; i += chunk) {
    const count = min(chunk, rows - i);
    if (ePtr) enterExps(zPtr, count, classes, turned, scratchPtr);
    else enterSums(zPtr, count, classes, turned, scratchPtr);
    closeChunk(count, classes, targetsPtr, weightPtr, scratchPtr, lossPtr);
    if (ePtr) {
      writeChunk(
        ePtr,
        count,
        classes,
        turned,
        targetsPtr,
        weightPtr,
        scale,
        upstreamPtr,
        scratchPtr,
      );
      ePtr += <usize>count * rowBytes;
    }
    zPtr += <usize>count * rowBytes;
    targetsPtr += (<usize>count) << 2;
    upstreamPtr += upstreamPtr ? (<usize>count) << 3 : 0;
    lossPtr += (<usize>count) << 3;
  }
}

function closeChunk(
  rows: i32,
  classes: i32,
  targetsPtr: usize,
  weightPtr: usize,
  scratchPtr: usize,
  lossPtr: usize,
): void {
  let columns = scratchPtr;
  let lanes = scratchPtr;
  for (let i = 0; i < rows; i += 4) {
    const left = rows - i;
    const m = v128.load(lanes, LANE_MAX);
    const log = log1pLanes(f32x4.div(v128.load(lanes, LANE_REST), v128.load(lanes, LANE_TOP)));
    const p0 = placeOf(targetsPtr, 0, left);
    const p1 = placeOf(targetsPtr, 1, left);
    const p2 = placeOf(targetsPtr, 2, left);
    const p3 = placeOf(targetsPtr, 3, left);
    const z = pickLanes(columns, p0, p1, p2, p3);
    const gap01 = f64x2.sub(f64x2.promote_low_f32x4(m), f64x2.promote_low_f32x4(z));
    let loss01 = f64x2.add(gap01, f64x2.promote_low_f32x4(log));
    const m23 = i32x4.shuffle(m, m, 2, 3, 2, 3);
    const z23 = i32x4.shuffle(z, z, 2, 3, 2, 3);
    const log23 = i32x4.shuffle(log, log, 2, 3, 2, 3);
    const gap23 = f64x2.sub(f64x2.promote_low_f32x4(m23), f64x2.promote_low_f32x4(z23));
    let loss23 = f64x2.add(gap23, f64x2.promote_low_f32x4(log23));
    if (left >= 4) {
      v128.store(lossPtr, loss01);
      v128.store(lossPtr, loss23, 16);
      if (weightPtr || anyIgnored(targetsPtr)) weighLosses(4, targetsPtr, weightPtr, lossPtr);
    } else {
      store<f64>(lossPtr, f64x2.extract_lane(loss01, 0));
      if (left > 1) store<f64>(lossPtr, f64x2.extract_lane(loss01, 1), 8);
      if (left > 2) store<f64>(lossPtr, f64x2.extract_lane(loss23, 0), 16);
      weighLosses(left, targetsPtr, weightPtr, lossPtr);
    }
    columns += (<usize>classes) << 4;
    lanes += 16;
    targetsPtr += 16;
    lossPtr += 32;
  }
}

/** loss ← w_y · loss; 0 where w_y is 0 or the row is ignored, whatever the loss. */
function weighLosses(rows: i32, targetsPtr: usize, weightPtr: usize, lossPtr: usize): void {
  for (let r = 0; r < rows; r++) {
    const y = load<i32>(targetsPtr + ((<usize>r) << 2));
    const place = lossPtr + ((<usize>r) << 3);
    let w: f64 = y < 0 ? 0 : 1;
    if (weightPtr && y >= 0) w = load<f32>(weightPtr + ((<usize>y) << 2));
    store<f64>(place, w == 0 ? 0 : w * load<f64>(place));
  }
}

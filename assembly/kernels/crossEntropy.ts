/**
 * Cross entropy of logits z, shape (N, C), with class indices y, and its gradient.
 *
 * Mathematics
 *   loss = (1 − ε) · w_y · (lse − z_y) + (ε / C) · Σ_c w_c · (lse − z_c) + ζ · lse²
 *   lse − z_y = (m − z_y) + L,   with m and L of rowTable.ts; the smoothing sum: denseTarget.ts
 *   ∂/∂z_j · scale = A · p_j − B · w_j − T · [j = y],   p = softmax(z)
 *     T = scale · (1 − ε) · w_y,   B = scale · ε / C,   A = T + B · Σ w + 2 · scale · ζ · lse
 *
 * Stability
 *   m − z_y ≥ 0 and L ≥ 0 never cancel. The target's gradient is (A − T) · p_y − T · (1 − p_y) − …
 *   with 1 − p_y = rest / Σ where y is the maximum: −1e-9 stays −1e-9, where p_y − 1 in float32
 *   would be 0. A row whose coefficients are all 0 is 0 whatever its logits; so is an ignored row.
 *
 * Layout
 *   One exponential per logit. With a gradient the exponentials are stored in it (ePtr; zPtr itself
 *   is allowed) and scaled on the second visit. Long rows come in segments, see softmax.ts.
 *
 * Domain     C ≥ 1, every y in [0, C) or negative (ignored), pointers aligned to 4, lossPtr to 8
 * Max error  as in test/support/tolerance.ts, `crossEntropy`
 * Source     gradient of the target as in Liger-Kernel: overwritten, never read-modify-written
 */
import { blockScale, blockScaleMinus } from "../simd/blockScale";
import { blockMax } from "../simd/blockMax";
import { closeGaps, denseShares, enterGap, rowGap, rowMass, rowShared } from "./denseTarget";
import {
  BLOCK,
  blockMaxOf,
  blocksOf,
  closeRow,
  enterBlock,
  entryOf,
  probabilityFactor,
  rowArgmax,
  rowLog,
  rowMax,
  rowRest,
  rowTop,
} from "./rowTable";

/** z_y of the row under way. */
let targetLogit: f32 = 0;
/** A, B and T of the header for the closed row; A = B = T = 0 marks a gradient of zeros. */
let shareP: f64 = 0;
let shareW: f64 = 0;
let shareY: f64 = 0;

/** Enters `length` logits and weights (or weightPtr 0) from class `first` on. */
export function crossEntropySegment(
  zPtr: usize,
  ePtr: usize,
  length: i32,
  first: i32,
  y: i32,
  weightPtr: usize,
  smoothed: bool,
  tablePtr: usize,
): void {
  if (y >= first && y < first + length) targetLogit = load<f32>(zPtr + ((<usize>(y - first)) << 2));
  for (let start = 0; start < length; start += BLOCK) {
    const at = (<usize>start) << 2;
    const count = min(BLOCK, length - start);
    const entry = entryOf(tablePtr, first + start);
    const m = blockMax(zPtr + at, count);
    if (smoothed) {
      const w = weightPtr ? weightPtr + at : 0;
      enterGap(zPtr + at, denseShares(0, w, count, 1, 0), count, m, entry);
    }
    enterBlock(zPtr + at, ePtr ? ePtr + at : 0, count, first + start, m, entry);
  }
}

/** Loss of the row whose segments were entered, w = w_y; prepares its gradient. */
export function crossEntropyClose(
  classes: i32,
  w: f64,
  smoothing: f64,
  zLoss: f64,
  scale: f64,
  tablePtr: usize,
): f64 {
  closeRow(tablePtr, blocksOf(classes));
  const keep = w * (1 - smoothing);
  shareY = scale * keep;
  shareP = shareY;
  shareW = 0;
  let loss: f64 = 0;
  if (keep != 0) loss = keep * (<f64>rowMax - <f64>targetLogit + rowLog);
  if (smoothing > 0) {
    closeGaps(tablePtr, blocksOf(classes));
    const share = smoothing / <f64>classes;
    if (rowShared) {
      loss += share * (rowGap + rowMass * rowLog);
      shareW = scale * share;
      shareP += shareW * rowMass;
    }
  }
  if (zLoss != 0) {
    const lse = <f64>rowMax + rowLog;
    loss += zLoss * lse * lse;
    if (scale != 0) shareP += 2 * scale * zLoss * lse;
  }
  return loss;
}

/** Turns the exponentials of `length` classes from `first` on into gradients of the closed row. */
export function crossEntropyWrite(
  ePtr: usize,
  length: i32,
  first: i32,
  y: i32,
  w: f64,
  weightPtr: usize,
  tablePtr: usize,
): void {
  if (shareP == 0 && shareW == 0 && shareY == 0) {
    memory.fill(ePtr, 0, (<usize>length) << 2);
    return;
  }
  const here = y >= first && y < first + length;
  const targetPtr = ePtr + ((<usize>(y - first)) << 2);
  let target: f32 = 0;
  if (here) {
    let p = rowTop / (rowTop + rowRest);
    let others = rowRest / (rowTop + rowRest);
    if (y != rowArgmax) {
      p = <f64>load<f32>(targetPtr) * probabilityFactor(blockMaxOf(tablePtr, y));
      others = 1 - p;
    }
    target = <f32>((shareP - shareY) * p - shareY * others - shareW * w);
  }
  for (let start = 0; start < length; start += BLOCK) {
    const count = min(BLOCK, length - start);
    const block = ePtr + ((<usize>start) << 2);
    const factor = <f32>(shareP * probabilityFactor(blockMaxOf(tablePtr, first + start)));
    if (shareW == 0) {
      blockScale(block, count, factor);
    } else {
      const weights = weightPtr ? weightPtr + ((<usize>start) << 2) : 0;
      blockScaleMinus(block, denseShares(0, weights, count, 1, 0), count, factor, <f32>shareW);
    }
  }
  if (here) store<f32>(targetPtr, target);
}

/** Loss of one row, and its gradient where ePtr is not 0. A row with y < 0 is ignored. */
export function crossEntropyRow(
  zPtr: usize,
  ePtr: usize,
  classes: i32,
  y: i32,
  weightPtr: usize,
  smoothing: f64,
  zLoss: f64,
  scale: f64,
  tablePtr: usize,
): f64 {
  if (y < 0) {
    if (ePtr) memory.fill(ePtr, 0, (<usize>classes) << 2);
    return 0;
  }
  const w: f64 = weightPtr ? load<f32>(weightPtr + ((<usize>y) << 2)) : 1;
  crossEntropySegment(zPtr, ePtr, classes, 0, y, weightPtr, smoothing > 0, tablePtr);
  const loss = crossEntropyClose(classes, w, smoothing, zLoss, scale, tablePtr);
  if (ePtr) crossEntropyWrite(ePtr, classes, 0, y, w, weightPtr, tablePtr);
  return loss;
}

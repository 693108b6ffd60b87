/**
 * Cross entropy of logits z, shape (N, C), with class probabilities q, and its gradient.
 *
 * Mathematics
 *   t_c = w_c · ((1 − ε) · q_c + ε / C),   loss = Σ_c t_c · (lse − z_c) + ζ · lse²
 *       = gap + mass · L + ζ · lse²                                    (denseTarget.ts)
 *   ∂/∂z_j · scale = A · p_j − scale · t_j,   A = scale · (mass + 2 · ζ · lse)
 *   The derivative is that of the loss as it stands: rows of q need not sum to 1.
 *
 * Stability
 *   One-hot q is as exact as an index: gap is 0 at the maximum, and the gradient there is
 *   (A − scale · t) − A · rest / Σ. A row of t = 0 is 0 whatever its logits.
 *
 * Layout
 *   As crossEntropy.ts, with one more stream. ePtr may be zPtr; it must not be qPtr.
 *
 * Domain     C ≥ 1, pointers aligned to 4, lossPtr to 8
 * Max error  as in test/support/tolerance.ts, `crossEntropy`
 */
import { blockScaleMinus } from "../simd/blockScale";
import { blockMax } from "../simd/blockMax";
import { crossEntropyShortDenseRows } from "./crossEntropyShortDense";
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
import { SHORT } from "./shortRows";

/** A and scale of the header for the closed row; both 0 for a gradient of zeros. */
let shareP: f64 = 0;
let shareT: f64 = 0;

export function crossEntropyProbabilitiesRows(
  zPtr: usize,
  ePtr: usize,
  rows: i32,
  classes: i32,
  qPtr: usize,
  weightPtr: usize,
  keep: f32,
  share: f32,
  zLoss: f64,
  scale: f64,
  upstreamPtr: usize,
  tablePtr: usize,
  lossPtr: usize,
): void {
  if (classes <= SHORT) {
    crossEntropyShortDenseRows(
      zPtr,
      ePtr,
      rows,
      classes,
      qPtr,
      0,
      weightPtr,
      keep,
      share,
      zLoss,
      scale,
      upstreamPtr,
      tablePtr,
      lossPtr,
    );
    return;
  }
  const rowBytes = (<usize>classes) << 2;
  for (let i = 0; i < rows; i++) {
    const at = <usize>i * rowBytes;
    const q = qPtr + at;
    const row = ePtr ? ePtr + at : 0;
    const rowScale = upstreamPtr ? scale * load<f64>(upstreamPtr + ((<usize>i) << 3)) : scale;
    crossEntropyProbabilitiesSegment(
      zPtr + at,
      row,
      classes,
      0,
      q,
      weightPtr,
      keep,
      share,
      tablePtr,
    );
    const loss = crossEntropyProbabilitiesClose(classes, zLoss, rowScale, tablePtr);
    if (row) {
      crossEntropyProbabilitiesWrite(row, classes, 0, q, weightPtr, keep, share, tablePtr);
    }
    store<f64>(lossPtr + ((<usize>i) << 3), loss);
  }
}

/** Enters `length` logits, probabilities and weights (or weightPtr 0) from class `first` on. */
export function crossEntropyProbabilitiesSegment(
  zPtr: usize,
  ePtr: usize,
  length: i32,
  first: i32,
  qPtr: usize,
  weightPtr: usize,
  keep: f32,
  share: f32,
  tablePtr: usize,
): void {
  for (let start = 0; start < length; start += BLOCK) {
    const at = (<usize>start) << 2;
    const count = min(BLOCK, length - start);
    const entry = entryOf(tablePtr, first + start);
    const w = weightPtr ? weightPtr + at : 0;
    const t = denseShares(qPtr + at, w, count, keep, share);
    const m = blockMax(zPtr + at, count);
    enterGap(zPtr + at, t, count, m, entry);
    enterBlock(zPtr + at, ePtr ? ePtr + at : 0, count, first + start, m, entry);
  }
}

export function crossEntropyProbabilitiesClose(
  classes: i32,
  zLoss: f64,
  scale: f64,
  tablePtr: usize,
): f64 {
  closeRow(tablePtr, blocksOf(classes));
  closeGaps(tablePtr, blocksOf(classes));
  shareT = rowShared ? scale : 0;
  shareP = rowShared && scale != 0 ? scale * rowMass : 0; // 0 also beside a NaN share
  let loss = rowShared ? rowGap + rowMass * rowLog : 0;
  if (zLoss != 0) {
    const lse = <f64>rowMax + rowLog;
    loss += zLoss * lse * lse;
    if (scale != 0) shareP += 2 * scale * zLoss * lse;
  }
  return loss;
}

export function crossEntropyProbabilitiesWrite(
  ePtr: usize,
  length: i32,
  first: i32,
  qPtr: usize,
  weightPtr: usize,
  keep: f32,
  share: f32,
  tablePtr: usize,
): void {
  if (shareP == 0 && shareT == 0) {
    memory.fill(ePtr, 0, (<usize>length) << 2);
    return;
  }
  for (let start = 0; start < length; start += BLOCK) {
    const at = (<usize>start) << 2;
    const from = first + start;
    const count = min(BLOCK, length - start);
    const w = weightPtr ? weightPtr + at : 0;
    const t = denseShares(qPtr + at, w, count, keep, share);
    const factor = <f32>(shareP * probabilityFactor(blockMaxOf(tablePtr, from)));
    blockScaleMinus(ePtr + at, t, count, factor, <f32>shareT);
    if (rowArgmax >= from && rowArgmax < from + count) {
      const peak = (<usize>(rowArgmax - from)) << 2;
      const others = rowRest / (rowTop + rowRest);
      const own = shareT * <f64>load<f32>(t + peak);
      store<f32>(ePtr + at + peak, <f32>(shareP - own - shareP * others));
    }
  }
}

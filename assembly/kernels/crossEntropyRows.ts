/**
 * Rows of crossEntropy with class indices: short rows four at a time, others one by one (crossEntropy.ts).
 */
import { crossEntropyRow } from "./crossEntropy";
import { crossEntropyShortRows } from "./crossEntropyShort";
import { crossEntropyShortDenseRows } from "./crossEntropyShortDense";
import { SHORT } from "./shortRows";

/** Losses (float64, not reduced) of `rows` rows; gradients too where ePtr is not 0. */
export function crossEntropyRows(
  zPtr: usize,
  ePtr: usize,
  rows: i32,
  classes: i32,
  targetsPtr: usize,
  weightPtr: usize,
  smoothing: f64,
  zLoss: f64,
  scale: f64,
  upstreamPtr: usize,
  tablePtr: usize,
  lossPtr: usize,
): void {
  const short = classes <= SHORT;
  if (short && zLoss == 0 && (smoothing == 0 || (smoothing <= 0.5 && weightPtr == 0))) {
    crossEntropyShortRows(
      zPtr,
      ePtr,
      rows,
      classes,
      false,
      targetsPtr,
      weightPtr,
      smoothing,
      scale,
      upstreamPtr,
      tablePtr,
      lossPtr,
    );
    return;
  }
  if (short) {
    crossEntropyShortDenseRows(
      zPtr,
      ePtr,
      rows,
      classes,
      0,
      targetsPtr,
      weightPtr,
      <f32>(1 - smoothing),
      <f32>(smoothing / <f64>classes),
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
    const y = load<i32>(targetsPtr + ((<usize>i) << 2));
    const rowScale = upstreamPtr ? scale * load<f64>(upstreamPtr + ((<usize>i) << 3)) : scale;
    const loss = crossEntropyRow(
      zPtr + at,
      ePtr ? ePtr + at : 0,
      classes,
      y,
      weightPtr,
      smoothing,
      zLoss,
      rowScale,
      tablePtr,
    );
    store<f64>(lossPtr + ((<usize>i) << 3), loss);
  }
}

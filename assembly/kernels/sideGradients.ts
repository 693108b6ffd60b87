/**
 * Gradients of a loss that are by-products: with respect to the temperature and to soft targets.
 *
 *   z = x / T:          ∂loss/∂T = −Σ_j ∂loss/∂x_j · z_j               (row by row, float64)
 *   probabilities q:    ∂loss/∂q_c = scale · keep · w_c · (lse − z_c)   of cross entropy
 *
 *   A gradient entry 0 counts as 0 beside −∞; w_c = 0 likewise.
 *
 * Domain     pointers aligned to 4, outPtr and upstreamPtr to 8
 */
import { blocksOf, closeRow, enterRow, rowLog, rowMax } from "./rowTable";

/** Σ_j g_j · z_j of each row. */
export function dotRows(gradPtr: usize, zPtr: usize, rows: i32, classes: i32, outPtr: usize): void {
  for (let i = 0; i < rows; i++) {
    let sum: f64 = 0;
    for (let j = 0; j < classes; j++) {
      const g = load<f32>(gradPtr);
      if (g != 0) sum += <f64>g * <f64>load<f32>(zPtr);
      gradPtr += 4;
      zPtr += 4;
    }
    store<f64>(outPtr + ((<usize>i) << 3), sum);
  }
}

export function probabilityGradients(
  zPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
  weightPtr: usize,
  keep: f64,
  scale: f64,
  upstreamPtr: usize,
  tablePtr: usize,
): void {
  const rowBytes = (<usize>classes) << 2;
  for (let i = 0; i < rows; i++) {
    const s = upstreamPtr ? scale * load<f64>(upstreamPtr + ((<usize>i) << 3)) : scale;
    enterRow(zPtr, 0, classes, 0, tablePtr);
    closeRow(tablePtr, blocksOf(classes));
    for (let j: usize = 0; j < rowBytes; j += 4) {
      const w: f64 = weightPtr ? load<f32>(weightPtr + j) : 1;
      const gap = <f64>rowMax - <f64>load<f32>(zPtr + j) + rowLog;
      store<f32>(outPtr + j, w == 0 || s == 0 ? 0 : <f32>(s * keep * w * gap));
    }
    zPtr += rowBytes;
    outPtr += rowBytes;
  }
}

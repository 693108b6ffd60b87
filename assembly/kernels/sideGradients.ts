/**
 * Gradients of a loss that are by-products: with respect to the temperature and to soft targets.
 *
 *   z = x / T:          ∂loss/∂T = −Σ_j ∂loss/∂x_j · z_j               (row by row, float64)
 *   probabilities q:    ∂loss/∂q_c = scale · keep · w_c · (lse − z_c)   of cross entropy
 *
 *   labels z:           ∂loss/∂z = scale · keep · w · (q · softplus(−x) − softplus(x)) of binary cross
 *                       entropy: −x for q = 1, and q · max(−x, 0) − max(x, 0) + (q − 1) · ln(1 + e^(−|x|))
 *
 *   A gradient entry 0 counts as 0 beside −∞; w_c = 0, w = 0 and q = 0 likewise.
 *
 * Domain     pointers aligned to 4, outPtr and upstreamPtr to 8
 */
import { LOW0, MAGIC0, ONE, SIGN, expConstant, expOf } from "../math/exp";
import { log1pUnitOf } from "../math/log1p";
import { loadPartial, storePartial } from "../simd/lanes";
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

/**
 * Of `length` labels of binary cross entropy. weightPtr, posWeightPtr and upstreamPtr are 0 or hold
 * one float32 per element; `scale` has the factor keep.
 */
export function labelGradients(
  xPtr: usize,
  outPtr: usize,
  length: i32,
  weightPtr: usize,
  posWeightPtr: usize,
  scale: f32,
  upstreamPtr: usize,
): void {
  const one = expConstant(ONE);
  const sign = expConstant(SIGN);
  const zero = f32x4.splat(0);
  const scales = f32x4.splat(scale);
  for (let i = 0; i < length; i += 4) {
    const at = (<usize>i) << 2;
    const lanes = length - i;
    const x = lanesAt(xPtr + at, lanes);
    const q = posWeightPtr ? lanesAt(posWeightPtr + at, lanes) : one;
    const minus = v128.xor(x, sign);
    let g = v128.and(f32x4.mul(q, f32x4.pmax(minus, zero)), f32x4.ne(q, zero));
    g = f32x4.sub(g, f32x4.pmax(x, zero));
    if (posWeightPtr) {
      const e = expOf(v128.or(x, sign), expConstant(LOW0), expConstant(MAGIC0));
      const tail = log1pUnitOf(e);
      g = f32x4.add(g, f32x4.mul(f32x4.sub(q, one), tail));
    }
    let factor = scales;
    if (upstreamPtr) factor = f32x4.mul(factor, lanesAt(upstreamPtr + at, lanes));
    if (weightPtr) factor = f32x4.mul(factor, lanesAt(weightPtr + at, lanes));
    g = v128.and(f32x4.mul(g, factor), f32x4.ne(factor, zero));
    if (lanes >= 4) v128.store(outPtr + at, g);
    else storePartial(outPtr + at, g, lanes);
  }
}

function lanesAt(ptr: usize, lanes: i32): v128 {
  return lanes >= 4 ? v128.load(ptr) : loadPartial(ptr, lanes, 0);
}

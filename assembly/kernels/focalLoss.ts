/**
 * Focal and Poly-1 loss of logits z, shape (N, C): cross entropy whose terms are reshaped.
 *
 * Mathematics
 *   loss = Σ_c t_c · f(ℓ_c) + ζ · lse²,   ℓ_c = lse − z_c,   u = 1 − p_c = −expm1(−ℓ_c)
 *   f(ℓ) = u^γ · (ℓ + ε · u),   f'(ℓ) = u^γ · (1 + γ · p · ℓ / u + ε · (γ + 1) · p)
 *   ∂/∂z_j = A · p_j − t_j · f'(ℓ_j) = p_j · (A − t_j f'_j) − t_j f'_j · u_j,   A = Σ t_c f'(ℓ_c) + 2 ζ lse
 *   γ = 0: Poly-1 cross entropy. ε = 0: focal loss.
 *   With one class index t has one entry: the gradient is that of cross entropy times f'(ℓ_y).
 *   ∂/∂q_c = keep · w_c · f(ℓ_c) of probabilities q
 *
 * Stability
 *   ℓ_c = (m − z_c) + L of rowTable.ts keeps its relative accuracy, and so does u. u^(γ−1) · ℓ is
 *   taken as u^γ · (ℓ / u) with ℓ / u → 1, so γ < 1 has a finite gradient at p = 1. The second form
 *   of the gradient does not subtract p_j from t_j.
 *
 * Layout
 *   Class indices: the exponentials of crossEntropy.ts. Dense t (probabilities, smoothing): one
 *   logarithm and one exponential per class in float64; ePtr may be zPtr.
 *
 * Domain     C ≥ 1, γ ≥ 0, pointers aligned to 4, lossPtr to 8
 * Max error  as in test/support/tolerance.ts, `focalLoss`
 * Source     Lin et al. 2017 (focal), Leng et al. 2022 (Poly-1)
 */
import { power } from "../math/logarithm";
import { crossEntropyClose, crossEntropySegment, crossEntropyWrite } from "./crossEntropy";
import { blocksOf, closeRow, enterRow, rowLog, rowMax } from "./rowTable";

/** f'(ℓ) of the last call of `shaped`. */
let slope: f64 = 0;

/** f(ℓ). */
function shaped(l: f64, gamma: f64, epsilon: f64): f64 {
  const p = NativeMath.exp(-l);
  const u = -NativeMath.expm1(-l);
  const factor = gamma == 0 ? 1 : power(u, gamma);
  const ratio = l == Infinity ? 0 : u == 0 ? p : (l / u) * p; // p · ℓ / u
  slope = factor * (1 + gamma * ratio + epsilon * (gamma + 1) * p);
  return factor * (l + epsilon * u);
}

/** t_c = w_c · (q_c · keep + share), with q one-hot at y where there are no probabilities. */
// @ts-ignore: decorator
@inline
function shareOf(c: i32, y: i32, qPtr: usize, weightPtr: usize, keep: f64, share: f64): f64 {
  const at = (<usize>c) << 2;
  const w: f64 = weightPtr ? load<f32>(weightPtr + at) : 1;
  const q: f64 = qPtr ? load<f32>(qPtr + at) : c == y ? 1 : 0;
  return w == 0 ? 0 : w * (q * keep + share);
}

/** Losses of `rows` rows, with indices (targetsPtr) or probabilities (qPtr); the other is 0. */
export function focalLossRows(
  zPtr: usize,
  ePtr: usize,
  rows: i32,
  classes: i32,
  targetsPtr: usize,
  qPtr: usize,
  qGradPtr: usize,
  weightPtr: usize,
  smoothing: f64,
  gamma: f64,
  epsilon: f64,
  zLoss: f64,
  temperature: f64,
  scale: f64,
  upstreamPtr: usize,
  tablePtr: usize,
  lossPtr: usize,
): void {
  const rowBytes = (<usize>classes) << 2;
  for (let i = 0; i < rows; i++) {
    const at = <usize>i * rowBytes;
    const y = targetsPtr ? load<i32>(targetsPtr + ((<usize>i) << 2)) : 0;
    const s = upstreamPtr ? scale * load<f64>(upstreamPtr + ((<usize>i) << 3)) : scale;
    const row = ePtr ? ePtr + at : 0;
    let loss: f64 = 0;
    if (y < 0) {
      if (row) memory.fill(row, 0, rowBytes);
    } else if (qPtr == 0 && smoothing == 0) {
      const w: f64 = weightPtr ? load<f32>(weightPtr + ((<usize>y) << 2)) : 1;
      crossEntropySegment(zPtr + at, row, classes, 0, y, 0, false, tablePtr);
      const l = crossEntropyClose(classes, 1, 0, 0, 0, tablePtr);
      if (w != 0) loss = w * shaped(l, gamma, epsilon);
      if (zLoss != 0) loss += zLoss * (<f64>rowMax + rowLog) * (<f64>rowMax + rowLog);
      if (row) {
        const used = w != 0 && s != 0;
        crossEntropyClose(classes, used ? w * slope : 0, 0, zLoss, s, tablePtr);
        crossEntropyWrite(row, classes, 0, y, 1, 0, tablePtr);
      }
    } else {
      const q = qPtr ? qPtr + at : 0;
      const share = smoothing / <f64>classes;
      enterRow(zPtr + at, 0, classes, 0, tablePtr);
      closeRow(tablePtr, blocksOf(classes));
      // prettier-ignore
      loss = denseRow(
        zPtr + at, row, classes, y, q, weightPtr, 1 - smoothing, share, gamma, epsilon, zLoss, s,
        qGradPtr ? qGradPtr + at : 0, s * temperature * (1 - smoothing),
      );
    }
    store<f64>(lossPtr + ((<usize>i) << 3), loss);
  }
}

/** Loss and gradient of the closed row under dense shares. */
// prettier-ignore
function denseRow(
  zPtr: usize, ePtr: usize, classes: i32, y: i32, qPtr: usize, weightPtr: usize,
  keep: f64, share: f64, gamma: f64, epsilon: f64, zLoss: f64, s: f64, qGradPtr: usize, qScale: f64,
): f64 {
  const m = <f64>rowMax;
  let loss: f64 = 0;
  let total: f64 = 0;
  let some = zLoss != 0;
  for (let c = 0; c < classes; c++) {
    const at = (<usize>c) << 2;
    const t = shareOf(c, y, qPtr, weightPtr, keep, share);
    if (t == 0 && qGradPtr == 0) continue;
    const f = shaped(m - <f64>load<f32>(zPtr + at) + rowLog, gamma, epsilon);
    if (qGradPtr) {
      const a = weightPtr ? qScale * <f64>load<f32>(weightPtr + at) : qScale;
      store<f32>(qGradPtr + at, a == 0 ? 0 : <f32>(a * f));
    }
    if (t == 0) continue;
    some = true;
    loss += t * f;
    total += t * slope;
  }
  const lse = m + rowLog;
  if (zLoss != 0) loss += zLoss * lse * lse;
  if (ePtr == 0) return loss;
  if (!some || s == 0) {
    memory.fill(ePtr, 0, (<usize>classes) << 2);
    return loss;
  }
  const pull = zLoss != 0 ? 2 * zLoss * lse : 0;
  for (let c = 0; c < classes; c++) {
    const at = (<usize>c) << 2;
    const l = m - <f64>load<f32>(zPtr + at) + rowLog;
    const t = shareOf(c, y, qPtr, weightPtr, keep, share);
    let own: f64 = 0;
    if (t != 0) {
      shaped(l, gamma, epsilon);
      own = t * slope;
    }
    const g = NativeMath.exp(-l) * (total - own + pull) + own * NativeMath.expm1(-l);
    store<f32>(ePtr + at, <f32>(s * g));
  }
  return loss;
}

/**
 * Divergence of a student's distribution from a teacher's, both given as logits, shape (N, C).
 *
 * Mathematics
 *   p = softmax(student), q = softmax(teacher), d_j = ln q_j − ln p_j
 *   forward          KL(q ‖ p) = Σ q · φ(d)             ∂/∂student = p − q          ∂/∂teacher = q · (d − KL)
 *   reverse          KL(p ‖ q) = Σ p · φ(−d)            ∂/∂student = p · (−d − KL)  ∂/∂teacher = q − p
 *   jensenShannon    ½ KL(p ‖ m) + ½ KL(q ‖ m), m = (p + q) / 2
 *                    ∂/∂student = ½ p · (ln(p / m) − KL(p ‖ m)), ∂/∂teacher likewise
 *   with φ(d) = e^(−d) − 1 + d ≥ 0, as Σ (p − q) = 0, and w = (q − p) / (q + p)
 *   ½ [p ln(p / m) + q ln(q / m)] = ½ m · [(1 + w) ln(1 + w) + (1 − w) ln(1 − w)]
 *
 * Stability
 *   Every term is ≥ 0 and, where |d| < 1, a series in d: distributions that nearly agree keep
 *   their relative accuracy, and equal ones give exactly 0. p − q is q · (φ(d) − d) there.
 *   A class with p = q = 0 counts as 0.
 *
 * Layout
 *   One float32 exponential per logit, kept in pPtr and qPtr (C float32 each), then float64.
 *   Gradients may lie over their own logits: a row's logits are read before it is written.
 *
 * Domain     C ≥ 1, pointers aligned to 4, lossPtr and upstreamPtr to 8
 * Max error  as in test/support/tolerance.ts, `distillationLoss`
 */
import { blockScale } from "../simd/blockScale";
import {
  BLOCK,
  blockMaxOf,
  blocksOf,
  closeRow,
  enterRow,
  probabilityFactor,
  rowLog,
  rowMax,
} from "./rowTable";

// @ts-ignore: decorator
@inline
const FORWARD: i32 = 0;
// @ts-ignore: decorator
@inline
const REVERSE: i32 = 1;

/** logSumExp of the row last entered, as m and L. */
let m: f64 = 0;
let l: f64 = 0;

/** softmax of the row at zPtr → ePtr. */
function enterProbabilities(zPtr: usize, ePtr: usize, classes: i32, tablePtr: usize): void {
  enterRow(zPtr, ePtr, classes, 0, tablePtr);
  closeRow(tablePtr, blocksOf(classes));
  m = <f64>rowMax;
  l = rowLog;
  for (let start = 0; start < classes; start += BLOCK) {
    const factor = <f32>probabilityFactor(blockMaxOf(tablePtr, start));
    blockScale(ePtr + ((<usize>start) << 2), min(BLOCK, classes - start), factor);
  }
  if (l != l) store<f32>(ePtr, NaN);
}

/** φ(d) = e^(−d) − 1 + d for |d| < 1: its series to d^14, below 1e-12 relative. */
function phi(d: f64): f64 {
  let sum: f64 = 1;
  for (let k = 14; k > 2; k--) sum = 1 - (d / <f64>k) * sum;
  return 0.5 * d * d * sum;
}

/** a · φ(d) where b = a · e^(−d): a − b terms cancel over the row. */
function divergence(a: f64, b: f64, d: f64): f64 {
  if (a == 0) return b;
  return abs(d) < 1 ? a * phi(d) : a * d - a + b;
}

/** q − p */
function difference(p: f64, q: f64, d: f64): f64 {
  return p != 0 && abs(d) < 1 ? q * (d - phi(d)) : q - p;
}

/** ½ [(1 + w) ln(1 + w) + (1 − w) ln(1 − w)] = w² / 2 + w⁴ / 12 + w⁶ / 30 + … */
function balance(w: f64): f64 {
  const v = w * w;
  if (v < 0.01) return v * (0.5 + v * (1.0 / 12 + v * (1.0 / 30 + v * (1.0 / 56 + v / 90))));
  const high = (1 + w) * NativeMath.log1p(w);
  const low = (1 - w) * NativeMath.log1p(-w);
  return 0.5 * ((w == -1 ? 0 : high) + (w == 1 ? 0 : low));
}

/** a · ln(1 ± w), 0 where a is. */
// @ts-ignore: decorator
@inline
function logTerm(a: f64, w: f64): f64 {
  return a == 0 ? 0 : a * NativeMath.log1p(w);
}

// prettier-ignore
export function distillationLossRows(
  studentPtr: usize, gradPtr: usize, rows: i32, classes: i32, teacherPtr: usize, targetGradPtr: usize,
  direction: i32, scale: f64, upstreamPtr: usize, tablePtr: usize, pPtr: usize, qPtr: usize, lossPtr: usize,
): void {
  const rowBytes = (<usize>classes) << 2;
  for (let i = 0; i < rows; i++) {
    const at = <usize>i * rowBytes;
    const s = upstreamPtr ? scale * load<f64>(upstreamPtr + ((<usize>i) << 3)) : scale;
    enterProbabilities(studentPtr + at, pPtr, classes, tablePtr);
    const m0 = m;
    const l0 = l;
    enterProbabilities(teacherPtr + at, qPtr, classes, tablePtr);
    const m1 = m;
    const l1 = l;
    let loss: f64 = 0;
    let left: f64 = 0; // KL(p ‖ m)
    let right: f64 = 0; // KL(q ‖ m)
    for (let j: usize = 0; j < rowBytes; j += 4) {
      const p = <f64>load<f32>(pPtr + j);
      const q = <f64>load<f32>(qPtr + j);
      if (p == 0 && q == 0) continue;
      const d = gap(load<f32>(studentPtr + at + j), load<f32>(teacherPtr + at + j), m0, l0, m1, l1);
      if (direction == FORWARD) loss += divergence(q, p, d);
      else if (direction == REVERSE) loss += divergence(p, q, -d);
      else {
        const w = difference(p, q, d) / (p + q);
        loss += 0.5 * (p + q) * balance(w);
        left += logTerm(p, -w);
        right += logTerm(q, w);
      }
    }
    store<f64>(lossPtr + ((<usize>i) << 3), loss);
    if (gradPtr == 0 && targetGradPtr == 0) continue;
    for (let j: usize = 0; j < rowBytes; j += 4) {
      const p = <f64>load<f32>(pPtr + j);
      const q = <f64>load<f32>(qPtr + j);
      const d = gap(load<f32>(studentPtr + at + j), load<f32>(teacherPtr + at + j), m0, l0, m1, l1);
      let g: f64 = 0;
      let h: f64 = 0;
      if (p != 0 || q != 0) {
        const w = difference(p, q, d);
        if (direction == FORWARD) {
          g = -w;
          h = q == 0 ? 0 : q * (d - loss);
        } else if (direction == REVERSE) {
          g = p == 0 ? 0 : p * (-d - loss);
          h = w;
        } else {
          g = 0.5 * (logTerm(p, -w / (p + q)) - p * left);
          h = 0.5 * (logTerm(q, w / (p + q)) - q * right);
        }
      }
      if (loss != loss) g = h = NaN;
      if (gradPtr) store<f32>(gradPtr + at + j, s == 0 ? 0 : <f32>(s * g));
      if (targetGradPtr) store<f32>(targetGradPtr + at + j, s == 0 ? 0 : <f32>(s * h));
    }
  }
}

/** d = ln q − ln p of one class. */
// prettier-ignore
// @ts-ignore: decorator
@inline
function gap(student: f32, teacher: f32, m0: f64, l0: f64, m1: f64, l1: f64): f64 {
  return <f64>teacher - m1 - (<f64>student - m0) - (l1 - l0);
}

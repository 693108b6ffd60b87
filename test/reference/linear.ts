/**
 * A linear layer and the chain rule through it, in float64:
 *
 *   z_ic = b_c + Σ_d x_id · W_cd       ∂x = g · W,   ∂W = gᵀ · x,   ∂b_c = Σ_i g_ic
 */
import type { Numbers } from "./rows.ts";

export interface LinearSizes {
  readonly rows: number;
  readonly features: number;
  readonly classes: number;
}

/** `weight` (C, D). */
export function linear(
  x: Numbers,
  weight: Numbers,
  bias: Numbers | undefined,
  { rows, features, classes }: LinearSizes,
): Float64Array {
  const z = new Float64Array(rows * classes);
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < classes; c++) {
      let sum = bias === undefined ? 0 : bias[c]!;
      for (let d = 0; d < features; d++) sum += x[i * features + d]! * weight[c * features + d]!;
      z[i * classes + c] = sum;
    }
  }
  return z;
}

/** Gradients from that of the logits, g (N, C). */
export function linearGradients(
  x: Numbers,
  weight: Numbers,
  g: Numbers,
  { rows, features, classes }: LinearSizes,
): { input: Float64Array; weight: Float64Array; bias: Float64Array } {
  const grad = {
    input: new Float64Array(rows * features),
    weight: new Float64Array(classes * features),
    bias: new Float64Array(classes),
  };
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < classes; c++) {
      const slope = g[i * classes + c]!;
      grad.bias[c]! += slope;
      for (let d = 0; d < features; d++) {
        grad.input[i * features + d]! += slope * weight[c * features + d]!;
        grad.weight[c * features + d]! += slope * x[i * features + d]!;
      }
    }
  }
  return grad;
}

/** |got − truth| / |truth| in the Euclidean norm. */
export function relativeDistance(got: Numbers, truth: Numbers): number {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < truth.length; i++) {
    difference += (got[i]! - truth[i]!) ** 2;
    size += truth[i]! ** 2;
  }
  return size === 0 ? Math.sqrt(difference) : Math.sqrt(difference / size);
}

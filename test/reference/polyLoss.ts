/** Poly-1 cross entropy of one row:  Σ_c t_c · (−ln p_c + ε · (1 − p_c)),  ε = 2 unless given. */
import { type ReshapedOptions, reshapedLoss } from "./focalLoss.ts";

export function polyLoss(x: Float64Array, t: Float64Array, options: ReshapedOptions = {}): number {
  return reshapedLoss(x, t, { epsilon: 2, ...options, gamma: 0 });
}

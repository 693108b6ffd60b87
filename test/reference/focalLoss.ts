/**
 * Focal and Poly-1 loss of one row of logits x with shares t, one for every class:
 *
 *   Σ_c t_c · (1 − p_c)^γ · (−ln p_c + ε · (1 − p_c)) + ζ · lse²,   p = softmax(cap · tanh(x / cap) / T)
 *
 * Classes with t_c = 0 do not enter. γ = 0: polyLoss; ε = 0: focalLoss.
 */
import { adjust, type Adjustment } from "./adjust.ts";
import { complementsOf, logSumExpOf, rowSum } from "./rowSum.ts";
import { sum } from "./sum.ts";

export interface ReshapedOptions extends Adjustment {
  readonly gamma?: number;
  readonly epsilon?: number;
  readonly zLoss?: number;
}

export function reshapedLoss(x: Float64Array, t: Float64Array, options: ReshapedOptions): number {
  const { gamma = 0, epsilon = 0, zLoss = 0 } = options;
  const z = adjust(x, options);
  const row = rowSum(z);
  const lse = logSumExpOf(row);
  const others = complementsOf(z, row);
  const terms = Array.from(z, (value, c) => {
    if (t[c] === 0) return 0;
    const u = others[c] as number;
    return (t[c] as number) * u ** gamma * (row.max - value + row.log + epsilon * u);
  });
  return sum(terms) + (zLoss === 0 ? 0 : zLoss * lse * lse);
}

/** focalLoss with γ = 2 unless given. */
export function focalLoss(x: Float64Array, t: Float64Array, options: ReshapedOptions = {}): number {
  return reshapedLoss(x, t, { gamma: 2, ...options });
}

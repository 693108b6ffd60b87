/**
 * Focal loss of one logit x with label z ← z · (1 − ε) + ε / 2:
 *
 *   w · α_t · (1 − p_t)^γ · [ q z softplus(−x) + (1 − z) softplus(x) ]
 *   α_t = α z + (1 − α)(1 − z),   1 − p_t = z σ(−x) + (1 − z) σ(x)
 */
import { softplusOf } from "./softplus.ts";
import { times } from "./sum.ts";

export interface SigmoidFocalOptions {
  readonly gamma?: number;
  readonly alpha?: number;
  readonly labelSmoothing?: number;
}

export function sigmoidFocalLoss(
  x: number,
  label: number,
  { gamma = 2, alpha, labelSmoothing = 0 }: SigmoidFocalOptions = {},
  q = 1,
): number {
  const z = label * (1 - labelSmoothing) + labelSmoothing / 2;
  const wrong = times(z, Math.exp(-softplusOf(x))) + times(1 - z, Math.exp(-softplusOf(-x)));
  const alphaT = alpha === undefined ? 1 : alpha * z + (1 - alpha) * (1 - z);
  const binary = times(q * z, softplusOf(-x)) + times(1 - z, softplusOf(x));
  return alphaT * wrong ** gamma * binary;
}

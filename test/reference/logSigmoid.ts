/**
 * logSigmoid(x) = ln σ(x) = −softplus(−x) = min(x, 0) − ln(1 + e^(−|x|))
 */
import type { Numbers } from "./rows.ts";

export function logSigmoidOf(x: number): number {
  return Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
}

export function logSigmoid(logits: Numbers): Float64Array {
  return Float64Array.from(logits, logSigmoidOf);
}

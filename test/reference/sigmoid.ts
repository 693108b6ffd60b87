/**
 * σ(x) = 1 / (1 + e^(−x)) = e^x / (1 + e^x)
 *
 * Each side takes the form whose exponential is at most 1: nothing overflows, and the small results
 * for x < 0 keep their relative accuracy.
 */
import type { Numbers } from "./rows.ts";

export function sigmoidOf(x: number): number {
  if (x < 0) {
    const e = Math.exp(x);
    return e / (1 + e);
  }
  return 1 / (1 + Math.exp(-x));
}

export function sigmoid(logits: Numbers): Float64Array {
  return Float64Array.from(logits, sigmoidOf);
}

/**
 * softplus(x) = ln(1 + e^x) = max(x, 0) + ln(1 + e^(−|x|))
 *
 * The exponential is at most 1 and log1p keeps the small results for x < 0.
 */
import type { Numbers } from "./rows.ts";

export function softplusOf(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

export function softplus(logits: Numbers): Float64Array {
  return Float64Array.from(logits, softplusOf);
}

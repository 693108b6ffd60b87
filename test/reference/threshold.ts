/**
 * 1 where σ(x) ≥ p, else 0, decided on the logits:
 *
 *   σ(x) ≥ p  ⇔  x ≥ logit(p) = ln p − ln(1 − p)
 *
 * NaN gives 0. p = 0 accepts everything else, p = 1 only +∞.
 */
import type { Numbers } from "./rows.ts";

export function logit(p: number): number {
  return Math.log(p) - Math.log1p(-p);
}

export function threshold(
  logits: Numbers,
  { probability = 0.5 }: { readonly probability?: number } = {},
): Uint8Array {
  const bound = logit(probability);
  return Uint8Array.from(logits, (x) => (x >= bound ? 1 : 0));
}

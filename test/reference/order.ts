/**
 * The order of logits for argmax and topK:  −∞ < … < −0 = 0 < … < +∞ < NaN, all NaN equal.
 *
 * Negative if a stands before b, positive if after, 0 if neither.
 */
export function compareLogits(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

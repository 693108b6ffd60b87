/**
 * logSoftmax(z)_j = z_j − logSumExp(z) = (z_j − m) − L,   z = x / temperature
 *
 * Both terms are ≤ 0, so nothing cancels. A row with NaN or +∞, or of −∞ only, is NaN; with
 * allMasked "zero" a row of −∞ only is −∞, the logarithm of softmax's 0.
 */
import { adjust } from "./adjust.ts";
import { mapRows, type Numbers } from "./rows.ts";
import { rowSum } from "./rowSum.ts";
import type { SoftmaxOptions } from "./softmax.ts";

export function logSoftmax(
  logits: Numbers,
  shape: readonly number[] = [logits.length],
  { axis = -1, temperature = 1, allMasked = "nan" }: SoftmaxOptions = {},
): Float64Array {
  return mapRows(logits, shape, axis, (x) => {
    const z = adjust(x, { temperature });
    const { max, log } = rowSum(z);
    if (allMasked === "zero" && max === -Infinity) return z.map(() => -Infinity);
    return z.map((value) => value - max - log);
  });
}

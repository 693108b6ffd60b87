/**
 * softmax(z)_j = e^(z_j) / Σ_c e^(z_c) = e^(z_j − m) / Σ_c e^(z_c − m),   z = x / temperature
 *
 * A row with NaN or +∞, or of −∞ only, is NaN; with allMasked "zero" a row of −∞ only is 0.
 */
import { adjust } from "./adjust.ts";
import { mapRows, type Numbers } from "./rows.ts";
import { probabilitiesOf, rowSum } from "./rowSum.ts";

export interface SoftmaxOptions {
  readonly axis?: number;
  readonly temperature?: number;
  readonly allMasked?: "nan" | "zero";
}

export function softmax(
  logits: Numbers,
  shape: readonly number[] = [logits.length],
  { axis = -1, temperature = 1, allMasked = "nan" }: SoftmaxOptions = {},
): Float64Array {
  return mapRows(logits, shape, axis, (x) => {
    const z = adjust(x, { temperature });
    const row = rowSum(z);
    if (allMasked === "zero" && row.max === -Infinity) return z.map(() => 0);
    return probabilitiesOf(z, row);
  });
}

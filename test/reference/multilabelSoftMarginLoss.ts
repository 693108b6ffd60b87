/** (1 / C) · Σ_c w_c · [ z_c softplus(−x_c) + (1 − z_c) softplus(x_c) ] of one row. */
import { softplusOf } from "./softplus.ts";
import { sum, times } from "./sum.ts";

export function multilabelSoftMarginLoss(
  x: Float64Array,
  z: ArrayLike<number>,
  weight?: ArrayLike<number>,
): number {
  const terms = x.map((value, c) => {
    const binary = times(z[c]!, softplusOf(-value)) + times(1 - z[c]!, softplusOf(value));
    return times(weight?.[c] ?? 1, binary);
  });
  return sum(terms) / x.length;
}

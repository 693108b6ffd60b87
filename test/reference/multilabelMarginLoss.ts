/** (1 / C) · Σ_{j∈Y} Σ_{k∉Y} max(0, 1 − (x_j − x_k)) of one row; Y ends at the first −1. */
export function multilabelMarginLoss(x: Float64Array, labels: readonly number[]): number {
  const end = labels.indexOf(-1);
  const own = end < 0 ? labels : labels.slice(0, end);
  let total = 0;
  for (const j of own) {
    x.forEach((value, k) => {
      const h = 1 - (x[j]! - value);
      if (!own.includes(k) && !(h <= 0)) total += h;
    });
  }
  return total / x.length;
}

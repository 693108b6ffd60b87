/**
 * Σ v_i with the rounding errors carried along (Neumaier's compensated sum).
 *
 *   Each addition s + v loses e = (s − t) + v or (v − t) + s, t = fl(s + v), exactly; Σ e is added at
 *   the end. The relative error is near 2^−53 unless Σ |v_i| is far greater than |Σ v_i|.
 *   Infinities and NaN have no rounding error: there the plain sum is the answer.
 */
export function sum(values: Iterable<number>): number {
  let total = 0;
  let lost = 0;
  for (const v of values) {
    const t = total + v;
    lost += Math.abs(total) >= Math.abs(v) ? total - t + v : v - t + total;
    total = t;
  }
  return Number.isFinite(total) ? total + lost : total;
}

/** coefficient · value, where a coefficient of 0 makes 0 of anything. */
export function times(coefficient: number, value: number): number {
  return coefficient === 0 ? 0 : coefficient * value;
}

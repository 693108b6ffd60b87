/**
 * The logistic function and its logarithms at one point, float64:
 *
 *   softplus(±x) = max(±x, 0) + ln(1 + e),   σ(|x|) = r,  σ(−|x|) = e · r,   e = e^(−|x|),  r = 1 / (1 + e)
 *
 * Stability
 *   e ≤ 1, both logarithms are sums of terms ≥ 0, and σ(−|x|) is a product: nothing cancels and
 *   nothing overflows. ±∞ give the limits; NaN stays NaN.
 */

/** softplus(x), softplus(−x), σ(x) and σ(−x) of the last call. */
export let softplusUp: f64 = 0;
export let softplusDown: f64 = 0;
export let sigmoidUp: f64 = 0;
export let sigmoidDown: f64 = 0;

export function enterLogistic(x: f64): void {
  const e = NativeMath.exp(-abs(x));
  const tail = NativeMath.log1p(e);
  const r = 1 / (1 + e);
  const positive = x >= 0;
  softplusUp = positive ? x + tail : tail;
  softplusDown = positive ? tail : tail - x;
  sigmoidUp = positive ? r : e * r;
  sigmoidDown = positive ? e * r : r;
}

/**
 * A relaxed draw from softmax(z): the softmax of a row of logits with Gumbel noise, and its gradient.
 *
 * Mathematics
 *   s_j = z_j + g_j with the noise g of noise.ts,   y = softmax(s / τ)
 *   hard: 1 at the first greatest s, which is a draw from softmax(z), and 0 elsewhere
 *   ∂(u · y)/∂z_j = y_j · (u_j − Σ_c y_c u_c) / τ;  hard takes that of y, the straight-through estimate
 *
 * Stability
 *   s − max s ≤ 0 is scaled by 1 / τ in float64, so a small τ ends in −∞ and not in NaN. Float64
 *   arithmetic and functions of the module alone: the same bits in both numeric builds.
 *   NaN, +∞ or only −∞ in the row make the sum NaN, and with it the row. Where y is 0, u does not count.
 *
 * Layout
 *   listPtr: C float64, s and then y. outPtr and gradPtr may each be zPtr; gradPtr 0 for none.
 *
 * Domain     C ≥ 1, τ > 0
 * Max error  as in test/support/tolerance.ts, `gumbelSoftmax`
 * Source     Jang, Gu and Poole 2017; Maddison, Mnih and Teh 2017
 */
import { gumbel, noiseBits, noiseKey } from "../math/noise";

export function gumbelSoftmaxRow(
  zPtr: usize,
  outPtr: usize,
  classes: i32,
  tau: f64,
  hard: bool,
  upstreamPtr: usize,
  gradPtr: usize,
  seed: f64,
  row: f64,
  step: f64,
  listPtr: usize,
): void {
  const key = noiseKey(seed, row, step);
  let m: f64 = -Infinity;
  let best = 0;
  for (let j = 0; j < classes; j++) {
    const s = <f64>load<f32>(zPtr + ((<usize>j) << 2)) + gumbel(noiseBits(key, j));
    store<f64>(listPtr + ((<usize>j) << 3), s);
    if (s > m) {
      m = s;
      best = j;
    }
  }
  let sum: f64 = 0;
  for (let j = 0; j < classes; j++) {
    const at = listPtr + ((<usize>j) << 3);
    const e = NativeMath.exp((load<f64>(at) - m) / tau);
    store<f64>(at, e);
    sum += e;
  }
  let mean: f64 = 0; // Σ y u
  for (let j = 0; j < classes; j++) {
    const at = listPtr + ((<usize>j) << 3);
    const y = load<f64>(at) / sum;
    store<f64>(at, y);
    if (gradPtr && y != 0) mean += y * <f64>load<f32>(upstreamPtr + ((<usize>j) << 2));
    const drawn: f64 = j == best ? 1 : 0;
    store<f32>(outPtr + ((<usize>j) << 2), <f32>(hard && y == y ? drawn : y));
  }
  if (!gradPtr) return;
  for (let j = 0; j < classes; j++) {
    const at = (<usize>j) << 2;
    const y = load<f64>(listPtr + (at << 1));
    const u: f64 = load<f32>(upstreamPtr + at);
    store<f32>(gradPtr + at, y == 0 ? 0 : <f32>((y * (u - mean)) / tau));
  }
}

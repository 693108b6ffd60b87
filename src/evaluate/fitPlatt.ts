/**
 * Platt scaling: the probability of yes from one score per row.
 *
 *   p = σ(a s + b),  L = −Σ t ln p + (1 − t) ln(1 − p)
 *   t = (N₊ + 1) / (N₊ + 2) for yes, 1 / (N₋ + 2) for no (Platt 1999), which keeps a and b finite
 *
 * Newton's method with step halving and a ridge of 1e-12 (Lin, Lin and Weng 2007).
 */
import { type BinaryFitOptions, readScores } from "./binaryScores.js";

export interface PlattFit {
  readonly slope: number;
  readonly intercept: number;
  /** False where 100 steps were not enough. */
  readonly converged: boolean;
  /** σ(slope · s + intercept). */
  apply(scores: ArrayLike<number>): Float64Array;
}

/**
 * @param scores - one finite score or logit per row, the greater the more likely yes.
 * @param labels - 0 or 1 for each.
 * @param options - `ignoreIndex` (none), `rowMask`.
 * @throws {LogitsError} ERR_SHAPE if lengths disagree; ERR_ARGUMENT_VALUE for other values or no rows.
 */
export function fitPlatt(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  options?: BinaryFitOptions,
): PlattFit {
  const fn = "fitPlatt";
  const { s, positive } = readScores(fn, scores, labels, options);
  const yes = positive.reduce((sum, one) => sum + one, 0);
  const no = s.length - yes;
  const t = Float64Array.from(positive, (one) => (one ? (yes + 1) / (yes + 2) : 1 / (no + 2)));
  // Scores are brought to mean 0 and deviation 1, so the ridge is small beside any Hessian.
  const mean = s.reduce((sum, v) => sum + v, 0) / s.length;
  const spread = Math.sqrt(s.reduce((sum, v) => sum + (v - mean) ** 2, 0) / s.length) || 1;
  const x = s.map((v) => (v - mean) / spread);
  const loss = (a: number, b: number): number =>
    x.reduce((sum, v, i) => sum + softplus(a * v + b) - t[i]! * (a * v + b), 0);
  let a = 0;
  let b = Math.log((yes + 1) / (no + 1));
  let value = loss(a, b);
  let converged = false;
  for (let step = 0; step < 100 && !converged; step++) {
    let [ga, gb, haa, hab, hbb] = [0, 0, 1e-12, 0, 1e-12];
    for (let i = 0; i < x.length; i++) {
      const p = sigmoid(a * x[i]! + b);
      const w = p * (1 - p);
      ga += (p - t[i]!) * x[i]!;
      gb += p - t[i]!;
      haa += w * x[i]! * x[i]!;
      hab += w * x[i]!;
      hbb += w;
    }
    converged = Math.max(Math.abs(ga), Math.abs(gb)) <= 1e-10 * s.length;
    if (converged) break;
    const determinant = haa * hbb - hab * hab;
    const da = (hab * gb - hbb * ga) / determinant;
    const db = (hab * ga - haa * gb) / determinant;
    let size = 1;
    while (
      size > 1e-10 &&
      !(loss(a + size * da, b + size * db) <= value + 1e-14 * Math.abs(value))
    ) {
      size /= 2;
    }
    if (size <= 1e-10) break;
    a += size * da;
    b += size * db;
    value = loss(a, b);
  }
  const slope = a / spread;
  const intercept = b - (a * mean) / spread;
  const apply = (given: ArrayLike<number>): Float64Array =>
    Float64Array.from(given, (v) => sigmoid(slope * v + intercept));
  return { slope, intercept, converged, apply };
}

function sigmoid(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return (x >= 0 ? 1 : e) / (1 + e);
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

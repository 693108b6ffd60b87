/**
 * y = softmax((z + g) / τ) with the noise g of noise.ts, keyed by (seed, row, step, class);
 * hard: 1 at the first greatest z + g. grad_j = y_j (u_j − Σ_c y_c u_c) / τ of the soft y.
 */
import { gumbelNoise } from "./noise.ts";
import { mapRows, type Numbers } from "./rows.ts";
import { probabilitiesOf, rowSum } from "./rowSum.ts";
import { sum, times } from "./sum.ts";

export interface GumbelOptions {
  readonly axis?: number;
  readonly tau?: number;
  readonly hard?: boolean;
  readonly seed?: number;
  readonly step?: number;
  readonly row?: number;
}

export function gumbelSoftmax(
  logits: Numbers,
  shape: readonly number[] = [logits.length],
  { axis = -1, tau = 1, hard = false, seed = 0, step = 0, row = 0 }: GumbelOptions = {},
): Float64Array {
  let next = row;
  return mapRows(logits, shape, axis, (z) => {
    const at = next++;
    const s = z.map((value, c) => value + gumbelNoise(seed, at, step, c));
    const m = s.reduce((a, b) => Math.max(a, b), -Infinity);
    const x = s.map((value) => (value - m) / tau);
    const y = probabilitiesOf(x, rowSum(x));
    const isNumber = !Number.isNaN(sum(y));
    return hard && isNumber ? y.map((_v, c) => Number(c === s.indexOf(m))) : y;
  });
}

export function gumbelSoftmaxGradient(
  logits: Numbers,
  shape: readonly number[],
  upstream: Numbers,
  options: GumbelOptions = {},
): Float64Array {
  const { axis = -1, tau = 1 } = options;
  const y = gumbelSoftmax(logits, shape, { ...options, hard: false });
  const means = mapRows(
    y.map((p, i) => times(p, upstream[i]!)),
    shape,
    axis,
    (row) => row.map(() => sum(row)),
  );
  return y.map((p, i) => times(p, (upstream[i]! - means[i]!) / tau));
}

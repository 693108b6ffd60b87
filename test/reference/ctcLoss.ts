/**
 * −ln Σ_π Π_t e^(x_t(π_t)) of one sample, over every path π of T classes that gives the labels once
 * repeats are merged and blanks taken out. C^T paths are listed: for small T and C only.
 */
import { sum } from "./sum.ts";

/** `x` holds T rows of `classes` log-probabilities. */
export function ctcLoss(
  x: ArrayLike<number>,
  classes: number,
  labels: readonly number[],
  blank = 0,
): number {
  const steps = x.length / classes;
  const terms: number[] = [];
  const walk = (path: readonly number[], log: number): void => {
    if (path.length < steps) {
      for (let c = 0; c < classes; c++) walk([...path, c], log + x[path.length * classes + c]!);
      return;
    }
    const merged = path.filter((c, t) => c !== path[t - 1] && c !== blank);
    if (merged.length === labels.length && merged.every((c, s) => c === labels[s])) {
      terms.push(Math.exp(log));
    }
  };
  walk([], 0);
  return -Math.log(sum(terms));
}

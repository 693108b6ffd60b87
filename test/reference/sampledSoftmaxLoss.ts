/**
 * −ln of the target's share among candidates of one row: e^(x_0 − ln E(y)) first, then one e^(x_j − ln E(s_j))
 * for every sampled class but the target itself.
 */
import { rowSum } from "./rowSum.ts";

export function sampledSoftmaxLoss(
  x: Float64Array,
  y: number,
  sampled: readonly number[],
  count: (k: number) => number,
  removeHits = true,
): number {
  const others = sampled
    .map((k, j) => ({ k, v: x[j + 1]! - Math.log(count(k)) }))
    .filter(({ k }) => !removeHits || k !== y);
  const v = Float64Array.of(x[0]! - Math.log(count(y)), ...others.map((one) => one.v));
  const row = rowSum(v);
  return row.max - v[0]! + row.log;
}

/** 1 − (1 − P(k))^tries of TensorFlow's log-uniform sampler. */
export function logUniformCount(k: number, classes: number, tries: number): number {
  const p = (Math.log(k + 2) - Math.log(k + 1)) / Math.log(classes + 1);
  return 1 - (1 - p) ** tries;
}

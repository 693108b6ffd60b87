/**
 * Negative log-likelihood of log-probabilities with class indices, as PyTorch's nll_loss:
 *
 *   l_i = −w_y · logp_i[y],   ∂l_i/∂logp_ij = −w_y · [j = y]
 *
 * Linear in logp[y]: the other classes of a row do not matter, whatever they hold. Zero times
 * anything is 0; an ignored row is 0.
 */
import {
  type ClassIndices,
  denominatorsOf,
  type IgnoreIndex,
  readIndices,
} from "./classIndices.ts";
import {
  chainRule,
  type LossAndGradient,
  reduceLosses,
  type ReductionOptions,
} from "./reduction.ts";
import { checkSize, type Numbers, rowsOf } from "./rows.ts";
import { times } from "./sum.ts";

export interface NllLossOptions extends ReductionOptions {
  readonly axis?: number;
  /** One for every class. */
  readonly weight?: Numbers;
  readonly ignoreIndex?: IgnoreIndex;
}

export function nllLoss(
  logProbs: Numbers,
  shape: readonly number[],
  targets: ClassIndices,
  options: NllLossOptions = {},
): LossAndGradient {
  checkSize(logProbs, shape);
  const rows = rowsOf(shape, options.axis);
  if (rows.classes === 0 && rows.rows > 0) throw new RangeError("a loss needs a class");
  const indices = readIndices(targets, rows.rows, rows.classes, options.ignoreIndex);
  const denominators = denominatorsOf(indices, rows.classes, options.weight);
  const carry = chainRule(denominators, options);
  const losses = new Float64Array(rows.rows);
  const grad = new Float64Array(logProbs.length);
  indices.forEach((y, i) => {
    if (y < 0) return;
    const w = options.weight === undefined ? 1 : (options.weight[y] as number);
    const at = (rows.rowOffsets[i] as number) + (rows.classOffsets[y] as number);
    losses[i] = times(-w, logProbs[at] as number);
    grad[at] = w === 0 ? 0 : carry(-w, i);
  });
  return {
    ...reduceLosses(losses, denominators, options),
    grad,
    gradMagnitude: grad.map(Math.abs),
  };
}

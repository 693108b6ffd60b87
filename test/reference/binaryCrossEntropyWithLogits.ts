/**
 * Binary cross entropy of logits x with labels z, element by element:
 *
 *   z' = z · (1 − ε) + ε / 2
 *   l = w · [q · z' · softplus(−x) + (1 − z') · softplus(x)]
 *   ∂l/∂x = w · [(1 − z') · σ(x) − q · z' · σ(−x)]
 *   ∂l/∂z = w · (1 − ε) · [q · softplus(−x) − softplus(x)]
 *
 * with w = weight, q = posWeight (both broadcast), ε = labelSmoothing. Zero times anything is 0, so
 * x = ±∞ costs 0 beside the agreeing label and +∞ beside the other, with a finite gradient.
 * An element whose label is ignored is 0. The default mean divides by the elements not ignored.
 */
import { broadcast, type Broadcastable } from "./broadcast.ts";
import { type IgnoreIndex, toList } from "./classIndices.ts";
import {
  chainRule,
  type LossAndGradient,
  reduceLosses,
  type ReductionOptions,
} from "./reduction.ts";
import { checkSize, type Numbers, sizeOf } from "./rows.ts";
import { sigmoidOf } from "./sigmoid.ts";
import { softplusOf } from "./softplus.ts";
import { times } from "./sum.ts";

export interface BinaryCrossEntropyOptions extends ReductionOptions {
  readonly weight?: Broadcastable;
  readonly posWeight?: Broadcastable;
  readonly labelSmoothing?: number;
  readonly ignoreIndex?: IgnoreIndex;
}

export interface LabelGradient {
  readonly gradTargets: Float64Array;
  /** The same with both terms added: what the error is measured against. */
  readonly targetMagnitude: Float64Array;
}

export function binaryCrossEntropyWithLogits(
  logits: Numbers,
  shape: readonly number[],
  targets: Numbers,
  options: BinaryCrossEntropyOptions = {},
): LossAndGradient & LabelGradient {
  const { labelSmoothing = 0 } = options;
  checkSize(logits, shape);
  checkSize(targets, shape);
  const weight = broadcast(options.weight ?? 1, shape);
  const posWeight = broadcast(options.posWeight ?? 1, shape);
  const ignored = toList(options.ignoreIndex ?? null);
  const valid = Array.from(targets, (z) => !ignored.includes(z));
  const count = valid.filter(Boolean).length;
  const denominators = {
    weights: count,
    valid: count,
    rows: sizeOf(shape.slice(0, -1)),
    elements: logits.length,
  };
  const carry = chainRule(denominators, options);
  const losses = new Float64Array(logits.length);
  const grad = new Float64Array(logits.length);
  const gradMagnitude = new Float64Array(logits.length);
  const gradTargets = new Float64Array(logits.length);
  const targetMagnitude = new Float64Array(logits.length);
  for (let i = 0; i < logits.length; i++) {
    if (!valid[i]) continue;
    const x = logits[i] as number;
    const z = (targets[i] as number) * (1 - labelSmoothing) + labelSmoothing / 2;
    const w = weight[i] as number;
    const positive = times(posWeight[i] as number, z);
    const up = times(1 - z, sigmoidOf(x));
    const down = times(positive, sigmoidOf(-x));
    losses[i] = times(w, times(positive, softplusOf(-x)) + times(1 - z, softplusOf(x)));
    grad[i] = carry(times(w, up - down), i);
    const yes = times(posWeight[i] as number, softplusOf(-x));
    const no = softplusOf(x);
    gradTargets[i] = carry(times(w, (yes - no) * (1 - labelSmoothing)), i);
    targetMagnitude[i] = Math.abs(carry(times(w, yes + no), i));
    gradMagnitude[i] = Math.abs(carry(times(w, Math.abs(up) + Math.abs(down)), i));
  }
  return {
    ...reduceLosses(losses, denominators, options),
    grad,
    gradMagnitude,
    gradTargets,
    targetMagnitude,
  };
}

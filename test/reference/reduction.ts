/**
 * From losses to the loss, and what a gradient entry is multiplied by.
 *
 *   "none"  every loss l_i                 ∂l_i      · upstream_i
 *   "sum"   Σ l_i                          ∂l_i      · upstream
 *   "mean"  Σ l_i / D                      ∂l_i / D  · upstream
 *
 * D is chosen by `divisor`. A mean with D = 0 is NaN, 0 or an error as `onEmpty` says, and its
 * gradient is exactly 0. upstream 0 gives exact zeros, also beside NaN.
 */
import type { Divisor, OnEmpty, Reduction } from "../../src/types.ts";
import type { Numbers } from "./rows.ts";
import { sum } from "./sum.ts";

export interface ReductionOptions {
  readonly reduction?: Reduction;
  readonly divisor?: Divisor;
  readonly onEmpty?: OnEmpty;
  /** Gradient of the objective by `loss`: one number, or with "none" one for every loss. */
  readonly upstream?: number | Numbers;
}

/** What each named divisor amounts to. */
export interface Denominators {
  /** Denominator of the default mean; reported as weightSum. */
  readonly weights: number;
  /** Rows or elements not ignored; reported as count. */
  readonly valid: number;
  /** Of these, the ones with a weight other than 0; all of them unless given. */
  readonly nonzero?: number;
  readonly rows: number;
  readonly elements: number;
}

export interface ReducedLoss {
  /** A number for "mean" and "sum", all losses for "none". */
  readonly loss: number | Float64Array;
  /** One loss for every row (or element), whatever the reduction. */
  readonly losses: Float64Array;
  readonly lossSum: number;
  readonly weightSum: number;
  readonly count: number;
}

export interface LossAndGradient extends ReducedLoss {
  /** With the layout of the logits. */
  readonly grad: Float64Array;
  /**
   * Σ of the absolute terms that each entry of `grad` is the difference of: a float32 kernel errs
   * by a few ULP of this, which is more than a few ULP of an entry that cancels.
   */
  readonly gradMagnitude: Float64Array;
}

export function reduceLosses(
  losses: Float64Array,
  denominators: Denominators,
  options: ReductionOptions,
): ReducedLoss {
  const { reduction = "mean", onEmpty = "nan" } = options;
  const lossSum = sum(losses);
  const common = { losses, lossSum, weightSum: denominators.weights, count: denominators.valid };
  if (reduction === "none") return { loss: losses, ...common };
  if (reduction === "sum") return { loss: lossSum, ...common };
  const d = divisorOf(denominators, options);
  if (d !== 0) return { loss: lossSum / d, ...common };
  if (onEmpty === "throw") throw new RangeError("mean over nothing");
  return { loss: onEmpty === "zero" ? 0 : NaN, ...common };
}

/** The function that carries ∂l_i on to the objective. */
export function chainRule(
  denominators: Denominators,
  options: ReductionOptions,
): (derivative: number, i: number) => number {
  const { reduction = "mean", upstream = 1 } = options;
  const d = reduction === "mean" ? divisorOf(denominators, options) : 1;
  return (derivative, i) => {
    const u = typeof upstream === "number" ? upstream : (upstream[i] as number);
    return d === 0 || u === 0 ? 0 : (derivative / d) * u;
  };
}

function divisorOf(denominators: Denominators, { divisor = "weights" }: ReductionOptions): number {
  if (divisor === "nonzero") return denominators.nonzero ?? denominators.valid;
  return typeof divisor === "number" ? divisor : denominators[divisor];
}

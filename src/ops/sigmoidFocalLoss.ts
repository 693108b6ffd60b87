import { checkNumber, checkOptions } from "../check.js";
import { readArray } from "../inputs/array.js";
import { ELEMENT_PRESETS, checkSmoothing, only } from "../inputs/compat.js";
import {
  checkLabels,
  elementSums,
  elementWeights,
  readElementWeights,
} from "../inputs/elementLabels.js";
import { readIgnoreIndex, readReduction } from "../inputs/lossOptions.js";
import { elementFactors, readMasks } from "../inputs/masks.js";
import type { Job } from "../memory/job.js";
import { elementLayout, layoutOf } from "../memory/layout.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits } from "../types.js";
import type { BinaryCrossEntropyOptions } from "./binaryCrossEntropyWithLogits.js";
import { ELEMENT_OPTIONS, NO_MASKS } from "./elementLoss.js";
import type { LossWithTargetsOf } from "./lossResult.js";
import { planRowLoss } from "./rowLoss.js";

export interface SigmoidFocalLossOptions extends BinaryCrossEntropyOptions {
  /** γ ≥ 0 (default 2; 0 is binary cross entropy). */
  readonly gamma?: number | undefined;
  /** α in [0, 1] for positive labels and 1 − α for negative ones (default: none). */
  readonly alpha?: number | null | undefined;
}

const OPTIONS = [
  "gamma",
  "alpha",
  "weight",
  "posWeight",
  "labelSmoothing",
  "ignoreIndex",
  "gradTargets",
  ...ELEMENT_OPTIONS,
] as const;

export interface SigmoidFocalLossMethods {
  /**
   * Focal loss of independent yes/no labels, element by element.
   *
   *   b = q · z · softplus(−x) + (1 − z) · softplus(x)
   *   loss = w · (α z + (1 − α)(1 − z)) · (1 − p_t)^γ · b,   1 − p_t = z · σ(−x) + (1 − z) · σ(x)
   *
   * For classes that exclude each other use {@link FocalLossMethods.focalLoss}.
   *
   * @param logits - any shape.
   * @param targets - labels z, of the logits' shape or flat; soft labels as in Optax.
   * @param options - binaryCrossEntropyWithLogits', `gamma` (2) and `alpha` (none; torchvision's
   *   default is 0.25); `compat`: "torch" (torchvision), "keras" or "optax".
   * @returns as binaryCrossEntropyWithLogits.
   * @throws {LogitsError} as binaryCrossEntropyWithLogits.
   *
   * Special values: x = ±∞ → 0 beside the agreeing label, +∞ beside the other. Zero weight, or an
   * ignored label → 0 whatever the logit. NaN → NaN.
   * Accuracy: 3e-6 relative.
   * @example
   * engine.sigmoidFocalLoss([1.2], [1], { alpha: 0.25 }).loss; // 0.0035
   */
  sigmoidFocalLoss<
    const O extends SigmoidFocalLossOptions = object,
    L extends Logits = Logits,
    const T extends Logits | ArrayLike<number> | ArrayLike<bigint> = Logits,
  >(
    logits: L,
    targets: T,
    options?: O,
  ): LossWithTargetsOf<O, L, T>;
}

export function sigmoidFocalLoss(
  work: Workspace,
  logits: Logits,
  targets: unknown,
  options?: SigmoidFocalLossOptions,
): Job<unknown> {
  const fn = "sigmoidFocalLoss";
  const given = checkOptions(fn, options, OPTIONS);
  const rule = readReduction(fn, given, only(ELEMENT_PRESETS, "torch", "keras", "optax"));
  const gamma = checkNumber(fn, "gamma", given.gamma ?? 2, { min: 0 });
  const unit = { min: 0, max: 1 };
  const share = given.alpha ?? undefined;
  const alpha = share === undefined ? -1 : checkNumber(fn, "alpha", share, unit);
  const smoothing = checkNumber(fn, "labelSmoothing", given.labelSmoothing ?? 0, unit);
  checkSmoothing(fn, rule, smoothing);
  const ignored = readIgnoreIndex(fn, given.ignoreIndex) ?? [];
  const { arena } = work;
  const array = readArray(fn, "logits", logits, arena);
  const labels = readArray(fn, "targets", targets, arena, true);
  checkLabels(fn, array, labels);
  const axes = layoutOf(fn, array.shape);
  const factors = elementFactors(fn, readMasks(fn, given, axes), axes);
  const weight = readElementWeights(fn, work, "weight", given.weight, -Infinity);
  const posWeight = readElementWeights(fn, work, "posWeight", given.posWeight, 0);
  const weights = elementWeights(fn, work, "weight", weight, array, labels, ignored, factors);
  const positive = posWeight && elementWeights(fn, work, "posWeight", posWeight, array, labels, []);
  const whole = elementLayout(array.shape);
  return planRowLoss(
    {
      fn,
      work,
      array,
      whole,
      masks: NO_MASKS,
      rule,
      sums: elementSums(work, labels, ignored, factors, weight && weights, axes),
      soft: labels,
      more: [weights, positive],
      others: [weight, posWeight],
      given,
    },
    () => (k, call) =>
      k.sigmoidFocalLoss(
        call.zPtr,
        call.gradPtr,
        call.rows,
        call.softPtr,
        call.targetGradPtr,
        call.more[0]!,
        call.more[1]!,
        1 - smoothing,
        smoothing / 2,
        gamma,
        alpha,
        call.scale,
        call.upstreamPtr,
        call.lossPtr,
      ),
  );
}

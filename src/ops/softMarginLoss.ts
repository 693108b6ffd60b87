import { checkOptions } from "../check.js";
import { readArray } from "../inputs/array.js";
import { TORCH_ONLY } from "../inputs/compat.js";
import { checkLabels, elementSums } from "../inputs/elementLabels.js";
import { readIgnoreIndex, readReduction } from "../inputs/lossOptions.js";
import { elementFactors, readMasks } from "../inputs/masks.js";
import type { Job } from "../memory/job.js";
import { elementLayout, layoutOf } from "../memory/layout.js";
import { Source } from "../memory/source.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits } from "../types.js";
import {
  ELEMENT_OPTIONS,
  type ElementLossOptions,
  NO_MASKS,
  withoutIgnored,
} from "./elementLoss.js";
import type { LossOf } from "./lossResult.js";
import { planRowLoss } from "./rowLoss.js";

export interface SoftMarginLossOptions extends ElementLossOptions {
  /** Labels that are skipped (default null: none). */
  readonly ignoreIndex?: number | readonly number[] | null | undefined;
}

export interface SoftMarginLossMethods {
  /**
   * Logistic loss of logits with signs, element by element.
   *
   *   loss = softplus(−y · x)          ∂loss/∂x = −y · σ(−y · x)
   *
   * For labels 0 and 1 use {@link BinaryCrossEntropyWithLogitsMethods.binaryCrossEntropyWithLogits}.
   *
   * @param logits - any shape.
   * @param targets - signs y, −1 or 1 (computed as given otherwise), of the logits' shape or flat.
   * @param options - see {@link SoftMarginLossOptions}; `compat`: "torch".
   * @returns as binaryCrossEntropyWithLogits; the default mean divides by the elements not ignored.
   * @throws {LogitsError} as binaryCrossEntropyWithLogits.
   *
   * Special values: y · x = −1000 → 1000, where PyTorch overflows. y = 0 → ln 2. NaN → NaN.
   * Accuracy: 1 ULP.
   * @example
   * engine.softMarginLoss([2, -1], [1, 1]).loss; // 0.7201
   */
  softMarginLoss<const O extends SoftMarginLossOptions = object, L extends Logits = Logits>(
    logits: L,
    targets: Logits | ArrayLike<number> | ArrayLike<bigint>,
    options?: O,
  ): LossOf<O, L>;
}

export function softMarginLoss(
  work: Workspace,
  logits: Logits,
  targets: unknown,
  options?: SoftMarginLossOptions,
): Job<unknown> {
  const fn = "softMarginLoss";
  const given = checkOptions(fn, options, [...ELEMENT_OPTIONS, "ignoreIndex"]);
  const rule = readReduction(fn, given, TORCH_ONLY);
  const ignored = readIgnoreIndex(fn, given.ignoreIndex) ?? [];
  const { arena } = work;
  const array = readArray(fn, "logits", logits, arena);
  const labels = readArray(fn, "targets", targets, arena, true);
  checkLabels(fn, array, labels);
  const axes = layoutOf(fn, array.shape);
  const factors = elementFactors(fn, readMasks(fn, given, axes), axes);
  const whole = elementLayout(array.shape);
  return planRowLoss(
    {
      fn,
      work,
      array,
      whole,
      masks: NO_MASKS,
      rule,
      sums: elementSums(work, labels, ignored, factors, undefined, axes),
      lossFactors: withoutIgnored(fn, work, labels, ignored, factors),
      more: [new Source(work, labels, whole)],
      others: [labels],
      given,
    },
    () => (k, call) =>
      k.softMarginLoss(
        call.zPtr,
        call.gradPtr,
        call.rows,
        call.more[0]!,
        call.scale,
        call.upstreamPtr,
        call.lossPtr,
      ),
  );
}

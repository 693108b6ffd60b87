import { checkNumber, checkOptions } from "../check.js";
import { readArray } from "../inputs/array.js";
import { TORCH_ONLY } from "../inputs/compat.js";
import { readClassWeights, readIgnoreIndex, readReduction } from "../inputs/lossOptions.js";
import { keptValues, readMasks } from "../inputs/masks.js";
import { readIndices, targetRows } from "../inputs/targets.js";
import type { Job } from "../memory/job.js";
import { checkClasses, layoutOf } from "../memory/layout.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits } from "../types.js";
import { ELEMENT_OPTIONS, type ElementLossOptions } from "./elementLoss.js";
import type { LossOf } from "./lossResult.js";
import { planRowLoss } from "./rowLoss.js";

export interface MultiMarginLossOptions extends ElementLossOptions {
  /** The class axis; negative counts from the end (default −1). */
  readonly axis?: number | undefined;
  /** Exponent of the hinge, 1 (default) or 2. */
  readonly p?: 1 | 2 | undefined;
  /** How far the target must be above every other class (default 1). */
  readonly margin?: number | undefined;
  /** One finite weight per class; not in the mean's denominator. */
  readonly weight?: ArrayLike<number> | Tensor | undefined;
  /** Labels that are skipped; default −100 for signed index arrays, none for unsigned, null for none. */
  readonly ignoreIndex?: number | readonly number[] | null | undefined;
}

const OPTIONS = [...ELEMENT_OPTIONS, "axis", "p", "margin", "weight", "ignoreIndex"] as const;

export interface MultiMarginLossMethods {
  /**
   * Multi-class hinge loss.
   *
   *   loss_i = (w_y / C) · Σ_{j≠y} max(0, margin − x_iy + x_ij)^p          y = targets[i]
   *
   * @param logits - any shape; `axis` names the class axis.
   * @param targets - class indices, as in crossEntropy.
   * @param options - see {@link MultiMarginLossOptions}; `compat`: "torch".
   * @returns as crossEntropy; the default mean divides by the rows that are not ignored.
   * @throws {LogitsError} as crossEntropy.
   *
   * Special values: NaN in a row → NaN loss and gradient of that row; infinities as the formula has
   * them. Zero weight → 0 whatever the logits.
   * Accuracy: 1 ULP per row.
   * @example
   * engine.multiMarginLoss([[0.1, 0.2, 0.4, 0.8]], [3]).loss; // 0.325
   */
  multiMarginLoss<const O extends MultiMarginLossOptions = object, L extends Logits = Logits>(
    logits: L,
    targets: Logits | ArrayLike<number> | ArrayLike<bigint>,
    options?: O,
  ): LossOf<O, L>;
}

export function multiMarginLoss(
  work: Workspace,
  logits: Logits,
  targets: unknown,
  options?: MultiMarginLossOptions,
): Job<unknown> {
  const fn = "multiMarginLoss";
  const given = checkOptions(fn, options, OPTIONS);
  const rule = readReduction(fn, given, TORCH_ONLY);
  const p = checkNumber(fn, "p", given.p ?? 1, { min: 1, max: 2, integer: true });
  const margin = checkNumber(fn, "margin", given.margin ?? 1, {});
  const ignoreIndex = readIgnoreIndex(fn, given.ignoreIndex);
  const { arena } = work;
  const array = readArray(fn, "logits", logits, arena);
  const whole = layoutOf(fn, array.shape, given.axis);
  const { rows, classes } = whole;
  const masks = readMasks(fn, given, whole);
  const weight = readClassWeights(fn, given.weight, classes, arena);
  const indices = readIndices(fn, targets, whole, ignoreIndex, weight, arena, masks);
  checkClasses(fn, whole);
  const { count, nonzero } = indices;
  const elements = rows * (masks.classes?.kept ?? classes);
  return planRowLoss(
    {
      fn,
      work,
      array,
      whole,
      masks,
      rule,
      sums: { weightSum: count, count, nonzero, rows, elements },
      more: [targetRows(arena, indices)],
      others: [indices.region],
      given,
    },
    () => {
      const weights = work.floats(keptValues(weight, masks.classes));
      return (k, call) =>
        k.multiMarginLossRows(
          call.zPtr,
          call.gradPtr,
          call.rows,
          call.classes,
          call.more[0]!,
          weights,
          p === 2,
          margin,
          call.scale,
          call.upstreamPtr,
          call.lossPtr,
        );
    },
  );
}

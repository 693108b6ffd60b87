import { checkOptions } from "../check.js";
import { readArray } from "../inputs/array.js";
import { TORCH_ONLY } from "../inputs/compat.js";
import { checkLabels, elementWeights } from "../inputs/elementLabels.js";
import { readClassWeights, readIgnoreIndex, readReduction } from "../inputs/lossOptions.js";
import { keptValues, readMasks, rowFactors, rowSums } from "../inputs/masks.js";
import type { Job, Operand } from "../memory/job.js";
import { KeptSource } from "../memory/keptClasses.js";
import { checkClasses, layoutOf } from "../memory/layout.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits } from "../types.js";
import { sourceOf } from "./crossEntropyPlan.js";
import { ELEMENT_OPTIONS, type ElementLossOptions } from "./elementLoss.js";
import type { LossOf } from "./lossResult.js";
import { planRowLoss } from "./rowLoss.js";

export interface MultilabelSoftMarginLossOptions extends ElementLossOptions {
  /** One finite weight per class; not in the mean's denominator. */
  readonly weight?: ArrayLike<number> | Tensor | undefined;
  /** Labels that count as 0 in their row (default null: none); the row still divides by C. */
  readonly ignoreIndex?: number | readonly number[] | null | undefined;
}

export interface MultilabelSoftMarginLossMethods {
  /**
   * Binary cross entropy of independent labels, averaged over the classes of a row.
   *
   *   loss_i = (1 / C) · Σ_c w_c · [ z_ic · softplus(−x_ic) + (1 − z_ic) · softplus(x_ic) ]
   *
   * @param logits - (…, C); the classes are on the last axis.
   * @param targets - labels z of the logits' shape or flat.
   * @param options - see {@link MultilabelSoftMarginLossOptions}; `compat`: "torch".
   * @returns as crossEntropy; the default mean divides by the rows that are not masked.
   * @throws {LogitsError} as binaryCrossEntropyWithLogits.
   *
   * Special values: as binaryCrossEntropyWithLogits.
   * Accuracy: 1 ULP per row.
   * @example
   * engine.multilabelSoftMarginLoss([[1, 2, 3]], [[1, 0, 1]]).loss; // 0.8296
   */
  multilabelSoftMarginLoss<
    const O extends MultilabelSoftMarginLossOptions = object,
    L extends Logits = Logits,
  >(
    logits: L,
    targets: Logits | ArrayLike<number> | ArrayLike<bigint>,
    options?: O,
  ): LossOf<O, L>;
}

export function multilabelSoftMarginLoss(
  work: Workspace,
  logits: Logits,
  targets: unknown,
  options?: MultilabelSoftMarginLossOptions,
): Job<unknown> {
  const fn = "multilabelSoftMarginLoss";
  const given = checkOptions(fn, options, [...ELEMENT_OPTIONS, "weight", "ignoreIndex"]);
  const rule = readReduction(fn, given, TORCH_ONLY);
  const ignored = readIgnoreIndex(fn, given.ignoreIndex) ?? [];
  const { arena } = work;
  const array = readArray(fn, "logits", logits, arena);
  const labels = readArray(fn, "targets", targets, arena, true);
  checkLabels(fn, array, labels);
  const whole = layoutOf(fn, array.shape);
  checkClasses(fn, whole);
  const { classes } = whole;
  const masks = readMasks(fn, given, whole);
  const weight = readClassWeights(fn, given.weight, classes, arena);
  const used = elementWeights(fn, work, "ignoreIndex", undefined, array, labels, ignored);
  return planRowLoss(
    {
      fn,
      work,
      array,
      whole,
      masks,
      rule,
      sums: rowSums(masks, whole),
      lossFactors: rowFactors(masks.rows),
      more: [
        sourceOf({ work, whole, masks }, labels),
        used && masks.classes
          ? new KeptSource(work, byRow(used, classes), masks.classes)
          : used && byRow(used, classes),
      ],
      others: [labels],
      given,
    },
    () => {
      const weights = work.floats(keptValues(weight, masks.classes));
      return (k, call) =>
        k.multilabelSoftMarginLossRows(
          call.zPtr,
          call.gradPtr,
          call.rows,
          call.classes,
          call.more[0]!,
          call.more[1]!,
          weights,
          call.scale,
          call.upstreamPtr,
          call.lossPtr,
        );
    },
  );
}

/** An operand of single elements as one of rows. */
function byRow(elements: Operand, classes: number): Operand {
  return {
    rowBytes: classes * 4,
    classes,
    resident: 0,
    load(row, rows, from, count, at, scratch) {
      const length = count === classes ? rows * classes : count;
      elements.load!(row * classes + from, length, 0, 1, at, scratch);
    },
  };
}

import { checkOptions } from "../check.js";
import { readArray } from "../inputs/array.js";
import { TORCH_ONLY } from "../inputs/compat.js";
import { readEndedLists } from "../inputs/labelLists.js";
import { readReduction } from "../inputs/lossOptions.js";
import { readMasks, rowFactors, rowSums } from "../inputs/masks.js";
import type { Job } from "../memory/job.js";
import { checkClasses, layoutOf } from "../memory/layout.js";
import { valueRows } from "../memory/operands.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits } from "../types.js";
import { ELEMENT_OPTIONS, type ElementLossOptions } from "./elementLoss.js";
import type { LossOf } from "./lossResult.js";
import { planRowLoss } from "./rowLoss.js";

export interface MultilabelMarginLossMethods {
  /**
   * Hinge loss between the classes a row has and those it has not.
   *
   *   loss_i = (1 / C) · Σ_{j∈Y_i} Σ_{k∉Y_i} max(0, 1 − (x_ij − x_ik))
   *
   * @param logits - (…, C); the classes are on the last axis.
   * @param targets - as many integers as logits: the class indices Y_i of a row, ended by −1; what
   *   follows the −1 is not read. A class listed twice counts twice, as in PyTorch.
   * @param options - reduction, divisor, onEmpty, compat ("torch"), upstream, grad, rowMask, classMask.
   * @returns as crossEntropy; the default mean divides by the rows that are not masked.
   * @throws {LogitsError} ERR_TARGET_RANGE for a class out of range; else as crossEntropy.
   *
   * Special values: a row without classes → 0. NaN among the compared → NaN loss and gradient.
   * Accuracy: 1 ULP per row.
   * @example
   * engine.multilabelMarginLoss([[0.1, 0.2, 0.4, 0.8]], [[3, 0, -1, 1]]).loss; // 0.85
   */
  multilabelMarginLoss<const O extends ElementLossOptions = object, L extends Logits = Logits>(
    logits: L,
    targets: Logits | ArrayLike<number> | ArrayLike<bigint>,
    options?: O,
  ): LossOf<O, L>;
}

export function multilabelMarginLoss(
  work: Workspace,
  logits: Logits,
  targets: unknown,
  options?: ElementLossOptions,
): Job<unknown> {
  const fn = "multilabelMarginLoss";
  const given = checkOptions(fn, options, ELEMENT_OPTIONS);
  const rule = readReduction(fn, given, TORCH_ONLY);
  const { arena } = work;
  const array = readArray(fn, "logits", logits, arena);
  const whole = layoutOf(fn, array.shape);
  checkClasses(fn, whole);
  const { rows, classes } = whole;
  const masks = readMasks(fn, given, whole);
  const positions = masks.classes?.positions;
  const { array: labels, lists } = readEndedLists(fn, targets, arena, rows, classes, positions);
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
      more: [valueRows(arena, "i32", lists, classes)],
      others: [labels],
      given,
    },
    (layout) => {
      const scratch = work.scratch(layout.classes * 16);
      return (k, call) =>
        k.multilabelMarginLossRows(
          call.zPtr,
          call.gradPtr,
          call.rows,
          call.classes,
          call.more[0]!,
          classes,
          scratch,
          call.scale,
          call.upstreamPtr,
          call.lossPtr,
        );
    },
  );
}

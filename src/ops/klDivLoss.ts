import { checkBoolean, checkOptions, checkWord } from "../check.js";
import { readArray } from "../inputs/array.js";
import { DIVERGENCE_PRESETS } from "../inputs/compat.js";
import { checkLabels, elementSums } from "../inputs/elementLabels.js";
import { type ReductionRule, readReduction } from "../inputs/lossOptions.js";
import { countRows, elementFactors, readMasks } from "../inputs/masks.js";
import type { Job } from "../memory/job.js";
import { elementLayout, layoutOf } from "../memory/layout.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits, Reduction } from "../types.js";
import { ELEMENT_OPTIONS, type ElementLossOptions, NO_MASKS } from "./elementLoss.js";
import type { LossWithTargetsOf } from "./lossResult.js";
import { planRowLoss } from "./rowLoss.js";
import type { TargetGradientOption } from "./sideGradients.js";

export interface KlDivLossOptions
  extends Omit<ElementLossOptions, "reduction">, TargetGradientOption {
  /** Whether targets are log-probabilities (default false). */
  readonly logTarget?: boolean | undefined;
  /** "mean" (default: per element, as PyTorch), "batchmean" (per first axis), "sum" or "none". */
  readonly reduction?: Reduction | "batchmean" | undefined;
}

const OPTIONS = [...ELEMENT_OPTIONS, "logTarget", "gradTargets"] as const;

export interface KlDivLossMethods {
  /**
   * Kullback-Leibler divergence of log-probabilities x from target probabilities t, element by
   * element; PyTorch's kl_div.
   *
   *   loss = t · (ln t − x), 0 where t ≤ 0          logTarget: loss = e^t · (t − x)
   *
   * "mean" divides by the number of elements, which is not the divergence: that is "batchmean".
   * From logits use {@link DistillationLossMethods.distillationLoss}.
   *
   * @param logProbs - any shape, as logSoftmax returns them.
   * @param targets - probabilities, or log-probabilities with `logTarget`; of the same shape or flat.
   * @param options - see {@link KlDivLossOptions}; `compat`: "torch", "keras" or "optax".
   * @returns as crossEntropy with elements in place of rows; "batchmean" divides by the first axis
   *   (in two axes or fewer: by the rows that are not masked).
   * @throws {LogitsError} ERR_SHAPE if shapes disagree; else as crossEntropy.
   *
   * Special values: t = 0, or a log target of −∞ → 0 whatever x is, and gradients 0 there.
   * x = −∞ beside t > 0 → +∞. NaN → NaN.
   * Accuracy: 1 ULP of t · ln t and t · x.
   * @example
   * engine.klDivLoss(engine.logSoftmax([[1, 2, 3]]), [[0.2, 0.3, 0.5]], { reduction: "batchmean" }).loss; // 0.0780
   */
  klDivLoss<
    const O extends KlDivLossOptions = object,
    L extends Logits = Logits,
    T extends Logits = Logits,
  >(
    logProbs: L,
    targets: T,
    options?: O,
  ): LossWithTargetsOf<O, L, T>;
}

export function klDivLoss(
  work: Workspace,
  logProbs: Logits,
  targets: Logits,
  options?: KlDivLossOptions,
): Job<unknown> {
  const fn = "klDivLoss";
  const given = checkOptions(fn, options, OPTIONS);
  const { reduction = "mean", ...others } = given;
  checkWord(fn, "reduction", reduction, ["none", "mean", "batchmean", "sum"]);
  const logTarget = checkBoolean(fn, "logTarget", given.logTarget ?? false);
  const { arena } = work;
  const array = readArray(fn, "logProbs", logProbs, arena);
  const soft = readArray(fn, "targets", targets, arena);
  checkLabels(fn, array, soft);
  const axes = layoutOf(fn, array.shape);
  const masks = readMasks(fn, given, axes);
  const factors = elementFactors(fn, masks, axes);
  const whole = elementLayout(array.shape);
  const isBatch = reduction === "batchmean";
  const plain = readReduction(
    fn,
    { ...others, reduction: isBatch ? "mean" : reduction },
    DIVERGENCE_PRESETS,
  );
  const batch = array.shape.length > 2 ? array.shape[0]! : countRows(masks.rows, axes.rows);
  const rule: ReductionRule = isBatch ? { ...plain, divisor: batch } : plain;
  const sums = elementSums(work, soft, [], factors, undefined, axes);
  return planRowLoss(
    {
      fn,
      work,
      array,
      whole,
      masks: NO_MASKS,
      rule,
      sums: { ...sums, rows: countRows(masks.rows, sums.rows) },
      lossFactors: factors,
      soft,
      given,
    },
    () => (k, call) =>
      k.klDivLoss(
        call.zPtr,
        call.gradPtr,
        call.rows,
        call.softPtr,
        call.targetGradPtr,
        logTarget,
        call.scale,
        call.upstreamPtr,
        call.lossPtr,
      ),
  );
}

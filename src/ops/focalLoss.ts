import { checkNumber, checkOptions } from "../check.js";
import { readAdjustment } from "../inputs/adjustment.js";
import { readArray } from "../inputs/array.js";
import { CLASS_PRESETS, type Presets, checkSmoothing, only } from "../inputs/compat.js";
import { refuseTargetGradient } from "../inputs/grad.js";
import {
  REDUCTION_OPTIONS,
  byClasses,
  readClassWeights,
  readIgnoreIndex,
  readReduction,
} from "../inputs/lossOptions.js";
import { MASK_OPTIONS, countRows, keptValues, readMasks, rowFactors } from "../inputs/masks.js";
import { indexArrayOf, readClassIndices, targetRows, targetWeights } from "../inputs/targets.js";
import type { Job } from "../memory/job.js";
import { checkClasses, layoutOf } from "../memory/layout.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits } from "../types.js";
import type { CrossEntropyOptions, CrossEntropyTargets } from "./crossEntropy.js";
import { checkSameShape } from "./crossEntropyProbabilities.js";
import type { LossWithTemperatureOf } from "./lossResult.js";
import { planRowLoss } from "./rowLoss.js";

export interface FocalLossOptions extends CrossEntropyOptions {
  /** γ ≥ 0: how much confident classes count for less (default 2; 0 is cross entropy). */
  readonly gamma?: number | undefined;
  /** α: a factor for every class, or one per class; not in the mean's denominator (default 1). */
  readonly alpha?: number | ArrayLike<number> | Tensor | undefined;
}

/** Options of the losses that reshape cross entropy. */
export const RESHAPED_OPTIONS = [
  "axis",
  "weight",
  "ignoreIndex",
  "labelSmoothing",
  ...REDUCTION_OPTIONS,
  "zLoss",
  "softcap",
  "temperature",
  "upstream",
  "grad",
  "gradTargets",
  "gradTemperature",
  ...MASK_OPTIONS,
] as const;

export interface FocalLossMethods {
  /**
   * Focal loss over classes: cross entropy in which a class that is already likely counts for less.
   *
   *   loss_i = α_y · w_y · (1 − p_iy)^γ · (−ln p_iy)          p = softmax(z / T)
   *   loss_i = Σ_c α_c · w_c · q_ic · (1 − p_ic)^γ · (−ln p_ic)    with probabilities or smoothing
   *
   * For independent yes/no labels use {@link SigmoidFocalLossMethods.sigmoidFocalLoss}.
   *
   * @param logits - any shape, unnormalised.
   * @param targets - class indices or class probabilities, as in crossEntropy.
   * @param options - crossEntropy's, `gamma` (2) and `alpha` (none); `compat`: "keras".
   * @returns as crossEntropy; the default mean divides by Σ w_y.
   * @throws {LogitsError} as crossEntropy; ERR_ARGUMENT_VALUE for a negative gamma.
   *
   * Special values: p_y = 1 exactly → 0 with gradient 0, also for γ < 1. Else as crossEntropy.
   * Accuracy: 1e-6 relative + 3e-7 per row; confident rows keep their relative accuracy.
   * @example
   * engine.focalLoss([[2, 1, 0]], [0]).loss; // 0.0457
   */
  focalLoss<
    const O extends FocalLossOptions = object,
    L extends Logits = Logits,
    T extends CrossEntropyTargets = CrossEntropyTargets,
  >(
    logits: L,
    targets: T,
    options?: O,
  ): LossWithTemperatureOf<O, L, T>;
}

export function focalLoss(
  work: Workspace,
  logits: Logits,
  targets: unknown,
  options?: FocalLossOptions,
): Job<unknown> {
  const fn = "focalLoss";
  const given = checkOptions(fn, options, [...RESHAPED_OPTIONS, "gamma", "alpha"]);
  const gamma = checkNumber(fn, "gamma", given.gamma ?? 2, { min: 0 });
  const shape = { gamma, epsilon: 0, alpha: given.alpha };
  return planReshaped(work, fn, logits, targets, given, only(CLASS_PRESETS, "keras"), shape);
}

/** Cross entropy with ℓ reshaped to (1 − p)^γ · (ℓ + ε · (1 − p)). */
export function planReshaped(
  work: Workspace,
  fn: string,
  logits: Logits,
  targets: unknown,
  given: Partial<FocalLossOptions>,
  presets: Presets,
  shape: { gamma: number; epsilon: number; alpha: unknown },
): Job<unknown> {
  const rule = readReduction(fn, given, presets);
  const smoothing = checkNumber(fn, "labelSmoothing", given.labelSmoothing ?? 0, {
    min: 0,
    max: 1,
  });
  checkSmoothing(fn, rule, smoothing);
  const zLoss = checkNumber(fn, "zLoss", given.zLoss ?? 0, { min: 0 });
  const adjustment = readAdjustment(fn, given.temperature, given.softcap);
  const ignoreIndex = readIgnoreIndex(fn, given.ignoreIndex);
  const { arena } = work;
  const array = readArray(fn, "logits", logits, arena);
  const whole = layoutOf(fn, array.shape, given.axis);
  const { rows, classes } = whole;
  const masks = readMasks(fn, given, whole);
  const weight = readClassWeights(fn, given.weight, classes, arena);
  const alpha = readAlpha(fn, shape.alpha, classes, work);
  const values = indexArrayOf(fn, targets, arena);
  const indices =
    values && readClassIndices(fn, targets, values, whole, ignoreIndex, weight, arena, masks);
  const soft = values ? undefined : readArray(fn, "targets", targets, arena);
  if (soft) checkSameShape(fn, soft, array);
  if (indices) refuseTargetGradient(fn, given.gradTargets);
  checkClasses(fn, whole);
  const byTarget = rule.smoothing === "targets" && smoothing > 0 && indices !== undefined;
  const factors = product(weight, alpha);
  const shares = byTarget ? undefined : keptValues(factors, masks.classes);
  const count = countRows(masks.rows, rows);
  const counts = indices ?? { weightSum: count, count, nonzero: count };
  const { weightSum, nonzero } = counts;
  const kept = masks.classes?.kept ?? classes;
  return planRowLoss(
    {
      fn,
      work,
      array,
      whole,
      masks,
      rule: indices ? rule : byClasses(rule),
      sums: { weightSum, count: counts.count, nonzero, rows, elements: rows * kept },
      lossFactors: byTarget
        ? factors && targetWeights(indices, factors)
        : indices
          ? undefined
          : rowFactors(masks.rows),
      adjustment,
      soft,
      more: [indices && targetRows(arena, indices)],
      others: [indices?.region],
      given,
    },
    (layout) => {
      const table = work.rowTable(layout.classes);
      const weights = work.floats(shares);
      return (kernels, call) =>
        kernels.focalLossRows(
          call.zPtr,
          call.gradPtr,
          call.rows,
          call.classes,
          call.more[0]!,
          call.softPtr,
          call.targetGradPtr,
          weights,
          smoothing,
          shape.gamma,
          shape.epsilon,
          zLoss,
          adjustment?.temperature ?? 1,
          call.scale,
          call.upstreamPtr,
          table,
          call.lossPtr,
        );
    },
  );
}

function readAlpha(
  fn: string,
  value: unknown,
  classes: number,
  work: Workspace,
): Float32Array | undefined {
  if (typeof value !== "number") {
    return readClassWeights(fn, value, classes, work.arena, "alpha");
  }
  return new Float32Array(classes).fill(checkNumber(fn, "alpha", value, {}));
}

function product(
  a: Float32Array | undefined,
  b: Float32Array | undefined,
): Float32Array | undefined {
  return a && b ? a.map((value, c) => value * b[c]!) : (a ?? b);
}

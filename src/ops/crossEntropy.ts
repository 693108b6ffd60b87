import { checkNumber, checkOptions } from "../check.js";
import { readAdjustment } from "../inputs/adjustment.js";
import { readArray } from "../inputs/array.js";
import { CLASS_PRESETS, checkSmoothing } from "../inputs/compat.js";
import { type GradOption, placeGrad, refuseTargetGradient } from "../inputs/grad.js";
import {
  REDUCTION_OPTIONS,
  type ReductionOptions,
  byClasses,
  factorRows,
  readClassWeights,
  readIgnoreIndex,
  readReduction,
  readUpstream,
} from "../inputs/lossOptions.js";
import {
  MASK_OPTIONS,
  type MaskOptions,
  keptLayout,
  keptValues,
  readMasks,
  rowFactors,
} from "../inputs/masks.js";
import { type Place, inputOf } from "../inputs/result.js";
import { indexArrayOf, readClassIndices, targetWeights } from "../inputs/targets.js";
import type { ArrayInput, Region } from "../memory/array.js";
import type { Job, Operand } from "../memory/job.js";
import { checkClasses, inColumns, layoutOf } from "../memory/layout.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits } from "../types.js";
import { sourceOf } from "./crossEntropyPlan.js";
import { planIndices } from "./crossEntropyIndices.js";
import { planProbabilities } from "./crossEntropyProbabilities.js";
import type { LossWithTemperatureOf } from "./lossResult.js";
import {
  SideGradients,
  type TargetGradientOption,
  type TemperatureGradientOption,
} from "./sideGradients.js";

export interface CrossEntropyOptions
  extends ReductionOptions, MaskOptions, TemperatureGradientOption, TargetGradientOption {
  /** The class axis; negative counts from the end (default −1). PyTorch's layout (N, C, H, W) is 1. */
  readonly axis?: number | undefined;
  /** One finite weight per class. */
  readonly weight?: ArrayLike<number> | Tensor | undefined;
  /** Labels that are skipped; default −100 for signed index arrays, none for unsigned, null for none. */
  readonly ignoreIndex?: number | readonly number[] | null | undefined;
  /** ε in [0, 1]: targets become (1 − ε) · target + ε / C (default 0). */
  readonly labelSmoothing?: number | undefined;
  /** ζ ≥ 0: adds ζ · logSumExp² to the loss of every row that is not ignored (default 0). */
  readonly zLoss?: number | undefined;
  /** Logits become cap · tanh(z / cap) before anything else. */
  readonly softcap?: number | undefined;
  /** Logits are divided by it, after the soft cap (default 1). */
  readonly temperature?: number | undefined;
  /** Gradient of the objective with respect to `loss`: a number, or for "none" one per row. */
  readonly upstream?: number | ArrayLike<number> | undefined;
  /** Whether and where to write the gradient with respect to the logits. */
  readonly grad?: GradOption;
}

/** Options that say nothing of the logits' place. */
export const CROSS_ENTROPY_OPTIONS = [
  "weight",
  "ignoreIndex",
  "labelSmoothing",
  ...REDUCTION_OPTIONS,
  "zLoss",
  "softcap",
  "temperature",
  "upstream",
  "gradTargets",
  "gradTemperature",
  ...MASK_OPTIONS,
] as const;

const OPTIONS = ["axis", ...CROSS_ENTROPY_OPTIONS, "grad"] as const;

/** Class indices, or class probabilities of the logits' shape. Told apart by type and shape alone. */
export type CrossEntropyTargets = Logits | ArrayLike<number> | ArrayLike<bigint>;

export interface CrossEntropyMethods {
  /**
   * Cross entropy between logits and class indices or class probabilities.
   *
   *   loss_i = w_y · (logSumExp(z_i) − z_iy)            y = targets[i]
   *   loss_i = Σ_c w_c · q_ic · (logSumExp(z_i) − z_ic)  q = probabilities
   *
   * and with labelSmoothing ε  (1 − ε) · loss_i + (ε / C) · Σ_c w_c · (logSumExp(z_i) − z_ic), as
   * PyTorch. For independent yes/no labels use
   * {@link BinaryCrossEntropyWithLogitsMethods.binaryCrossEntropyWithLogits}; for log-probabilities
   * {@link NllLossMethods.nllLoss}.
   *
   * @param logits - any shape, unnormalised; do not apply softmax first.
   * @param targets - indices in [0, C) or ignored, one per row in the order of the logits' shape
   *   without the class axis; or probabilities of the logits' shape, which need not sum to 1.
   * @param options - see {@link CrossEntropyOptions}.
   * @returns `loss` (a number, or a Float32Array for "none"), `lossSum`, `weightSum` and `count` in
   *   float64, and `grad` of the logits' shape where asked for.
   * @throws {LogitsError} ERR_SHAPE if lengths disagree; ERR_TARGET_RANGE if an index is out of range,
   *   with its row as `index`; ERR_ARGUMENT_TYPE or ERR_ARGUMENT_VALUE for a wrong argument. Nothing
   *   has been written then.
   *
   * Special values: z_y = −∞ → +∞, gradient p − 1 there. NaN, +∞ or only −∞ in a row → NaN loss and
   * NaN gradient of that row. Zero weight or probability → 0 whatever the logit. An ignored row is 0
   * and its gradient 0, even beside NaN. A mean over nothing follows `onEmpty`, its gradient is 0.
   * Accuracy: 2e-7 + 1 ULP per row; confident rows and their target gradients to 1e-6 relative.
   * @example
   * engine.crossEntropy([[0.5, 1.5, 0.1], [2.2, 1.3, 1.7]], [1, 2]).loss; // 0.8393
   */
  crossEntropy<
    const O extends CrossEntropyOptions = object,
    L extends Logits = Logits,
    T extends CrossEntropyTargets = CrossEntropyTargets,
  >(
    logits: L,
    targets: T,
    options?: O,
  ): LossWithTemperatureOf<O, L, T>;
}

export function crossEntropy(
  work: Workspace,
  logits: Logits,
  targets: CrossEntropyTargets,
  options?: CrossEntropyOptions,
): Job<unknown> {
  const fn = "crossEntropy";
  const given = checkOptions(fn, options, OPTIONS);
  return planCrossEntropy(work, fn, given, targets, {
    read: () => readArray(fn, "logits", logits, work.arena),
    place: (array, others) => placeGrad(work, fn, given.grad, array, others),
  });
}

/** Where logits come from and their gradient goes. */
export interface LogitsPlaces {
  read(): ArrayInput;
  place(logits: ArrayInput, others: readonly (Region | undefined)[]): Place | undefined;
  /** Takes the operands of logits and gradient that hold the rows of a step only. */
  readonly local?: Set<Operand>;
  /** Takes a question: whether a row of the logits is ignored. */
  leaveOut?(isLeftOut: (row: number) => boolean): void;
}

/** The plan of crossEntropy, and of losses that make their logits themselves. */
export function planCrossEntropy(
  work: Workspace,
  fn: string,
  given: Omit<CrossEntropyOptions, "grad">,
  targets: CrossEntropyTargets,
  places: LogitsPlaces,
): Job<unknown> {
  const rule = readReduction(fn, given, CLASS_PRESETS);
  const unit = { min: 0, max: 1 };
  const smoothing = checkNumber(fn, "labelSmoothing", given.labelSmoothing ?? 0, unit);
  checkSmoothing(fn, rule, smoothing);
  const zLoss = checkNumber(fn, "zLoss", given.zLoss ?? 0, { min: 0 });
  const adjustment = readAdjustment(fn, given.temperature, given.softcap);
  const ignoreIndex = readIgnoreIndex(fn, given.ignoreIndex);
  const { arena } = work;
  const array = places.read();
  const whole = layoutOf(fn, array.shape, given.axis);
  const masks = readMasks(fn, given, whole);
  const weight = readClassWeights(fn, given.weight, whole.classes, arena);
  const upstream = readUpstream(fn, given.upstream, rule.reduction, whole.rows);
  const indices = indexArrayOf(fn, targets, arena);
  const checked =
    indices && readClassIndices(fn, targets, indices, whole, ignoreIndex, weight, arena, masks);
  const probabilities = indices ? undefined : readArray(fn, "targets", targets, arena);
  if (checked) refuseTargetGradient(fn, given.gradTargets);
  checkClasses(fn, whole);
  if (masks.rows || (checked && checked.count < whole.rows)) {
    places.leaveOut?.((row) => (checked ? checked.classOf[row]! < 0 : masks.rows![row] === 0));
  }
  // Smoothed rows weighted by their target: the kernel smooths, a factor per row weights.
  const byTarget = rule.smoothing === "targets" && smoothing > 0 && checked ? weight : undefined;
  const lossFactors = checked
    ? byTarget && targetWeights(checked, byTarget)
    : rowFactors(masks.rows);
  const side = new SideGradients(fn, work, given.gradTemperature);
  const isPlain = smoothing === 0 && zLoss === 0 && !masks.classes && !side.wantsTemperature;
  const plan = {
    work,
    fn,
    array,
    whole,
    layout: keptLayout(whole, masks.classes),
    masks,
    rule: checked ? rule : byClasses(rule),
    weight: byTarget ? undefined : keptValues(weight, masks.classes),
    smoothing,
    zLoss,
    adjustment,
    upstream,
    lossFactors,
    factors: factorRows(arena, upstream, lossFactors),
    side,
    columns: checked !== undefined && isPlain && inColumns(whole),
    local: places.local,
  };
  const source = plan.side.stage(sourceOf(plan, array, adjustment));
  places.local?.add(source);
  const placed = (): Place | undefined => places.place(array, [probabilities ?? checked?.region]);
  return checked
    ? planIndices({ ...plan, source }, checked, placed)
    : planProbabilities({ ...plan, source }, probabilities!, placed, (grad) =>
        placeGrad(
          work,
          fn,
          given.gradTargets,
          probabilities!,
          [array, grad && inputOf(grad)],
          "gradTargets",
        ),
      );
}

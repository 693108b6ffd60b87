import { checkOptions, checkWord } from "../check.js";
import { readAdjustment } from "../inputs/adjustment.js";
import { readArray } from "../inputs/array.js";
import { checkLabels } from "../inputs/elementLabels.js";
import type { GradOption } from "../inputs/grad.js";
import { type ReductionOptions, readReduction } from "../inputs/lossOptions.js";
import { MASK_OPTIONS, type MaskOptions, readMasks, rowFactors, rowSums } from "../inputs/masks.js";
import type { Job } from "../memory/job.js";
import { checkClasses, layoutOf } from "../memory/layout.js";
import { type Workspace, tableBytes } from "../memory/workspace.js";
import type { Logits } from "../types.js";
import type { LossWithTemperatureOf } from "./lossResult.js";
import { planRowLoss } from "./rowLoss.js";
import type { TargetGradientOption, TemperatureGradientOption } from "./sideGradients.js";

/** From teacher q to student p: KL(q ‖ p), KL(p ‖ q), or the mean divergence from their mixture. */
export type Direction = "forward" | "reverse" | "jensenShannon";

export interface DistillationLossOptions
  extends
    Omit<ReductionOptions, "compat">,
    MaskOptions,
    TemperatureGradientOption,
    TargetGradientOption {
  /** "forward" (default), "reverse" or "jensenShannon". */
  readonly direction?: Direction | undefined;
  /** Both logits are divided by it (default 1); the loss is not multiplied by its square. */
  readonly temperature?: number | undefined;
  /** The class axis; negative counts from the end (default −1). */
  readonly axis?: number | undefined;
  /** Gradient of the objective with respect to `loss`: a number, or for "none" one per row. */
  readonly upstream?: number | ArrayLike<number> | undefined;
  /** Whether and where to write the gradient with respect to the student's logits. */
  readonly grad?: GradOption;
}

const OPTIONS = [
  "direction",
  "temperature",
  "axis",
  "reduction",
  "divisor",
  "onEmpty",
  "upstream",
  "grad",
  "gradTargets",
  "gradTemperature",
  ...MASK_OPTIONS,
] as const;

const DIRECTIONS = ["forward", "reverse", "jensenShannon"] as const;

export interface DistillationLossMethods {
  /**
   * How far a student's class probabilities are from a teacher's, both given as logits.
   *
   *   p = softmax(logits / T), q = softmax(teacherLogits / T)
   *   forward         loss_i = Σ_c q_ic · (ln q_ic − ln p_ic)
   *   reverse         loss_i = Σ_c p_ic · (ln p_ic − ln q_ic)
   *   jensenShannon   loss_i = ½ Σ_c p ln(p / m) + ½ Σ_c q ln(q / m),   m = (p + q) / 2
   *
   * From log-probabilities use {@link KlDivLossMethods.klDivLoss}.
   *
   * @param logits - of the student; any shape.
   * @param teacherLogits - of the same shape.
   * @param options - see {@link DistillationLossOptions}; `gradTargets` is the gradient with respect
   *   to the teacher's logits, `gradTemperature` the derivative by T.
   * @returns as crossEntropy; the default mean divides by the rows that are not masked.
   * @throws {LogitsError} ERR_SHAPE if shapes disagree; else as crossEntropy.
   *
   * Special values: classes that both rule out (−∞) count as 0. −∞ where the other has mass → +∞
   * forward (student) or reverse (teacher), at most ln 2 for jensenShannon. NaN, +∞ or only −∞ in
   * a row → NaN.
   * Accuracy: 5e-6 relative, also for distributions that nearly agree; equal logits give exactly 0.
   * @example
   * engine.distillationLoss([[1, 2, 3]], [[1, 2, 4]]).loss; // 0.0816
   */
  distillationLoss<
    const O extends DistillationLossOptions = object,
    L extends Logits = Logits,
    T extends Logits = Logits,
  >(
    logits: L,
    teacherLogits: T,
    options?: O,
  ): LossWithTemperatureOf<O, L, T>;
}

export function distillationLoss(
  work: Workspace,
  logits: Logits,
  teacherLogits: Logits,
  options?: DistillationLossOptions,
): Job<unknown> {
  const fn = "distillationLoss";
  const given = checkOptions(fn, options, OPTIONS);
  const rule = readReduction(fn, given, {});
  const direction = checkWord(fn, "direction", given.direction ?? "forward", DIRECTIONS);
  const adjustment = readAdjustment(fn, given.temperature);
  const array = readArray(fn, "logits", logits, work.arena);
  const soft = readArray(fn, "teacherLogits", teacherLogits, work.arena);
  checkLabels(fn, array, soft, "teacherLogits");
  const whole = layoutOf(fn, array.shape, given.axis);
  checkClasses(fn, whole);
  const masks = readMasks(fn, given, whole);
  const kind = DIRECTIONS.indexOf(direction);
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
      adjustment,
      soft,
      adjustsTargets: true,
      given,
    },
    ({ classes }) => {
      // Both distributions are in use together with the table, so all three are one piece.
      const table = work.scratch(tableBytes(classes) + classes * 8);
      const p = table + tableBytes(classes);
      const q = p + classes * 4;
      return (kernels, call) =>
        kernels.distillationLossRows(
          call.zPtr,
          call.gradPtr,
          call.rows,
          classes,
          call.softPtr,
          call.targetGradPtr,
          kind,
          call.scale,
          call.upstreamPtr,
          table,
          p,
          q,
          call.lossPtr,
        );
    },
  );
}

import { checkNumber, checkOptions } from "../check.js";
import { CLASS_PRESETS, only } from "../inputs/compat.js";
import type { Job } from "../memory/job.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits } from "../types.js";
import type { CrossEntropyOptions, CrossEntropyTargets } from "./crossEntropy.js";
import { RESHAPED_OPTIONS, planReshaped } from "./focalLoss.js";
import type { LossWithTemperatureOf } from "./lossResult.js";

export interface PolyLossOptions extends CrossEntropyOptions {
  /** ε: weight of the added term 1 − p (default 2, as Optax; 0 is cross entropy). */
  readonly epsilon?: number | undefined;
}

export interface PolyLossMethods {
  /**
   * Poly-1 cross entropy: cross entropy and the first term of its series once more.
   *
   *   loss_i = w_y · [ −ln p_iy + ε · (1 − p_iy) ]          p = softmax(z / T)
   *   loss_i = Σ_c w_c · q_ic · [ −ln p_ic + ε · (1 − p_ic) ]  with probabilities or smoothing
   *
   * @param logits - any shape, unnormalised.
   * @param targets - class indices or class probabilities, as in crossEntropy.
   * @param options - crossEntropy's, and `epsilon` (2); `compat`: "optax".
   * @returns as crossEntropy.
   * @throws {LogitsError} as crossEntropy.
   *
   * Special values: as crossEntropy; z_y = −∞ → +∞.
   * Accuracy: 1e-6 relative + 3e-7 per row; confident rows keep their relative accuracy.
   * @example
   * engine.polyLoss([[2, 1, 0]], [0]).loss; // 1.0771
   */
  polyLoss<
    const O extends PolyLossOptions = object,
    L extends Logits = Logits,
    T extends CrossEntropyTargets = CrossEntropyTargets,
  >(
    logits: L,
    targets: T,
    options?: O,
  ): LossWithTemperatureOf<O, L, T>;
}

export function polyLoss(
  work: Workspace,
  logits: Logits,
  targets: unknown,
  options?: PolyLossOptions,
): Job<unknown> {
  const fn = "polyLoss";
  const given = checkOptions(fn, options, [...RESHAPED_OPTIONS, "epsilon"]);
  const epsilon = checkNumber(fn, "epsilon", given.epsilon ?? 2, {});
  const shape = { gamma: 0, epsilon, alpha: undefined };
  return planReshaped(work, fn, logits, targets, given, only(CLASS_PRESETS, "optax"), shape);
}

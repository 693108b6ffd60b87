import type { Job } from "../memory/job.js";
import type { ResidentKernel } from "../memory/residentCall.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { ArrayResult, Logits } from "../types.js";
import { type ElementwiseOptions, planElementwise } from "./elementwise.js";

export interface SigmoidMethods {
  /**
   * Probability of "yes" from one logit.
   *
   *   σ(x) = 1 / (1 + e^(−x))
   *
   * For a decision at a probability use {@link ThresholdMethods.threshold}, which needs no sigmoid.
   *
   * @param logits - any shape.
   * @param options - `out`, which may be the logits themselves.
   * @returns an array of the logits' shape, float32: a Tensor where the logits or `out` are one.
   * @throws {LogitsError} ERR_ARGUMENT_TYPE, ERR_ARGUMENT_VALUE, ERR_SHAPE or ERR_STATE for a wrong
   *   argument.
   *
   * Special values: −∞ → 0, +∞ → 1, NaN → NaN. Never negative; 0 only below −103.9, as 1 / (1 + e^(−x)) rounds.
   * Accuracy: at most 4 ULP in both tails.
   * @example
   * engine.sigmoid([1.2]).data[0]; // 0.7685
   */
  sigmoid(logits: Tensor, options?: ElementwiseOptions<Tensor | undefined>): Tensor<"float32">;
  sigmoid(logits: Logits, options: ElementwiseOptions<Tensor>): Tensor<"float32">;
  sigmoid(logits: Logits, options?: ElementwiseOptions<Float32Array | undefined>): ArrayResult;
}

export function sigmoid(
  work: Workspace,
  logits: Logits,
  options?: ElementwiseOptions,
): Job<unknown> {
  return planElementwise(work, "sigmoid", logits, options);
}

/** From tensors into a tensor, without other options. */
export const sigmoidResident: ResidentKernel = (kernels, zPtr, outPtr, rows, classes) =>
  kernels.sigmoid(zPtr, outPtr, rows * classes);

import type { Job } from "../memory/job.js";
import type { ResidentKernel } from "../memory/residentCall.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { ArrayResult, Logits } from "../types.js";
import { type ElementwiseOptions, planElementwise } from "./elementwise.js";

export interface LogSigmoidMethods {
  /**
   * Logarithm of the sigmoid.
   *
   *   ln σ(x) = −ln(1 + e^(−x)) = min(x, 0) − ln(1 + e^(−|x|))
   *
   * Stable where ln(sigmoid(x)) is not.
   *
   * @param logits - any shape.
   * @param options - `out`, which may be the logits themselves.
   * @returns an array of the logits' shape, float32: a Tensor where the logits or `out` are one.
   * @throws {LogitsError} ERR_ARGUMENT_TYPE, ERR_ARGUMENT_VALUE, ERR_SHAPE or ERR_STATE for a wrong
   *   argument.
   *
   * Special values: −∞ → −∞, +∞ → 0, NaN → NaN.
   * Accuracy: at most 5 ULP, also where the result is −1e-9.
   * @example
   * engine.logSigmoid([20]).data[0]; // -2.0612e-9
   */
  logSigmoid(logits: Tensor, options?: ElementwiseOptions<Tensor | undefined>): Tensor<"float32">;
  logSigmoid(logits: Logits, options: ElementwiseOptions<Tensor>): Tensor<"float32">;
  logSigmoid(logits: Logits, options?: ElementwiseOptions<Float32Array | undefined>): ArrayResult;
}

export function logSigmoid(
  work: Workspace,
  logits: Logits,
  options?: ElementwiseOptions,
): Job<unknown> {
  return planElementwise(work, "logSigmoid", logits, options);
}

/** From tensors into a tensor, without other options. */
export const logSigmoidResident: ResidentKernel = (kernels, zPtr, outPtr, rows, classes) =>
  kernels.logSigmoid(zPtr, outPtr, rows * classes);

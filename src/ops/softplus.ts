import type { Job } from "../memory/job.js";
import type { ResidentKernel } from "../memory/residentCall.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { ArrayResult, Logits } from "../types.js";
import { type ElementwiseOptions, planElementwise } from "./elementwise.js";

export interface SoftplusMethods {
  /**
   * Smooth maximum of x and 0.
   *
   *   softplus(x) = ln(1 + e^x) = max(x, 0) + ln(1 + e^(−|x|))
   *
   * Equals −logSigmoid(−x).
   *
   * @param logits - any shape.
   * @param options - `out`, which may be the logits themselves.
   * @returns an array of the logits' shape, float32: a Tensor where the logits or `out` are one.
   * @throws {LogitsError} ERR_ARGUMENT_TYPE, ERR_ARGUMENT_VALUE, ERR_SHAPE or ERR_STATE for a wrong
   *   argument.
   *
   * Special values: −∞ → 0, +∞ → +∞, NaN → NaN.
   * Accuracy: at most 5 ULP.
   * @example
   * engine.softplus([1000]).data[0]; // 1000
   */
  softplus(logits: Tensor, options?: ElementwiseOptions<Tensor | undefined>): Tensor<"float32">;
  softplus(logits: Logits, options: ElementwiseOptions<Tensor>): Tensor<"float32">;
  softplus(logits: Logits, options?: ElementwiseOptions<Float32Array | undefined>): ArrayResult;
}

export function softplus(
  work: Workspace,
  logits: Logits,
  options?: ElementwiseOptions,
): Job<unknown> {
  return planElementwise(work, "softplus", logits, options);
}

/** From tensors into a tensor, without other options. */
export const softplusResident: ResidentKernel = (kernels, zPtr, outPtr, rows, classes) =>
  kernels.softplus(zPtr, outPtr, rows * classes);

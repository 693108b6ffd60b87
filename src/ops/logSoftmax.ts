import type { Job } from "../memory/job.js";
import type { ResidentKernel } from "../memory/residentCall.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { ArrayResult, Logits } from "../types.js";
import { type SoftmaxOptions, planSoftmax } from "./softmax.js";

export interface LogSoftmaxMethods {
  /**
   * Logarithms of the probabilities of classes, from logits.
   *
   *   logp_ij = z_ij / T − ln Σ_c e^(z_ic / T)
   *
   * @param logits - any shape, unnormalised; `axis` names the class axis.
   * @param options - as softmax. With allMasked "zero" a row of −∞ only stays −∞ (ln 0).
   * @returns an array of the logits' shape, float32: a Tensor where the logits or `out` are one.
   * @throws {LogitsError} as softmax.
   *
   * Special values: −∞ beside a finite logit → −∞. A row with NaN or +∞, or of −∞ only → NaN.
   * Accuracy: at most 3 ULP of the result or 2.5e-7, the larger; in confident rows relative, so that
   * −1e-9 is −1e-9, not 0.
   * @example
   * engine.logSoftmax([20, 0, 0]).data[0]; // -4.1223e-9
   */
  logSoftmax(logits: Tensor, options?: SoftmaxOptions<Tensor | undefined>): Tensor<"float32">;
  logSoftmax(logits: Logits, options: SoftmaxOptions<Tensor>): Tensor<"float32">;
  logSoftmax(logits: Logits, options?: SoftmaxOptions<Float32Array | undefined>): ArrayResult;
}

export function logSoftmax(
  work: Workspace,
  logits: Logits,
  options?: SoftmaxOptions,
): Job<unknown> {
  return planSoftmax(
    work,
    "logSoftmax",
    logits,
    options,
    ({ classes, maskedZero, table, columns }) => ({
      run(kernels, { ptr, rows }) {
        if (columns)
          kernels.logSoftmaxShortRows(ptr[0]!, ptr[1]!, rows, classes, true, maskedZero, table);
        else kernels.logSoftmaxRows(ptr[0]!, ptr[1]!, rows, classes, maskedZero, table);
      },
      segments: {
        divisible: true,
        enter: (kernels, { ptr }, from, count) =>
          kernels.logSoftmaxSegment(ptr[0]!, count, from, table),
        close: (kernels) => kernels.logSoftmaxClose(classes, table),
        write: (kernels, { ptr }, _from, count) =>
          kernels.logSoftmaxWrite(ptr[0]!, ptr[1]!, count, maskedZero),
      },
    }),
  );
}

/** From tensors into a tensor, without other options. */
export const logSoftmaxResident: ResidentKernel = (
  kernels,
  zPtr,
  outPtr,
  rows,
  classes,
  tablePtr,
) => kernels.logSoftmaxRows(zPtr, outPtr, rows, classes, false, tablePtr);

/**
 * The linear layer in front of the logits and its gradients, over tensors of one engine.
 */
import type { Engine } from "../engine.js";
import type { Tensor } from "../memory/tensor.js";
import { matmulBytes } from "../ops/matmul.js";
import { addresses, checkApart, checkMatrix, once } from "./tensors.js";

/**
 * Logits of a linear layer:
 *
 *   out = input · weight + bias
 *
 * For a loss of them use `engine.linearCrossEntropy`, which never holds them.
 *
 * @param input - (N, D) float32.
 * @param weight - (D, C) float32.
 * @param bias - (C) float32.
 * @param out - (N, C) float32, written; must be none of the others.
 * @throws {LogitsError} ERR_SHAPE if shapes disagree, ERR_STATE for a dead or foreign tensor.
 */
export function linear(
  engine: Engine,
  input: Tensor<"float32">,
  weight: Tensor<"float32">,
  bias: Tensor<"float32">,
  out: Tensor<"float32">,
): void {
  const fn = "linear";
  engine.run(fn, (work) => {
    const [rows, features] = checkMatrix(fn, "input", input, [undefined, undefined]);
    const [, classes] = checkMatrix(fn, "weight", weight, [features, undefined]);
    checkMatrix(fn, "bias", bias, [classes]);
    checkMatrix(fn, "out", out, [rows, classes]);
    checkApart(fn, "out", out, [input, weight, bias]);
    const at = addresses(work, fn, { input, weight, bias, out });
    const scratch = work.scratch(matmulBytes(classes, features));
    return once(() => {
      if (rows * classes === 0) return;
      if (features === 0) for (let n = 0; n < rows; n++) out.data.set(bias.data, n * classes);
      else {
        // prettier-ignore
        work.kernels.matmul(
          at.input, features, false, at.weight, classes, false,
          at.bias, at.out, classes, rows, classes, features, scratch,
        );
      }
    });
  });
}

/**
 * Gradients of a linear layer from the gradient of its logits:
 *
 *   gradWeight = inputᵀ · gradLogits,   gradBias = Σ_n gradLogits_n
 *
 * @param input - (N, D) float32.
 * @param gradLogits - (N, C) float32.
 * @param gradWeight - (D, C) float32, written.
 * @param gradBias - (C) float32, written.
 * @throws {LogitsError} as {@link linear}.
 */
export function linearGradients(
  engine: Engine,
  input: Tensor<"float32">,
  gradLogits: Tensor<"float32">,
  gradWeight: Tensor<"float32">,
  gradBias: Tensor<"float32">,
): void {
  const fn = "linearGradients";
  engine.run(fn, (work) => {
    const [rows, features] = checkMatrix(fn, "input", input, [undefined, undefined]);
    const [, classes] = checkMatrix(fn, "gradLogits", gradLogits, [rows, undefined]);
    checkMatrix(fn, "gradWeight", gradWeight, [features, classes]);
    checkMatrix(fn, "gradBias", gradBias, [classes]);
    checkApart(fn, "gradWeight", gradWeight, [input, gradLogits, gradBias]);
    checkApart(fn, "gradBias", gradBias, [input, gradLogits]);
    const at = addresses(work, fn, { input, gradLogits, gradWeight, gradBias });
    const { kernels, arena } = work;
    const scratch = work.scratch(matmulBytes(classes, rows));
    const ones = work.block(rows * 4);
    return once(() => {
      gradWeight.data.fill(0);
      gradBias.data.fill(0);
      if (rows * classes === 0) return;
      arena.views.f32.fill(1, ones / 4, ones / 4 + rows);
      // prettier-ignore
      kernels.matmul(
        ones, rows, false, at.gradLogits, classes, false,
        0, at.gradBias, classes, 1, classes, rows, scratch,
      );
      if (features === 0) return;
      // prettier-ignore
      kernels.matmul(
        at.input, features, true, at.gradLogits, classes, false,
        0, at.gradWeight, classes, features, classes, rows, scratch,
      );
    });
  });
}

/**
 * The linear layer in front of the logits and its gradients, over tensors of one engine.
 */
import { fail, shapeText } from "../check.js";
import type { Engine } from "../engine.js";
import { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";

/**
 * Logits of a linear layer:
 *
 *   out = input · weight + bias
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
    return once(() =>
      work.kernels.linearRows(at.input, at.weight, at.bias, at.out, rows, features, classes),
    );
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
    const { kernels } = work;
    return once(() =>
      kernels.linearGradients(
        at.input,
        at.gradLogits,
        at.gradWeight,
        at.gradBias,
        rows,
        features,
        classes,
      ),
    );
  });
}

/** Dimensions of a float32 tensor after checking them against `wanted` (undefined: any). */
function checkMatrix<const W extends readonly (number | undefined)[]>(
  fn: string,
  argument: string,
  tensor: unknown,
  wanted: W,
): { [I in keyof W]: number } {
  const given = Tensor.is(tensor) && tensor.dtype === "float32" ? tensor.shape : undefined;
  const expected = `must be a float32 Tensor of shape [${wanted.map((d) => d ?? "any").join(", ")}]`;
  if (given === undefined) {
    fail("ERR_ARGUMENT_TYPE", { fn, argument, expected, got: tensor });
  }
  const fits =
    given.length === wanted.length && wanted.every((d, i) => d === undefined || d === given[i]);
  if (!fits) fail("ERR_SHAPE", { fn, argument, expected, gotText: `shape ${shapeText(given)}` });
  return given as { [I in keyof W]: number };
}

function checkApart(fn: string, argument: string, out: Tensor, others: readonly Tensor[]): void {
  if (!others.includes(out)) return;
  fail("ERR_ARGUMENT_VALUE", {
    fn,
    argument,
    expected: "must be a tensor of its own",
    gotText: "one that is also another argument",
  });
}

export function addresses<T extends Record<string, Tensor>>(
  work: Workspace,
  fn: string,
  tensors: T,
): { [K in keyof T]: number } {
  const at = {} as Record<string, number>;
  for (const [name, tensor] of Object.entries(tensors)) {
    at[name] = Tensor.address(tensor, work.arena, fn, name);
  }
  return at as { [K in keyof T]: number };
}

/** A job without rows: one call of a kernel when it finishes. */
export function once(call: () => void): {
  rows: 0;
  classes: 0;
  operands: [];
  run(): void;
  finish(): void;
} {
  return { rows: 0, classes: 0, operands: [], run() {}, finish: call };
}

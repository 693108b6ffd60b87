/**
 * Tensors as arguments of training, and jobs that are a single call of kernels.
 */
import { fail, shapeText } from "../check.js";
import type { Job } from "../memory/job.js";
import { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";

/** Dimensions of a float32 tensor after checking them against `wanted` (undefined: any). */
export function checkMatrix<const W extends readonly (number | undefined)[]>(
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

export function checkApart(
  fn: string,
  argument: string,
  out: Tensor,
  others: readonly Tensor[],
): void {
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

/** A job without rows: what `call` does when it finishes. */
export function once<Result>(call: () => Result): Job<Result> {
  return { rows: 0, classes: 0, operands: [], run() {}, finish: call };
}

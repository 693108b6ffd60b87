/**
 * Where a gradient goes: `true` allocates, a Tensor or Float32Array is written, "inPlace" writes over
 * the logits.
 */
import { fail } from "../check.js";
import type { ArrayInput, Region } from "../memory/array.js";
import type { Workspace } from "../memory/workspace.js";
import type { TensorLike } from "../types.js";
import { type Place, placeResult } from "./result.js";

/** `false` or absent: no gradient, at no cost. */
export type GradOption = boolean | "inPlace" | Float32Array | TensorLike | undefined;

/** Class indices have no gradient. */
export function refuseTargetGradient(fn: string, option: unknown): void {
  if (option === undefined || option === false) return;
  fail("ERR_ARGUMENT_VALUE", {
    fn,
    argument: "gradTargets",
    expected: "must not be asked for with class indices",
    got: option,
  });
}

export function placeGrad(
  work: Workspace,
  fn: string,
  option: unknown,
  logits: ArrayInput,
  others: readonly (Region | undefined)[],
  argument = "grad",
): Place | undefined {
  if (option === undefined || option === false) return undefined;
  let out: unknown = option === true ? undefined : option;
  if (option === "inPlace") {
    const name = argument === "grad" ? "logits" : "targets";
    if (!logits.isFloat32) {
      fail("ERR_ARGUMENT_VALUE", {
        fn,
        argument,
        expected: `must not be "inPlace" unless the ${name} are float32`,
        gotText: `${name} of another type`,
        remedy: `pass ${argument}: true or an array of its own`,
      });
    }
    out = logits.tensor ?? logits.data;
  }
  return placeResult(work, {
    fn,
    argument,
    out,
    shape: logits.shape,
    dtype: "float32",
    logits,
    others,
  });
}

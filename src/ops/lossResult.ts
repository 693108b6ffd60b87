/**
 * The type of a loss result, told from the options: `loss` is a number unless the reduction is
 * "none", and each gradient is there where it was asked for.
 */
import type { Tensor } from "../memory/tensor.js";
import type { ArrayResult, LossResult } from "../types.js";

export type LossOf<O, L> = Omit<LossResult, "loss"> & {
  readonly loss: O extends { readonly reduction: infer R }
    ? R extends "none"
      ? Float32Array
      : R extends "mean" | "sum" | "batchmean" | undefined
        ? number
        : number | Float32Array
    : number;
} & GradOf<"grad", O, L>;

/** A loss whose second argument T may have a gradient, too. */
export type LossWithTargetsOf<O, L, T> = LossOf<O, L> & GradOf<"gradTargets", O, T>;

/** A loss with a temperature. */
export type LossWithTemperatureOf<O, L, T> = LossWithTargetsOf<O, L, T> &
  (O extends { readonly gradTemperature: infer G }
    ? G extends true
      ? { readonly gradTemperature: number }
      : { readonly gradTemperature?: number }
    : { readonly gradTemperature?: undefined });

type GradOf<K extends string, O, L> = O extends { readonly [k in K]: infer G }
  ? G extends false | undefined
    ? { readonly [k in K]?: undefined }
    : { readonly [k in K]: FormOf<G, L> }
  : { readonly [k in K]?: undefined };

type FormOf<G, L> = G extends Tensor
  ? G
  : G extends Float32Array
    ? ArrayResult
    : L extends Tensor
      ? Tensor<"float32">
      : ArrayResult;

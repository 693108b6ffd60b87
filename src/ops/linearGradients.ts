/**
 * Gradients of a linear layer: which are asked for and where they go.
 */
import { checkOptions, fail } from "../check.js";
import type { GradOption } from "../inputs/grad.js";
import type { Layer, LinearLayer } from "../inputs/layer.js";
import { type Place, inputOf, placeResult } from "../inputs/result.js";
import type { Region } from "../memory/array.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { ArrayResult } from "../types.js";

/** true: all of them; or for each whether and where. */
export type LinearGradOption =
  boolean | { readonly [K in keyof LinearLayer]?: Exclude<GradOption, "inPlace"> } | undefined;

type FormOf<A> = A extends Tensor ? Tensor<"float32"> : ArrayResult;

/** Gradients of the shapes of what they belong to: Tensors where that is one, else arrays. */
export type LinearGradientsOf<L, G> = G extends false | undefined
  ? undefined
  : G extends true
    ? { readonly [K in keyof L & keyof LinearLayer]: FormOf<L[K]> }
    : { readonly [K in keyof G & keyof L]: G[K] extends Tensor ? G[K] : FormOf<L[K]> };

export type Places = { readonly [K in keyof LinearLayer]?: Place | undefined };

/** Checks the option and places the gradients, apart from every input and from each other. */
export function placeLinearGradients(
  fn: string,
  work: Workspace,
  option: unknown,
  layer: Layer,
  others: readonly (Region | undefined)[],
): Places {
  if (option === undefined || option === false) return {};
  const names = ["input", "weight", "bias"] as const;
  const given: { readonly [name: string]: unknown } =
    option === true
      ? { input: true, weight: true, bias: layer.bias !== undefined }
      : checkOptions(fn, option as Record<string, unknown>, names);
  const apart = [layer.input, layer.weight, layer.bias, ...others];
  const places: { [name: string]: Place } = {};
  for (const name of names) {
    const wanted = given[name];
    if (wanted === undefined || wanted === false) continue;
    const argument = `grad.${name}`;
    const array = layer[name];
    if (array === undefined) {
      fail("ERR_ARGUMENT_VALUE", { fn, argument, expected: "must have a bias", gotText: "none" });
    }
    const place = placeResult(work, {
      fn,
      argument,
      out: wanted === true ? undefined : wanted,
      shape: array.shape,
      dtype: "float32",
      logits: array,
      others: apart,
    });
    places[name] = place;
    apart.push(inputOf(place));
  }
  return places;
}

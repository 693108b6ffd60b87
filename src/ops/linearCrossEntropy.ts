import { checkOptions } from "../check.js";
import { type LayerOptions, type LinearLayer, readLayer } from "../inputs/layer.js";
import type { Job } from "../memory/job.js";
import type { Workspace } from "../memory/workspace.js";
import {
  CROSS_ENTROPY_OPTIONS,
  type CrossEntropyOptions,
  type CrossEntropyTargets,
  planCrossEntropy,
} from "./crossEntropy.js";
import {
  type LinearGradOption,
  type LinearGradientsOf,
  placeLinearGradients,
} from "./linearGradients.js";
import { LinearSteps } from "./linearSteps.js";
import type { LossWithTemperatureOf } from "./lossResult.js";

export interface LinearCrossEntropyOptions
  extends Omit<CrossEntropyOptions, "axis" | "grad">, LayerOptions {
  /** Which gradients of the layer to compute, and where to write them (default none). */
  readonly grad?: LinearGradOption;
}

export type LinearLossOf<O, L, T = undefined> = Omit<
  LossWithTemperatureOf<Omit<O, "grad">, Float32Array, T>,
  "grad"
> & {
  readonly grad: O extends { readonly grad: infer G } ? LinearGradientsOf<L, G> : undefined;
};

const OPTIONS = [...CROSS_ENTROPY_OPTIONS, "grad", "weightLayout"];

export interface LinearCrossEntropyMethods {
  /**
   * Cross entropy of the logits of a linear layer, and the layer's gradients, without ever holding
   * the logits.
   *
   *   z = input · weightᵀ + bias,   loss as crossEntropy(z, targets)
   *   grad.input = g · weight,   grad.weight = gᵀ · input,   grad.bias = Σ_i g_i,   g = ∂loss/∂z
   *
   * For logits that exist already use {@link CrossEntropyMethods.crossEntropy}.
   *
   * @param layer - `input` (…, D); `weight` (C, D), or (D, C) with weightLayout "DC"; `bias` (C) or none.
   * @param targets - as crossEntropy's, one per row of input.
   * @param options - crossEntropy's without `axis`; `grad`: true for every gradient, or
   *   `{ input, weight, bias }`, each true or where to write it; `weightLayout`.
   * @returns as crossEntropy, with `grad` `{ input, weight, bias }`. A gradient is a Tensor where its
   *   array is one, else an array in JavaScript memory.
   * @throws {LogitsError} ERR_SHAPE if shapes disagree; else as crossEntropy. Nothing is written then.
   *
   * Special values: as crossEntropy's of z. A NaN in a row of input spoils that row's loss, and the
   * gradients of weight and bias; an ignored row is not looked at.
   * Accuracy: gradients within 1e-5 of their norm; loss 1e-5 relative. The chunk of logits, of at most 8 MB, is
   * the greatest of what is borrowed; weight, bias and their gradients lie in linear memory meanwhile.
   * @example
   * const layer = { input: [[1, 2]], weight: [[1, 0], [0, 1], [1, 1]], bias: [0, 0, 0] };
   * engine.linearCrossEntropy(layer, [2]).loss; // 0.4076
   */
  linearCrossEntropy<
    const O extends LinearCrossEntropyOptions = object,
    L extends LinearLayer = LinearLayer,
    T extends CrossEntropyTargets = CrossEntropyTargets,
  >(
    layer: L,
    targets: T,
    options?: O,
  ): LinearLossOf<O, L, T>;
}

export function linearCrossEntropy(
  work: Workspace,
  layer: LinearLayer,
  targets: CrossEntropyTargets,
  options?: LinearCrossEntropyOptions,
): Job<object> {
  const fn = "linearCrossEntropy";
  const { grad, weightLayout, ...given } = checkOptions(fn, options, OPTIONS);
  const read = readLayer(fn, work, layer, weightLayout);
  const steps = new LinearSteps(work, read);
  let places = {};
  const loss = planCrossEntropy(work, fn, given, targets, {
    read: () => steps.logits,
    local: steps.local,
    leaveOut: (isLeftOut) => (steps.leftOut = isLeftOut),
    place(_logits, others) {
      places = placeLinearGradients(fn, work, grad, read, others);
      return Object.keys(places).length > 0 ? steps.gradLogits : undefined;
    },
  });
  return steps.job(loss as Job<object>, places);
}

import { checkOptions } from "../check.js";
import { type LayerOptions, type LinearLayer, readLayer } from "../inputs/layer.js";
import type { Job } from "../memory/job.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits } from "../types.js";
import {
  BINARY_OPTIONS,
  type BinaryCrossEntropyOptions,
  planBinary,
} from "./binaryCrossEntropyWithLogits.js";
import type { LinearLossOf } from "./linearCrossEntropy.js";
import { type LinearGradOption, placeLinearGradients } from "./linearGradients.js";
import { LinearSteps } from "./linearSteps.js";

export interface LinearBinaryCrossEntropyOptions
  extends Omit<BinaryCrossEntropyOptions, "grad">, LayerOptions {
  /** Which gradients of the layer to compute, and where to write them (default none). */
  readonly grad?: LinearGradOption;
}

const OPTIONS = [...BINARY_OPTIONS, "grad", "weightLayout"];

export interface LinearBinaryCrossEntropyWithLogitsMethods {
  /**
   * Binary cross entropy of the logits of a linear layer, and the layer's gradients, without ever
   * holding the logits: for independent yes/no labels.
   *
   *   z = input · weightᵀ + bias,   loss as binaryCrossEntropyWithLogits(z, targets)
   *
   * @param layer - as linearCrossEntropy's.
   * @param targets - labels of the logits' shape (…, C), or as many in a flat array.
   * @param options - binaryCrossEntropyWithLogits's, with `grad` and `weightLayout` as
   *   linearCrossEntropy's.
   * @returns as binaryCrossEntropyWithLogits, with `grad` `{ input, weight, bias }`.
   * @throws {LogitsError} as {@link LinearCrossEntropyMethods.linearCrossEntropy}.
   *
   * Special values, accuracy and memory: as linearCrossEntropy.
   * @example
   * const layer = { input: [[1, 2]], weight: [[0.4, 0.4]], bias: [0] };
   * engine.linearBinaryCrossEntropyWithLogits(layer, [[1]]).loss; // 0.2633
   */
  linearBinaryCrossEntropyWithLogits<
    const O extends LinearBinaryCrossEntropyOptions = object,
    L extends LinearLayer = LinearLayer,
  >(
    layer: L,
    targets: Logits | ArrayLike<number> | ArrayLike<bigint>,
    options?: O,
  ): LinearLossOf<O, L>;
}

export function linearBinaryCrossEntropyWithLogits(
  work: Workspace,
  layer: LinearLayer,
  targets: unknown,
  options?: LinearBinaryCrossEntropyOptions,
): Job<object> {
  const fn = "linearBinaryCrossEntropyWithLogits";
  const { grad, weightLayout, ...given } = checkOptions(fn, options, OPTIONS);
  const read = readLayer(fn, work, layer, weightLayout);
  const steps = new LinearSteps(work, read);
  let places = {};
  const loss = planBinary(work, fn, given, targets, {
    read: () => ({ ...steps.logits, length: read.rows * read.classes }),
    local: steps.local,
    leaveOut: (isLeftOut) => (steps.leftOut = isLeftOut),
    place(_logits, others) {
      places = placeLinearGradients(fn, work, grad, read, others);
      return Object.keys(places).length > 0 ? steps.gradLogits : undefined;
    },
  });
  return steps.job(loss as Job<object>, places, read.classes);
}

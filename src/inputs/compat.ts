/**
 * Presets of other libraries: what a mean divides by, what a mean over nothing is, and how class
 * weights meet label smoothing. An option given beside `compat` wins over the preset.
 */
import { fail } from "../check.js";
import type { Compat, Divisor, LossRules, OnEmpty } from "../types.js";

/**
 * "classes": every class's share of the smoothed target has its own weight (PyTorch). "targets": the
 * smoothed loss of a row is weighted by its target (Keras, Optax). "labels": binary labels move
 * towards 1/2. "none": no smoothing at all.
 */
export type SmoothingRule = LossRules["smoothing"];

export interface Preset {
  readonly divisor: Divisor;
  readonly onEmpty: OnEmpty;
  readonly smoothing: SmoothingRule;
}

/** Presets of one loss: the libraries that have it. */
export type Presets = { readonly [library in Compat]?: Preset };

const preset = (divisor: Divisor, onEmpty: OnEmpty, smoothing: SmoothingRule): Preset => ({
  divisor,
  onEmpty,
  smoothing,
});

/** Losses of rows with class targets. */
export const CLASS_PRESETS: Presets = {
  torch: preset("weights", "nan", "classes"),
  keras: preset("valid", "zero", "targets"),
  tensorflow: preset("nonzero", "zero", "targets"),
  onnx: preset("weights", "nan", "none"),
  optax: preset("rows", "nan", "targets"),
};

/** Losses of elements with labels; smoothing moves labels towards 1/2. */
export const ELEMENT_PRESETS: Presets = {
  torch: preset("weights", "nan", "none"),
  keras: preset("valid", "zero", "labels"),
  tensorflow: preset("nonzero", "zero", "labels"),
  optax: preset("elements", "nan", "none"),
};

/** Losses only PyTorch has. */
export const TORCH_ONLY: Presets = { torch: preset("weights", "nan", "none") };

/** nll_loss of PyTorch and NegativeLogLikelihoodLoss of ONNX. */
export const NLL_PRESETS: Presets = { torch: CLASS_PRESETS.torch!, onnx: CLASS_PRESETS.onnx! };

/** kl_div divides by elements in PyTorch; Keras and Optax sum over classes and average rows. */
export const DIVERGENCE_PRESETS: Presets = {
  torch: preset("weights", "nan", "none"),
  keras: preset("rows", "zero", "none"),
  optax: preset("rows", "nan", "none"),
};

/** CTC: PyTorch divides each loss by its target length first; the others average samples. */
export const CTC_PRESETS: Presets = {
  torch: preset("weights", "nan", "none"),
  keras: preset("rows", "zero", "none"),
  tensorflow: preset("rows", "nan", "none"),
  optax: preset("rows", "nan", "none"),
};

/** sampled_softmax_loss gives one loss per row; a mean of them follows. */
export const SAMPLED_PRESETS: Presets = { tensorflow: preset("rows", "nan", "none") };

/** Some presets of a table. */
export function only(presets: Presets, ...libraries: readonly Compat[]): Presets {
  return Object.fromEntries(libraries.map((library) => [library, presets[library]!]));
}

/** Label smoothing where the library of `compat` has none would be a number of nobody's. */
export function checkSmoothing(
  fn: string,
  rule: { readonly smoothing: SmoothingRule; readonly compat: Compat | undefined },
  labelSmoothing: number,
): void {
  if (rule.smoothing !== "none" || labelSmoothing === 0) return;
  fail("ERR_ARGUMENT_VALUE", {
    fn,
    argument: "labelSmoothing",
    expected: `must be 0 with compat ${JSON.stringify(rule.compat)}, which has none`,
    got: labelSmoothing,
  });
}

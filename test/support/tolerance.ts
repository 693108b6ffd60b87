/**
 * Every error bound of the project.
 *
 * A bound is the greatest |got − truth| allowed at a given truth (the float64 oracle's value, on the
 * float32 inputs that the kernel saw). "n ULP" means n · ulp32(truth), see ulp.ts. Results below
 * 2^−126 may be 0 (design.md, ruling 10), so no bound is narrower than that.
 *
 * Bounds of logits hold for |x| ≤ 2000 and any offset; temperature and softcap round the logits to
 * float32 first, which `adjusted` adds.
 */
import { ROUNDING, SMALLEST_NORMAL, ulp32 } from "./ulp.ts";

export interface Bound {
  /** For titles and messages. */
  readonly name: string;
  /** Greatest |got − truth|, for element `index` of the result. */
  readonly allowed: (truth: number, index: number) => number;
}

const ulps = (count: number, truth: number): number => count * ulp32(truth);
const notBelow = (allowed: number): number => Math.max(allowed, SMALLEST_NORMAL);

/** No error at all. Non-finite results and copies. */
export const exact: Bound = { name: "exact", allowed: () => 0 };

/** One rounding to float32, for instance of a float64 sum. */
export const rounded: Bound = { name: "0.5 ULP", allowed: (truth) => ulps(0.5, truth) };

/** Exponential, sum and quotient each err by about one: measured 3.4 ULP. */
export const softmax: Bound = {
  name: "4 ULP above 2^-126",
  allowed: (truth) => notBelow(ulps(4, truth)),
};

/** Float64 throughout, one rounding: measured 0.5 ULP. */
export const gumbelSoftmax: Bound = {
  name: "0.51 ULP above 2^-126",
  allowed: (truth) => notBelow(ulps(0.51, truth)),
};

/** The same for Σ of terms of both signs: relative to the greatest |upstream| of the row over τ. */
export const gumbelGrad = (scale: number): Bound => ({
  name: `0.51 ULP + 1e-14 · ${scale}`,
  allowed: (truth) => notBelow(ulps(0.51, truth) + 1e-14 * scale),
});

/** |Σ_j softmax(z)_j − 1|, summed in float64: what remains is each result's own rounding. */
export const softmaxSum: Bound = { name: "3e-7", allowed: () => 3e-7 };

/** m + L, then one rounding. L is float64, or float32 in rows of at most 64 classes. */
export const logSumExp: Bound = {
  name: "1.6e-7 + 1 ULP",
  allowed: (truth) => 1.6e-7 + ulps(1, truth),
};

/** The same in rows of more than 64 classes, whose logarithm is float64. */
export const logSumExpLong: Bound = {
  name: "1e-7 + 1 ULP",
  allowed: (truth) => 1e-7 + ulps(1, truth),
};

/** (z − m) − L: two roundings, and L rounded to float32. */
export const logSoftmax: Bound = {
  name: "3 ULP or 2.5e-7, the larger",
  allowed: (truth) => Math.max(2.5e-7, ulps(3, truth)),
};

/**
 * L + Σ p (m − z): sums of positive terms, so small entropies are as accurate as large ones. A class
 * whose probability is below 2^−126 is taken as 0: up to 1e-36 each.
 */
export const scoreEntropy: Bound = {
  name: "1e-6 relative above 1e-29",
  allowed: (truth) => Math.max(1e-6 * Math.abs(truth), 1e-35),
};

/** Difference of two logits, one rounding. */
export const scoreMargin: Bound = rounded;

/** A mean of float64 values per row, each off by its exponentials' float32 errors. */
export const metricMean: Bound = {
  name: "1e-6 relative",
  allowed: (truth) => notBelow(1e-6 * Math.abs(truth)),
};

/** A fitted temperature against a float64 search, whose own central differences err by 1e-8. */
export const temperatureFit: Bound = {
  name: "1e-6 relative",
  allowed: (truth) => 1e-6 * Math.abs(truth),
};

/** Loss of one row with a class index and weight 1. Also the mean of such rows. */
export const crossEntropy: Bound = {
  name: "2e-7 + 1 ULP",
  allowed: (truth) => 2e-7 + ulps(1, truth),
};

/** Loss of a row whose target is its maximum: the small loss has its own relative accuracy. */
export const crossEntropyConfident: Bound = {
  name: "1e-6 relative above 2^-126",
  allowed: (truth) => notBelow(1e-6 * Math.abs(truth)),
};

/** Loss of a row with label smoothing or probabilities: Σ t_c (m − z_c) is summed in float32. */
export const crossEntropyDense: Bound = {
  name: "2e-7 + 8 ULP",
  allowed: (truth) => 2e-7 + ulps(8, truth),
};

/** Gradient at j ≠ y, a multiple of softmax: its 4 ULP, and one for the factor. */
export const crossEntropyGrad: Bound = {
  name: "5 ULP above 2^-126",
  allowed: (truth) => notBelow(ulps(5, truth)),
};

/** Gradient at the target, −T · (1 − p_y): relative also where p_y rounds to 1. */
export const crossEntropyTargetGrad: Bound = {
  name: "1e-6 relative above 2^-126",
  allowed: (truth) => notBelow(1e-6 * Math.abs(truth)),
};

/** A gradient entry A · p_j − t_j that may cancel: 5 ULP of the oracle's `gradMagnitude`. */
export const crossEntropyDenseGrad = (magnitude: ArrayLike<number>): Bound => ({
  name: "5 ULP of the terms",
  allowed: (truth, index) => notBelow(ulps(5, Math.max(Math.abs(truth), magnitude[index] ?? 0))),
});

/** −w_y · logp: a product in float64, then one rounding. */
export const nllLoss: Bound = { name: "1 ULP", allowed: (truth) => notBelow(ulps(1, truth)) };

/** 1 / (1 + e^−x), relative on both sides: measured 3.3 ULP. */
export const sigmoid: Bound = {
  name: "4 ULP above 2^-126",
  allowed: (truth) => notBelow(ulps(4, truth)),
};

/** max(x, 0) + log1p(e^−|x|). */
export const softplus: Bound = {
  name: "5 ULP above 2^-126",
  allowed: (truth) => notBelow(ulps(5, truth)),
};

export const logSigmoid: Bound = softplus;

/** Loss of one element: exp, log1p and one quotient in float32, measured 4.6 ULP. */
export const binaryCrossEntropyWithLogits: Bound = {
  name: "6 ULP above 2^-126",
  allowed: (truth) => notBelow(ulps(6, truth)),
};

/** Mean or sum over elements: groups of 128 are summed in float32. Losses ≥ 0 do not cancel. */
export const binaryCrossEntropyMean: Bound = {
  name: "1e-6 relative",
  allowed: (truth) => notBelow(1e-6 * Math.abs(truth)),
};

/** (1 − z) σ(x) − q z σ(−x), which cancels where the label is met: 5 ULP of the terms. */
export const binaryCrossEntropyGrad = (magnitude: ArrayLike<number>): Bound => ({
  name: "5 ULP of the terms",
  allowed: (truth, index) => notBelow(ulps(5, Math.max(Math.abs(truth), magnitude[index] ?? 0))),
});

/** A bound times a factor: losses scale with their class weight. */
export const scaled = (bound: Bound, factor: number): Bound => ({
  name: `${factor} × (${bound.name})`,
  allowed: (truth, index) => Math.abs(factor) * bound.allowed(truth, index),
});

/**
 * A loss or logarithm of adjusted logits: x / T in float32 is off by half an ULP, cap · tanh(x / cap)
 * by about 4, and so are both lse and z_y.
 */
export const adjusted = (bound: Bound, greatestLogit: number, softcap = false): Bound => ({
  name: `${bound.name}, logits rounded`,
  allowed: (truth, index) =>
    bound.allowed(truth, index) + 2 * (softcap ? 9 : 1) * ROUNDING * Math.abs(greatestLogit),
});

/** Conformance: softmax with a temperature; x / T rounded to float32 costs up to |x / T| ULP. */
export const softmaxAdjusted: Bound = {
  name: "4 ULP and 2e-6 relative above 2^-126",
  allowed: (truth) => notBelow(ulps(4, truth) + 2e-6 * truth),
};

/** Conformance: the loss of any operation and options, of logits rounded up to `logit`. */
export const anyLoss = (rows: number, logit: number): Bound => ({
  name: "the widest bound of a loss",
  allowed: (truth) => 1e-6 * Math.abs(truth) + rows * (2e-7 + 18 * ROUNDING * logit),
});

/** Conformance: the gradient of any loss, of logits rounded up to `logit`. */
export const anyGrad = (magnitude: ArrayLike<number>, logit: number): Bound => ({
  name: "the widest bound of a gradient",
  allowed: (truth, index) => {
    const terms = Math.max(Math.abs(truth), magnitude[index] ?? 0);
    return notBelow(ulps(8, terms) + 18 * ROUNDING * logit * terms);
  },
});

/** Central differences with step 1e-6 of a float64 function below 100: its rounding over 2e-6. */
export const centralDifference: Bound = {
  name: "1e-8 + 1e-8 relative",
  allowed: (truth) => 1e-8 + 1e-8 * Math.abs(truth),
};

/** f(ℓ) in float64 of ℓ = (m − z_y) + L, whose L comes from a float32 sum. */
export const focalLoss: Bound = {
  name: "1e-6 relative + 3e-7",
  allowed: (truth) => 3e-7 + 1e-6 * Math.abs(truth),
};

/** A confident row: no absolute part. */
export const focalLossConfident: Bound = {
  name: "3e-6 relative above 2^-126",
  allowed: (truth) => notBelow(3e-6 * Math.abs(truth)),
};

/** Losses of elements and margins: float64 throughout, then at most one rounding. */
export const elementLoss: Bound = {
  name: "1 ULP above 2^-126",
  allowed: (truth) => notBelow(ulps(1, truth)),
};

/** Terms ≥ 0 from float32 probabilities and a float64 difference of logarithms. */
export const distillationLoss: Bound = {
  name: "5e-6 relative",
  allowed: (truth) => notBelow(5e-6 * Math.abs(truth)),
};

/** Log-sum-exp over states in float64; log-probabilities are float32. */
export const ctcLoss: Bound = {
  name: "1e-6 relative + 1e-6",
  allowed: (truth) => 1e-6 + 1e-6 * Math.abs(truth),
};

/** Sums of a few losses. */
export const lossSum: Bound = {
  name: "5e-6 relative + 2e-6",
  allowed: (truth) => 2e-6 + 5e-6 * Math.abs(truth),
};

/** A float32 gradient against central differences of the float64 loss, for losses near 1. */
export const lossGradient: Bound = {
  name: "2e-6 + 2e-6 relative of central differences",
  allowed: (truth) => 2e-6 + 2e-6 * Math.abs(truth),
};

/** A float64 oracle against a decimal constant of 15 to 16 digits. */
export const oracle: Bound = {
  name: "1e-14 relative",
  allowed: (truth) => 1e-14 * Math.abs(truth),
};

/** A matrix product of N(0, 1) entries, by norm: a chain of at most 4096 float32 multiply-adds. */
export const matmul = 1e-6;

/** Loss and gradients through a linear layer, relative, gradients by norm. */
export const linearLoss = 1e-5;

/** Parameters after 100 steps of an optimizer, by norm. */
export const optimizerTrace = 1e-5;

/** How far above its least value a full-batch fit may leave the objective, relative. */
export const fittedObjective = 1e-6;

/**
 * `compat`: the number each library gives. Values are those of PyTorch, ONNX Runtime, TensorFlow 1
 * losses (SUM_BY_NONZERO_WEIGHTS), Keras 3 (sum_over_batch_size) and Optax followed by a mean.
 */
import { describe, expect, it } from "vitest";
import type { Compat } from "../../src/types.ts";
import { engine } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { expectClose } from "../support/matchers.ts";

const digits = {
  name: "8 digits",
  allowed: (truth: number) => 2e-7 * Math.max(1, Math.abs(truth)),
};
const X = [
  [1, 2, 3],
  [0, 0, 0],
];
const P = [
  [0.5, 0.3, 0.2],
  [0.1, 0.1, 0.8],
];
const weight = [1, 0, 2];

type Expected = { readonly [library in Compat]?: number | "refused" };
type Case = readonly [title: string, call: (compat: Compat) => number, expected: Expected];

const CASES: readonly Case[] = [
  [
    "crossEntropy, weights",
    (compat) => engine.crossEntropy(X, [0, 2], { weight, compat }).loss,
    {
      torch: 1.53494351,
      keras: 2.30241527,
      tensorflow: 2.30241527,
      onnx: 1.53494351,
      optax: 2.30241527,
    },
  ],
  [
    "crossEntropy, a target of weight 0",
    (compat) => engine.crossEntropy(X, [1, 2], { weight, compat }).loss,
    {
      torch: 1.09861229,
      keras: 1.09861229,
      tensorflow: 2.19722458,
      onnx: 1.09861229,
      optax: 1.09861229,
    },
  ],
  [
    "crossEntropy, one row of two ignored",
    (compat) => engine.crossEntropy(X, [0, -100], { compat }).loss,
    {
      torch: 2.40760596,
      keras: 2.40760596,
      tensorflow: 2.40760596,
      onnx: 2.40760596,
      optax: 1.20380298,
    },
  ],
  [
    "crossEntropy, all rows ignored",
    (compat) => engine.crossEntropy(X, [-100, -100], { compat }).loss,
    { torch: NaN, keras: 0, tensorflow: 0, onnx: NaN, optax: 0 },
  ],
  [
    "crossEntropy, no rows",
    (compat) =>
      engine.crossEntropy({ data: new Float32Array(0), shape: [0, 3] }, [], { compat }).loss,
    { torch: NaN, keras: 0, tensorflow: 0, onnx: NaN, optax: NaN },
  ],
  [
    "crossEntropy, label smoothing 0.1",
    (compat) => engine.crossEntropy(X, [0, 2], { labelSmoothing: 0.1, compat }).loss,
    {
      torch: 1.70310913,
      keras: 1.70310913,
      tensorflow: 1.70310913,
      onnx: "refused",
      optax: 1.70310913,
    },
  ],
  [
    "crossEntropy, weights and label smoothing 0.1",
    (compat) => engine.crossEntropy(X, [0, 2], { weight, labelSmoothing: 0.1, compat }).loss,
    {
      torch: 1.45387866,
      keras: 2.25241527,
      tensorflow: 2.25241527,
      onnx: "refused",
      optax: 2.25241527,
    },
  ],
  [
    "crossEntropy, probabilities",
    (compat) => engine.crossEntropy(X, P, { compat }).loss,
    {
      torch: 1.40310913,
      keras: 1.40310913,
      tensorflow: 1.40310913,
      onnx: 1.40310913,
      optax: 1.40310913,
    },
  ],
  [
    "nllLoss, weights",
    (compat) => engine.nllLoss(engine.logSoftmax(X), [0, 2], { weight, compat }).loss,
    {
      torch: 1.53494351,
      onnx: 1.53494351,
      keras: "refused",
      tensorflow: "refused",
      optax: "refused",
    },
  ],
  [
    "binaryCrossEntropyWithLogits, a weight of 0",
    (compat) =>
      engine.binaryCrossEntropyWithLogits([0, 0], [1, 1], { weight: [2, 0], compat }).loss,
    {
      torch: 0.69314718,
      keras: 0.69314718,
      tensorflow: 1.38629436,
      optax: 0.69314718,
      onnx: "refused",
    },
  ],
  [
    "binaryCrossEntropyWithLogits, an ignored label",
    (compat) =>
      engine.binaryCrossEntropyWithLogits([0, 0], [1, 9], { ignoreIndex: 9, compat }).loss,
    { torch: 0.69314718, keras: 0.69314718, tensorflow: 0.69314718, optax: 0.34657359 },
  ],
  [
    "binaryCrossEntropyWithLogits, all ignored",
    (compat) => engine.binaryCrossEntropyWithLogits([0], [9], { ignoreIndex: 9, compat }).loss,
    { torch: NaN, keras: 0, tensorflow: 0, optax: 0 },
  ],
  [
    "binaryCrossEntropyWithLogits, label smoothing 0.2",
    (compat) => engine.binaryCrossEntropyWithLogits([2], [1], { labelSmoothing: 0.2, compat }).loss,
    { torch: "refused", keras: 0.326928, tensorflow: 0.326928, optax: "refused" },
  ],
  [
    "klDivLoss",
    (compat) => engine.klDivLoss(engine.logSoftmax(X), P, { compat }).loss,
    {
      torch: 0.18958886,
      keras: 0.56876659,
      optax: 0.56876659,
      tensorflow: "refused",
      onnx: "refused",
    },
  ],
  [
    "focalLoss, weights",
    (compat) => engine.focalLoss(X, [0, 2], { gamma: 0, weight, compat }).loss,
    {
      keras: 2.30241527,
      torch: "refused",
      tensorflow: "refused",
      onnx: "refused",
      optax: "refused",
    },
  ],
  [
    "focalLoss, weights and label smoothing 0.1",
    (compat) => engine.focalLoss(X, [0, 2], { gamma: 0, weight, labelSmoothing: 0.1, compat }).loss,
    { keras: 2.25241527 },
  ],
  [
    "polyLoss, one row of two ignored",
    (compat) => engine.polyLoss(X, [0, -100], { epsilon: 0, compat }).loss,
    { optax: 1.20380298, torch: "refused", keras: "refused" },
  ],
  [
    "sigmoidFocalLoss, an ignored label",
    (compat) => engine.sigmoidFocalLoss([0, 0], [1, 9], { gamma: 0, ignoreIndex: 9, compat }).loss,
    { torch: 0.69314718, keras: 0.69314718, optax: 0.34657359, tensorflow: "refused" },
  ],
  [
    "multiMarginLoss",
    (compat) => engine.multiMarginLoss(X, [0, 2], { compat }).loss,
    { torch: 7 / 6, keras: "refused", optax: "refused" },
  ],
  [
    "multilabelSoftMarginLoss",
    (compat) => engine.multilabelSoftMarginLoss([[1, 2, 3]], [[1, 0, 1]], { compat }).loss,
    { torch: 0.82959241, keras: "refused" },
  ],
  [
    "softMarginLoss",
    (compat) => engine.softMarginLoss([0, 0], [1, -1], { compat }).loss,
    { torch: 0.69314718, keras: "refused" },
  ],
];

describe("compat: the same numbers under each library's rule", () => {
  for (const [title, call, expected] of CASES) {
    for (const [library, value] of Object.entries(expected)) {
      it(`${title}: ${library} ${value}`, () => {
        const run = (): number => call(library as Compat);
        if (value === "refused") expect(run).toThrow(/must be/);
        else expectClose(run(), value, digits);
      });
    }
  }
});

describe("compat: explain and overrides", () => {
  it("explain names the rules, only where compat is given", () => {
    const { explain } = engine.crossEntropy(X, [0, 2], { weight, compat: "keras" });
    expect(explain).toEqual({
      compat: "keras",
      reduction: "mean",
      divisor: "valid",
      denominator: 2,
      onEmpty: "zero",
      smoothing: "targets",
      text: "keras: losses divided by what is not ignored; over nothing 0; the target's weight multiplies the smoothed loss",
    });
    expect(engine.crossEntropy(X, [0, 2]).explain).toBeUndefined();
  });
  it("probabilities have no single target: weights go by class, and explain says so", () => {
    const options = { weight, labelSmoothing: 0.1, compat: "keras" } as const;
    const { explain, loss } = engine.crossEntropy(X, P, options);
    expect(explain?.smoothing).toBe("classes");
    expectClose(loss, 1.56416306, digits);
  });
  it("sum and none have a denominator of 1", () => {
    const { explain } = engine.crossEntropy(X, [0, 2], { compat: "torch", reduction: "sum" });
    expect(explain).toMatchObject({ reduction: "sum", denominator: 1 });
    expect(explain?.text).toContain("losses summed");
  });
  it("an option beside compat wins", () => {
    const options = { compat: "keras", divisor: "weights", onEmpty: "nan", weight } as const;
    const got = engine.crossEntropy(X, [0, 2], options);
    expectClose(got.loss, 1.53494351, digits);
    expect(got.explain).toMatchObject({ divisor: "weights", denominator: 3, onEmpty: "nan" });
    expect(engine.crossEntropy(X, [-100, -100], options).loss).toBeNaN();
  });
  it("the gradient follows the rule", () => {
    const options = { weight, labelSmoothing: 0.1, grad: true } as const;
    const { grad } = engine.crossEntropy(X, [0, 2], { ...options, compat: "keras" });
    const rows = engine.crossEntropy(X, [0, 2], {
      labelSmoothing: 0.1,
      reduction: "none",
      upstream: [0.5, 1],
      grad: true,
    });
    expectClose(grad.data, rows.grad.data, digits);
  });
  it("names the libraries that have the loss", () => {
    expectError(
      () => engine.klDivLoss([[0]], [[1]], { compat: "onnx" }),
      "ERR_ARGUMENT_VALUE",
      'klDivLoss: compat must be "torch" or "keras" or "optax", got "onnx"',
    );
    expectError(
      () => engine.crossEntropy(X, [0, 2], { compat: "onnx", labelSmoothing: 0.1 }),
      "ERR_ARGUMENT_VALUE",
      'crossEntropy: labelSmoothing must be 0 with compat "onnx", which has none, got 0.1',
    );
  });
});

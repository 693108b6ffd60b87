/**
 * Numbers that PyTorch gives in float64, where it is right, and those of the other libraries: one
 * place for each, whatever else is tested of an operation.
 */
import { expect, it } from "vitest";
import { engine } from "../support/engine.ts";
import { expectClose, expectZeros } from "../support/matchers.ts";

const sixDigits = { name: "1e-6", allowed: (truth: number) => 1e-6 * Math.max(1, Math.abs(truth)) };

const x = [
  [1, 2, 3],
  [0, 0, 0],
];
const y = [0, 2];
const weight = [1, 0, 2];
const labelSmoothing = 0.1;
const P = [
  [0.5, 0.3, 0.2],
  [0.1, 0.1, 0.8],
];
const none = { reduction: "none" } as const;
const grad = { grad: true } as const;
const thirds = 1 / 3;

type Golden = readonly [name: string, got: () => unknown, truth: number | readonly number[]];

const GOLDENS: readonly Golden[] = [
  ["logSumExp", () => engine.logSumExp(x).data, [3.40760596444438, 1.09861228866811]],
  ["rows", () => engine.crossEntropy(x, y, none).loss, [2.40760596444438, 1.09861228866811]],
  ["mean", () => engine.crossEntropy(x, y).loss, 1.75310912655625],
  ["weighted mean", () => engine.crossEntropy(x, y, { weight }).loss, 1.53494351392687],
  [
    "smoothed rows",
    () => engine.crossEntropy(x, y, { labelSmoothing, ...none }).loss,
    [2.30760596444438, 1.09861228866811],
  ],
  ["smoothed", () => engine.crossEntropy(x, y, { labelSmoothing }).loss, 1.70310912655625],
  [
    "weighted and smoothed rows",
    () => engine.crossEntropy(x, y, { weight, labelSmoothing, ...none }).loss,
    [2.27427263111105, 2.08736334846941],
  ],
  [
    "weighted and smoothed",
    () => engine.crossEntropy(x, y, { weight, labelSmoothing }).loss,
    1.45387865986015,
  ],
  ["probabilities", () => engine.crossEntropy(x, P).loss, 1.40310912655624],
  ["weighted probabilities", () => engine.crossEntropy(x, P, { weight }).loss, 1.61724312936786],
  [
    "weighted and smoothed probabilities",
    () => engine.crossEntropy(x, P, { weight, labelSmoothing }).loss,
    1.56416306242004,
  ],
  [
    "gradient",
    () => engine.crossEntropy(x, y, grad).grad.data,
    // prettier-ignore
    [-0.45498471341481, 0.122364235527399, 0.332620477887411, 0.166666666666667, 0.166666666666667, -0.333333333333333],
  ],
  [
    "weighted gradient",
    () => engine.crossEntropy(x, y, { weight, ...grad }).grad.data,
    // prettier-ignore
    [-0.30332314227654, 0.0815761570182659, 0.221746985258274, 0.222222222222222, 0.222222222222222, -0.444444444444444],
  ],
  [
    "smoothed gradient",
    () => engine.crossEntropy(x, y, { labelSmoothing, ...grad }).grad.data,
    [-0.421651380081476, 0.105697568860732, 0.315953811220744, 0.15, 0.15, -0.3],
  ],
  [
    "weighted and smoothed gradient",
    () => engine.crossEntropy(x, y, { weight, labelSmoothing, ...grad }).grad.data,
    // prettier-ignore
    [-0.281100920054318, 0.0815761570182659, 0.199524763036052, 0.2, 0.211111111111111, -0.411111111111111],
  ],
  [
    "labels that add up to 2: 2 p − t",
    () => engine.crossEntropy([[1, 2, 3]], [[1, 1, 0]], { reduction: "sum", ...grad }).grad.data,
    [-0.819938, -0.510543, 1.330482],
  ],
  [
    "gradient of probabilities: −ln p / N",
    () => engine.crossEntropy(x, P, { gradTargets: true }).gradTargets.data,
    // prettier-ignore
    [1.20380298222219, 0.70380298222219, 0.20380298222219, 0.549306144334055, 0.549306144334055, 0.549306144334055],
  ],
  [
    "Keras: Σ w l / N",
    () => engine.crossEntropy(x, y, { weight, divisor: "rows" }).loss,
    2.30241527,
  ],
  [
    "TensorFlow 1: Σ w l / #(w ≠ 0)",
    () => engine.crossEntropy(x, y, { weight, divisor: "nonzero" }).loss,
    2.30241527,
  ],
  [
    "Megatron: ε C / (C − 1)",
    () => engine.crossEntropy([[1, 2, 3]], [0], { labelSmoothing: 0.15 }).loss,
    2.25760596,
  ],
  [
    "binary, positive weight 3",
    () => engine.binaryCrossEntropyWithLogits([1, -1], [1, 0], { posWeight: 3, ...none }).loss,
    [0.93978506, 0.31326169],
  ],
  [
    "binary gradient, positive weight 3",
    () =>
      engine.binaryCrossEntropyWithLogits([1, -2], [0.3, 1], {
        posWeight: 3,
        reduction: "sum",
        ...grad,
      }).grad.data,
    [0.26969373, -2.64239123],
  ],
  ["binary far from 0", () => engine.binaryCrossEntropyWithLogits([-1000], [1]).loss, 1000],
  [
    "binary weights and the mean",
    () => engine.binaryCrossEntropyWithLogits([0, 0], [1, 1], { weight: [2, 0] }).loss,
    0.69314718,
  ],
  [
    "multi-margin",
    () => engine.multiMarginLoss([[0.1, 0.2, 0.4, 0.8]], [3], { reduction: "sum" }).loss,
    0.325,
  ],
  [
    "multilabel margin",
    () => engine.multilabelMarginLoss([[0.1, 0.2, 0.4, 0.8]], [[3, 0, -1, 1]]).loss,
    0.85,
  ],
  [
    "class axis 1, (1, 3, 2, 2)",
    () =>
      engine.crossEntropy(
        { data: Float32Array.from({ length: 12 }, (_unused, i) => i), shape: [1, 3, 2, 2] },
        [0, 1, 2, -100],
        { axis: 1, ...none },
      ).loss,
    [8.018479, 4.018479, 0.018479, 0],
  ],
  ["uniform", () => engine.crossEntropy([[1e8, 1e8, 1e8]], [1]).loss, Math.log(3)],
  ["far from 0", () => engine.crossEntropy([[10001, 10002, 10003]], [0]).loss, 2.40760596444438],
  ["softmax beside −∞", () => engine.softmax([-Infinity, 0, 1]).data, [0, 0.2689414, 0.7310586]],
  ["softmax of equals", () => engine.softmax([7, 7, 7]).data, [thirds, thirds, thirds]],
];

it.each(GOLDENS)("%s", (_name, got, truth) => {
  expectClose(got() as number | Float32Array, truth as number | number[], sixDigits);
});

it("binary, confident: 2.0611536e-9 on either side, relative", () => {
  const { loss } = engine.binaryCrossEntropyWithLogits([20, -20], [1, 0], none);
  const relative = { name: "1e-6 relative", allowed: (truth: number) => 1e-6 * truth };
  expectClose(loss, [2.0611536e-9, 2.0611536e-9], relative);
});

it.each([5, 10, 17, 30, 60])("confident rows, gap %d: relative, loss and gradient", (g) => {
  const relative = { name: "1e-6 relative", allowed: (t: number) => 1e-6 * Math.abs(t) };
  const got = engine.crossEntropy([[g, 0, 0]], [0], grad);
  expectClose(got.loss, Math.log1p(2 * Math.exp(-g)), relative);
  const share = (2 * Math.exp(-g)) / (1 + 2 * Math.exp(-g));
  expectClose(got.grad.data[0]!, -share, relative);
});

it("labels that are all 0: loss 0 and gradient 0, where TensorFlow gives p", () => {
  const got = engine.crossEntropy([[1, 2, 3]], [[0, 0, 0]], grad);
  expect(got.loss).toBe(0);
  expectZeros(got.grad.data);
});

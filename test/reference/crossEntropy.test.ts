/**
 * Goldens: float64 values of PyTorch 1.13.1 on the CPU, for
 * x = [[1, 2, 3], [0, 0, 0]], y = [0, 2], w = [1, 0, 2], ε = 0.1, q = [[.5, .3, .2], [.1, .1, .8]].
 */
import { describe, expect, it } from "vitest";
import { centralDifference } from "../support/centralDifference.ts";
import { expectClose } from "../support/matchers.ts";
import { centralDifference as difference, type Bound, oracle } from "../support/tolerance.ts";
import { crossEntropy, crossEntropyProbabilities } from "./crossEntropy.ts";

const X = [1, 2, 3, 0, 0, 0];
const SHAPE = [2, 3];
const Y = [0, 2];
const W = [1, 0, 2];
const Q = [0.5, 0.3, 0.2, 0.1, 0.1, 0.8];
const EPSILON = { labelSmoothing: 0.1 };

/** The goldens are printed with 15 digits, the gradients with as many decimals. */
const golden: Bound = { name: "1e-14", allowed: (t) => 1e-14 * Math.max(1, Math.abs(t)) };

describe("crossEntropy: values", () => {
  it("class indices: rows, sum, mean", () => {
    const { losses, loss, lossSum, weightSum, count } = crossEntropy(X, SHAPE, Y);
    expectClose(losses, [2.40760596444438, 1.09861228866811], golden);
    expectClose(loss, 1.75310912655625, golden);
    expectClose(lossSum, 2 * 1.75310912655625, golden);
    expect([weightSum, count]).toEqual([2, 2]);
    expectClose(crossEntropy(X, SHAPE, Y, { reduction: "sum" }).loss, lossSum, oracle);
    expectClose(crossEntropy(X, SHAPE, Y, { reduction: "none" }).loss, losses, oracle);
  });

  it("weights divide by Σ w_y", () => {
    const { loss, weightSum, count } = crossEntropy(X, SHAPE, Y, { weight: W });
    expectClose(loss, 1.53494351392687, golden);
    expect([weightSum, count]).toEqual([3, 2]);
  });

  it("label smoothing, with and without weights", () => {
    const plain = crossEntropy(X, SHAPE, Y, EPSILON);
    expectClose(plain.losses, [2.30760596444438, 1.09861228866811], golden);
    expectClose(plain.loss, 1.70310912655625, golden);
    const weighted = crossEntropy(X, SHAPE, Y, { ...EPSILON, weight: W });
    expectClose(weighted.losses, [2.27427263111105, 2.08736334846941], golden);
    expectClose(weighted.loss, 1.45387865986015, golden);
  });

  it("probabilities divide by the rows, whatever the weights", () => {
    const mean = (options = {}): number =>
      crossEntropyProbabilities(X, SHAPE, Q, options).loss as number;
    expectClose(mean(), 1.40310912655624, golden);
    expectClose(mean({ weight: W }), 1.61724312936786, golden);
    expectClose(mean({ weight: W, ...EPSILON }), 1.56416306242004, golden);
  });

  it("class axis 1: (1, 3, 2, 2) of 0…11", () => {
    const x = Array.from({ length: 12 }, (_unused, i) => i);
    const y = [0, 1, 2, -100];
    const { losses } = crossEntropy(x, [1, 3, 2, 2], y, { axis: 1 });
    const last = 0.018479;
    const bound = { name: "5e-7", allowed: () => 5e-7 };
    expectClose(losses, [8 + last, 4 + last, last, 0], bound);
  });

  it("soft cap, temperature and z-loss, in that order", () => {
    // mpmath, 60 digits: x = [1, 2, 3], y = 2, cap 2, T = 0.5, ζ = 0.01.
    const options = { softcap: 2, temperature: 0.5, zLoss: 0.01 };
    const { loss, grad } = crossEntropy([1, 2, 3], [1, 3], [2], options);
    expectClose(loss, 0.7238537504030562, oracle);
    const truth = [0.16712482643689028, 0.2956914005107999, -0.13548579976648426];
    expectClose(grad, truth, oracle);
  });

  it("offsets cancel: x + 1e4, x + 1e7, equal logits of 1e8", () => {
    for (const offset of [1e4, 1e7]) {
      const moved = X.map((value) => value + offset);
      expectClose(crossEntropy(moved, SHAPE, Y).loss, 1.75310912655625, golden);
    }
    expectClose(crossEntropy([1e8, 1e8, 1e8], [1, 3], [1]).loss, Math.log(3), oracle);
  });
});

describe("crossEntropy: gradients of the mean", () => {
  // prettier-ignore
  const cases: [string, object, number[]][] = [
    ["plain", {}, [-0.45498471341481, 0.122364235527399, 0.332620477887411,
      0.166666666666667, 0.166666666666667, -0.333333333333333]],
    ["weight", { weight: W }, [-0.30332314227654, 0.0815761570182659, 0.221746985258274,
      0.222222222222222, 0.222222222222222, -0.444444444444444]],
    ["ε", EPSILON, [-0.421651380081476, 0.105697568860732, 0.315953811220744, 0.15, 0.15, -0.3]],
    ["weight and ε", { weight: W, ...EPSILON }, [-0.281100920054318, 0.0815761570182659,
      0.199524763036052, 0.2, 0.211111111111111, -0.411111111111111]],
  ];
  for (const [name, options, truth] of cases) {
    it(`gradient: ${name}`, () =>
      expectClose(crossEntropy(X, SHAPE, Y, options).grad, truth, golden));
  }

  it("labels that do not sum to 1: p · Σ t − t; an all-zero row is 0", () => {
    const { grad } = crossEntropyProbabilities([1, 2, 3], [1, 3], [1, 1, 0], { reduction: "sum" });
    const cut = { name: "1e-6", allowed: () => 1e-6 }; // six digits, cut off
    expectClose(grad, [-0.819938, -0.510543, 1.330482], cut);
    const none = crossEntropyProbabilities([1, 2, 3], [1, 3], [0, 0, 0]);
    expect(none.loss).toBe(0);
    expect([...none.grad]).toEqual([0, 0, 0]);
  });

  it("by the probabilities: −logp / N", () => {
    const loss = (q: Float64Array): number => crossEntropyProbabilities(X, SHAPE, q).loss as number;
    const lse = 3.40760596444438;
    const truth = [lse - 1, lse - 2, lse - 3, ...Array(3).fill(1.09861228866811)];
    expectClose(
      centralDifference(loss, Q),
      truth.map((value) => value / 2),
      difference,
    );
  });
});

describe("crossEntropy: confident rows", () => {
  // g, ln(1 + 2 e^−g) and −2 e^−g / (1 + 2 e^−g), computed with mpmath at 60 digits.
  // prettier-ignore
  const cases: [number, number, number][] = [
    [5,   0.013385901721448903,   -0.013296708957732007],
    [10,  9.079573746724444e-5,   -9.079161565902182e-5],
    [15,  6.118044538512685e-7,   -6.118042666989618e-7],
    [17,  8.279875094788666e-8,   -8.279874752007018e-8],
    [20,  4.1223072363804075e-9,  -4.122307227883698e-9],
    [36,  4.639045660487137e-16,  -4.639045660487136e-16],
    [50,  3.8574996959278356e-22, -3.8574996959278356e-22],
    [80,  3.60970277569083e-35,   -3.60970277569083e-35],
    [100, 7.440151952041672e-44,  -7.440151952041672e-44],
    [700, 1.971935308751954e-304, -1.971935308751954e-304],
  ];
  for (const [g, loss, target] of cases) {
    it(`gap ${g}: loss and target gradient to 1e-14 relative`, () => {
      const row = crossEntropy([g, 0, 0], [1, 3], [0]);
      expectClose(row.loss, loss, oracle);
      expectClose(row.grad, [target, -target / 2, -target / 2], oracle);
      const soft = crossEntropyProbabilities([g, 0, 0], [1, 3], [1, 0, 0]);
      expectClose(soft.loss, loss, oracle);
      expectClose(soft.grad, row.grad, oracle);
    });
  }

  it("two equal greatest logits: the target is one of them, or neither", () => {
    const { grad } = crossEntropy([40, 40, 0], [1, 3], [1]);
    expectClose(grad, [0.5, -0.5, Math.exp(-40) / 2], oracle);
  });
});

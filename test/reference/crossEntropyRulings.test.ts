/**
 * Infinities, NaN, ignored rows and denominators of crossEntropy, as design.md's rulings have them.
 */
import { describe, expect, it } from "vitest";
import { expectClose, expectZeros } from "../support/matchers.ts";
import { exact, oracle } from "../support/tolerance.ts";
import { crossEntropy, crossEntropyProbabilities } from "./crossEntropy.ts";
import { softmax } from "./softmax.ts";

const INF = Infinity;
const row = (x: number[], y: number, options = {}) => crossEntropy(x, [1, x.length], [y], options);

describe("crossEntropy: infinities and NaN", () => {
  it("−∞ at a non-target: finite loss, gradient exactly 0 there", () => {
    const { loss, grad } = row([-INF, 0, 1], 2);
    expectClose(loss, Math.log1p(Math.exp(-1)), oracle);
    expect(grad[0]).toBe(0);
    expectClose(grad, [0, 0.2689414213699951, -0.2689414213699951], oracle);
  });

  it("−∞ at the target: loss +∞, gradient p − 1_y", () => {
    const { loss, grad } = row([-INF, 0, 1], 0);
    expect(loss).toBe(INF);
    expectClose(grad, [-1, 0.2689414213699951, 0.7310585786300049], oracle);
  });

  it("label smoothing beside −∞: +∞, finite gradient; not where that class has weight 0", () => {
    const { loss, grad } = row([-INF, 0, 1], 2, { labelSmoothing: 0.1 });
    expect(loss).toBe(INF);
    const p = softmax([-INF, 0, 1]);
    const t = [0.1 / 3, 0.1 / 3, 0.9 + 0.1 / 3];
    expectClose(
      grad,
      p.map((value, j) => value - (t[j] as number)),
      oracle,
    );
    const weighted = row([-INF, 0, 1], 2, { labelSmoothing: 0.1, weight: [0, 1, 1] });
    expect(weighted.loss).toBeLessThan(1);
    expect(weighted.grad[0]).toBe(0);
  });

  it("probability 0 at −∞ contributes 0; a positive one +∞", () => {
    const zero = crossEntropyProbabilities([-INF, 0], [1, 2], [0, 1]);
    expect(zero.loss).toBe(0);
    expectZeros(zero.grad);
    const positive = crossEntropyProbabilities([-INF, 0], [1, 2], [0.25, 0.75]);
    expect(positive.loss).toBe(INF);
    expect([...positive.grad]).toEqual([-0.25, 0.25]);
  });

  it("weight 0 at a −∞ target: 0, not NaN; its row has gradient 0", () => {
    const { loss, grad, weightSum } = row([-INF, 0], 0, { weight: [0, 1], reduction: "sum" });
    expect(loss).toBe(0);
    expect(weightSum).toBe(0);
    expectZeros(grad);
  });

  it("a row without any coefficient is 0 whatever its logits; z-loss is a coefficient", () => {
    const zeroWeight = { weight: [0, 1], reduction: "sum" };
    for (const x of [NaN, INF]) {
      const none = row([x, 0], 0, zeroWeight);
      expect(none.loss).toBe(0);
      expectZeros(none.grad);
      const some = row([x, 0], 0, { ...zeroWeight, zLoss: 0.1 });
      expect(some.loss).toBeNaN();
      expectClose(some.grad, [NaN, NaN], exact);
    }
  });

  const broken: [string, number[]][] = [
    ["NaN at the target", [NaN, 1, 2]],
    ["NaN elsewhere", [1, NaN, 2]],
    ["+∞ at the target", [INF, 1, 2]],
    ["+∞ elsewhere", [1, 2, INF]],
    ["−∞ only", [-INF, -INF, -INF]],
  ];
  for (const [name, x] of broken) {
    it(`${name}: loss NaN and the whole row's gradient NaN, other rows untouched`, () => {
      const { losses, grad } = crossEntropy([...x, 0, 0, 0], [2, 3], [0, 1]);
      expectClose(losses, [NaN, Math.log(3)], oracle);
      const others = [1 / 6, -1 / 3, 1 / 6];
      expectClose(grad, [NaN, NaN, NaN, ...others], oracle);
      const soft = crossEntropyProbabilities(x, [1, 3], [1, 0, 0]);
      expectClose([soft.loss as number, ...soft.grad], [NaN, NaN, NaN, NaN], exact);
    });
  }

  it("an ignored row with NaN or ∞ equals a removed row, its gradient exactly 0", () => {
    const options = { weight: [1, 0.5, 2], labelSmoothing: 0.1, zLoss: 0.01 };
    const whole = crossEntropy([1, 2, 3, NaN, INF, -INF], [2, 3], [0, -100], options);
    const alone = crossEntropy([1, 2, 3], [1, 3], [0], options);
    expect(whole.loss).toBe(alone.loss);
    expectClose(whole.grad, [...alone.grad, 0, 0, 0], exact);
    expect([whole.count, whole.weightSum]).toEqual([alone.count, alone.weightSum]);
  });

  it("a NaN probability makes its row NaN, also a single class", () => {
    for (const [x, q] of [
      [
        [1, 2],
        [NaN, 1],
      ],
      [[1], [NaN]],
    ] as const) {
      const { loss, grad } = crossEntropyProbabilities(x, [1, x.length], q);
      expect(loss).toBeNaN();
      expectClose(grad, new Float64Array(x.length).fill(NaN), exact);
    }
  });

  it("a soft cap makes ±∞ finite: cap · tanh(±∞) = ±cap", () => {
    const { loss, grad } = row([INF, -INF], 0, { softcap: 2 });
    expectClose(loss, Math.log1p(Math.exp(-4)), oracle);
    expectZeros(grad);
  });
});

describe("crossEntropy: denominators", () => {
  const X = [1, 2, 3, 0, 0, 0, 5, 5, 5];
  const mean = (options: object, y = [0, 2, -100]) => crossEntropy(X, [3, 3], y, options);

  it("divisor: weights, valid, rows, elements, number", () => {
    const weight = [1, 0, 2];
    const { lossSum } = mean({ weight });
    const divided = [
      ["weights", 3],
      ["valid", 2],
      ["rows", 3],
      ["elements", 9],
      [7, 7],
    ] as const;
    for (const [divisor, d] of divided) {
      const { loss, grad } = mean({ weight, divisor });
      expectClose(loss, lossSum / d, oracle);
      const sum = mean({ weight, reduction: "sum" });
      expectClose(
        grad,
        sum.grad.map((value) => value / d),
        oracle,
      );
    }
  });

  it("all rows ignored: mean NaN, 0 or an error; sum 0; none zeros; gradient 0", () => {
    const y = [-100, -100, -100];
    expect(mean({}, y).loss).toBeNaN();
    expect(mean({ onEmpty: "zero" }, y).loss).toBe(0);
    expect(() => mean({ onEmpty: "throw" }, y)).toThrow(RangeError);
    expect(mean({ reduction: "sum" }, y).loss).toBe(0);
    expectZeros(mean({ reduction: "none" }, y).losses);
    expectZeros(mean({}, y).grad);
    expect(mean({}, y).count).toBe(0);
  });

  it("weights that are 0, negative, or cancel", () => {
    const zero = mean({ weight: [0, 1, 0] });
    expect([zero.loss, zero.weightSum, zero.count]).toEqual([NaN, 0, 2]);
    expectZeros(zero.grad);
    const cancelled = mean({ weight: [1, 0, -1] });
    expect(cancelled.loss).toBeNaN();
    expectZeros(cancelled.grad);
    expectClose(cancelled.lossSum, 2.40760596444438 - 1.09861228866811, oracle);
    expectClose(mean({ weight: [-1, 0, -1] }).loss, 1.75310912655625, oracle);
  });

  it("no rows: mean NaN or 0, sum 0, none empty; one class: loss 0, gradient 0", () => {
    for (const shape of [
      [0, 3],
      [0, 0],
    ]) {
      expect(crossEntropy([], shape, []).loss).toBeNaN();
      expect(crossEntropy([], shape, [], { onEmpty: "zero" }).loss).toBe(0);
      expect(crossEntropy([], shape, [], { reduction: "sum" }).loss).toBe(0);
      expect(crossEntropy([], shape, [], { reduction: "none" }).losses.length).toBe(0);
      expect(crossEntropyProbabilities([], shape, []).loss).toBeNaN();
    }
    expect(() => crossEntropy([], [2, 0], [0, 0])).toThrow(RangeError);
    const single = crossEntropy([5, -3], [2, 1], [0, 0]);
    expect(single.loss).toBe(0);
    expectZeros(single.grad);
  });

  it("upstream 0 gives zeros also beside NaN; one for every loss with none", () => {
    const x = [NaN, 0, 1, 2];
    const { grad } = crossEntropy(x, [2, 2], [0, 1], { reduction: "none", upstream: [0, 2] });
    expectZeros(grad.subarray(0, 2));
    const p = softmax([1, 2]);
    expectClose(grad.subarray(2), [2 * (p[0] as number), -2 * (p[0] as number)], oracle);
  });

  it("ignoreIndex: a class, several, null; other values outside are errors", () => {
    expect(mean({ ignoreIndex: 0 }, [0, 2, 0]).count).toBe(1);
    expect(mean({ ignoreIndex: [-1, 2] }, [-1, 2, 0]).count).toBe(1);
    for (const options of [{ ignoreIndex: null }, { ignoreIndex: -1 }]) {
      expect(() => mean(options)).toThrow(RangeError);
    }
    for (const y of [3, -1, 1.5, NaN]) expect(() => mean({}, [0, 0, y])).toThrow(RangeError);
    expect(crossEntropy(X, [3, 3], new BigInt64Array([0n, 2n, -100n])).count).toBe(2);
  });

  it("one-hot probabilities equal indices; smoothing 1 is uniform", () => {
    const hot = [1, 0, 0, 0, 0, 1, 0, 1, 0];
    const index = mean({}, [0, 2, 1]);
    const soft = crossEntropyProbabilities(X, [3, 3], hot);
    expectClose(soft.losses, index.losses, oracle);
    expectClose(soft.grad, index.grad, oracle);
    const uniform = crossEntropyProbabilities(X, [3, 3], Array(9).fill(1 / 3));
    expectClose(mean({ labelSmoothing: 1 }, [0, 2, 1]).losses, uniform.losses, oracle);
  });
});

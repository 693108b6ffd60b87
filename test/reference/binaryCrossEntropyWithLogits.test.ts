import { describe, expect, it } from "vitest";
import { expectClose, expectZeros } from "../support/matchers.ts";
import { type Bound, exact, oracle } from "../support/tolerance.ts";
import { binaryCrossEntropyWithLogits as bce } from "./binaryCrossEntropyWithLogits.ts";

const INF = Infinity;
/** Goldens with 9 digits. */
const golden: Bound = { name: "1e-8", allowed: () => 1e-8 };
const losses = (x: number[], z: number[], options = {}): Float64Array =>
  bce(x, [x.length], z, options).losses;

describe("binaryCrossEntropyWithLogits: values", () => {
  it("confident elements keep their relative accuracy", () => {
    // computed with mpmath at 60 digits
    const truth = [2.061153620314381e-9, 2.061153620314381e-9, 1000];
    expectClose(losses([20, -20, -1000], [1, 0, 1]), truth, oracle);
    const far = [4.248354255291589e-18, 3.720075976020836e-44];
    expectClose(losses([40, -100], [1, 0]), far, oracle);
  });

  it("posWeight multiplies the positive term", () => {
    const truth = [0.93978506, 0.31326169];
    expectClose(losses([1, -1], [1, 0], { posWeight: 3 }), truth, golden);
    const { grad } = bce([1, -2], [2], [0.3, 1], { posWeight: 3, reduction: "sum" });
    expectClose(grad, [0.26969373, -2.64239123], golden);
  });

  it("weight does not enter the mean's denominator", () => {
    const { loss, weightSum, count } = bce([0, 0], [2], [1, 1], { weight: [2, 0] });
    expectClose(loss, Math.LN2, oracle);
    expect([weightSum, count]).toEqual([2, 2]);
  });

  it("weight and posWeight broadcast", () => {
    const x = [1, 2, 3, 4];
    const z = [1, 0, 1, 0];
    const plain = losses(x, z);
    const shaped = bce(x, [2, 2], z, {
      weight: { data: [2, 3], shape: [2, 1] },
      posWeight: [5, 7],
    });
    expectClose(
      shaped.losses,
      plain.map((value, i) => value * ([10, 2, 15, 3][i] as number)),
      oracle,
    );
  });

  it("label smoothing is z (1 − ε) + ε / 2", () => {
    const options = { labelSmoothing: 0.2 };
    expectClose(losses([1.5, 1.5], [1, 0], options), losses([1.5, 1.5], [0.9, 0.1]), oracle);
  });

  it("labels outside [0, 1] are computed as given", () => {
    expectClose(losses([1], [2]), [1.3132616875182228 - 2], oracle);
  });
});

describe("binaryCrossEntropyWithLogits: rulings", () => {
  it("x = ±∞: 0 beside the agreeing label, +∞ beside the other, gradients finite", () => {
    const x = [INF, -INF, INF, -INF, INF, -INF];
    const z = [1, 0, 0, 1, 0.5, 0.5];
    const { losses: got, grad } = bce(x, [6], z, { reduction: "sum" });
    expectClose(got, [0, 0, INF, INF, INF, INF], exact);
    expectClose(grad, [0, 0, 1, -1, 0.5, -0.5], exact);
  });

  it("NaN logit: NaN, its element only", () => {
    const { losses: got, grad } = bce([NaN, 0], [2], [1, 1]);
    expectClose(got, [NaN, Math.LN2], oracle);
    expectClose(grad, [NaN, -0.25], oracle);
  });

  it("weight 0 is 0 whatever the logit; q = 0 with label 1 too", () => {
    for (const options of [{ weight: 0 }, { posWeight: 0 }]) {
      const { losses: got, grad } = bce([NaN, -INF], [2], [1, 1], options);
      expectZeros(got);
      expectZeros(grad);
    }
  });

  it("ignored elements: not counted, 0 even beside NaN", () => {
    const { loss, grad, count } = bce([NaN, 0, 0], [3], [-1, 1, 0], { ignoreIndex: -1 });
    expectClose(loss, Math.LN2, oracle);
    expectClose(grad, [0, -0.25, 0.25], exact);
    expect(count).toBe(2);
  });

  it("divisor: weights, valid, rows, elements, number", () => {
    const x = [0, 0, 0, 0, 0, 0];
    const divided = [
      ["weights", 5],
      ["valid", 5],
      ["rows", 2],
      ["elements", 6],
      [10, 10],
    ] as const;
    for (const [divisor, d] of divided) {
      const { loss, grad } = bce(x, [2, 3], [9, 1, 1, 0, 0, 0], { ignoreIndex: 9, divisor });
      expectClose(loss, (5 * Math.LN2) / d, oracle);
      expectClose(grad, [0, -0.5 / d, -0.5 / d, 0.5 / d, 0.5 / d, 0.5 / d], oracle);
    }
  });

  it("nothing counted: mean NaN, 0 or an error; sum 0; gradient 0; upstream 0 gives zeros", () => {
    for (const [x, z] of [
      [[], []],
      [[NaN], [9]],
    ] as const) {
      const mean = (options = {}) => bce(x, [x.length], z, { ignoreIndex: 9, ...options });
      expect(mean().loss).toBeNaN();
      expect(mean({ onEmpty: "zero" }).loss).toBe(0);
      expect(() => mean({ onEmpty: "throw" })).toThrow(RangeError);
      expect(mean({ reduction: "sum" }).loss).toBe(0);
      expectZeros(mean().grad);
    }
    expectZeros(bce([NaN], [1], [1], { upstream: 0 }).grad);
  });
});

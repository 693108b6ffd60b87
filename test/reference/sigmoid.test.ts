import { describe, expect, it } from "vitest";
import { expectClose } from "../support/matchers.ts";
import { exact, oracle } from "../support/tolerance.ts";
import { logSigmoid } from "./logSigmoid.ts";
import { sigmoid } from "./sigmoid.ts";
import { softplus } from "./softplus.ts";
import { threshold } from "./threshold.ts";

// x, σ(x), softplus(x), logSigmoid(x), computed with mpmath at 60 digits.
// prettier-ignore
const GOLDEN: readonly (readonly [number, number, number, number])[] = [
  [-700, 9.85967654375977e-305,  9.85967654375977e-305,  -700],
  [-103, 1.8521167695179754e-45, 1.8521167695179754e-45, -103],
  [-88,  6.054601895401186e-39,  6.054601895401186e-39,  -88],
  [-20,  2.0611536181902037e-9,  2.061153620314381e-9,   -20.000000002061153],
  [-18,  1.522997951276035e-8,   1.5229979628736488e-8,  -18.00000001522998],
  [-17,  4.1399375473943306e-8,  4.139937633089748e-8,   -17.000000041399375],
  [-1,   0.2689414213699951,     0.3132616875182228,     -1.3132616875182228],
  [0.5,  0.6224593312018546,     0.9740769841801067,     -0.4740769841801067],
  [20,   0.9999999979388464,     20.000000002061153,     -2.061153620314381e-9],
];
const column = (k: 0 | 1 | 2 | 3): number[] => GOLDEN.map((row) => row[k]);

describe("sigmoid, softplus, logSigmoid", () => {
  it("relative accuracy on both sides", () => {
    expectClose(sigmoid(column(0)), column(1), oracle);
    expectClose(softplus(column(0)), column(2), oracle);
    expectClose(logSigmoid(column(0)), column(3), oracle);
  });

  it("infinities, NaN and far values", () => {
    const x = [-Infinity, Infinity, NaN, 1000, -1000, 0];
    expectClose(sigmoid(x), [0, 1, NaN, 1, 0, 0.5], exact);
    expectClose(softplus(x), [0, Infinity, NaN, 1000, 0, Math.LN2], exact);
    expectClose(logSigmoid(x), [-Infinity, 0, NaN, 0, -1000, -Math.LN2], exact);
  });

  it("σ(x) + σ(−x) = 1 and logSigmoid(x) = −softplus(−x)", () => {
    for (let x = -40; x <= 40; x += 0.37) {
      const both = sigmoid([x, -x]);
      expectClose((both[0] as number) + (both[1] as number), 1, oracle);
      expectClose(logSigmoid([x]), -(softplus([-x])[0] as number), oracle);
    }
  });
});

describe("threshold", () => {
  it("σ(x) ≥ p decided on the logits", () => {
    expect([...threshold([-1, -0, 0, 1e-30, NaN, Infinity, -Infinity])]).toEqual([
      0, 1, 1, 1, 0, 1, 0,
    ]);
    expect([...threshold([2.19, 2.2], { probability: 0.9 })]).toEqual([0, 1]);
  });

  it("p = 0 accepts every number, p = 1 only +∞", () => {
    const x = [-Infinity, 1e30, Infinity, NaN];
    expect([...threshold(x, { probability: 0 })]).toEqual([1, 1, 1, 0]);
    expect([...threshold(x, { probability: 1 })]).toEqual([0, 0, 1, 0]);
  });
});

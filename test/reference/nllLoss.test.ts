import { describe, expect, it } from "vitest";
import { expectClose } from "../support/matchers.ts";
import { oracle } from "../support/tolerance.ts";
import { crossEntropy } from "./crossEntropy.ts";
import { logSoftmax } from "./logSoftmax.ts";
import { nllLoss } from "./nllLoss.ts";

const X = [1, 2, 3, 0, 0, 0];

describe("nllLoss", () => {
  it("of log-probabilities is the cross entropy of the logits", () => {
    for (const weight of [
      [1, 1, 1],
      [1, 0, 2],
    ]) {
      const loss = nllLoss(logSoftmax(X, [2, 3]), [2, 3], [0, 2], { weight });
      const whole = crossEntropy(X, [2, 3], [0, 2], { weight });
      expectClose(loss.losses, whole.losses, oracle);
      expectClose(loss.loss, whole.loss, oracle);
      expect([loss.weightSum, loss.count]).toEqual([whole.weightSum, whole.count]);
    }
  });

  it("gradient is −w_y / D at the target and 0 elsewhere", () => {
    const { grad } = nllLoss(X, [2, 3], [0, 2], { weight: [1, 0, 2], upstream: 3 });
    expect([...grad]).toEqual([-1, 0, 0, 0, 0, -2]);
  });

  it("weight 0 at −∞ is 0; −∞ at the target is +∞; an ignored row is 0 whatever it holds", () => {
    const x = [-Infinity, 0, -Infinity, 0, NaN, NaN];
    const { losses, grad } = nllLoss(x, [3, 2], [0, 0, -100], { weight: [0, 1] });
    expect([...losses]).toEqual([0, 0, 0]);
    expect([...grad].every((value) => value === 0)).toBe(true);
    expect(nllLoss(x, [3, 2], [0, 1, -100], { reduction: "sum" }).loss).toBe(Infinity);
  });

  it("is linear: NaN in another class of the row does not matter", () => {
    const { loss, grad } = nllLoss([-1, NaN], [1, 2], [0]);
    expect(loss).toBe(1);
    expect([...grad]).toEqual([-1, 0]);
  });
});

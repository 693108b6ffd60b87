import { describe, expect, it } from "vitest";
import { nllLoss as reference } from "../reference/index.ts";
import { engine, segments, tiles } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { expectClose, expectSameBits, expectZeros } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { crossEntropy as composed, nllLoss as bound } from "../support/tolerance.ts";

describe(`nllLoss: reference, ${bound.name}`, () => {
  it("options, axes, tiles", () => {
    const shape = [3, 1100, 2];
    const x = new Random(1).normals(6600, 3);
    for (const axis of [0, 1, 2]) {
      const classes = shape[axis];
      const y = new Random(2).indices(6600 / classes, classes, 0.2);
      const weight = new Random(3).uniforms(classes, 0, 2);
      for (const options of [
        {},
        { weight },
        { weight, divisor: "rows" },
        { upstream: -2 },
      ] as const) {
        for (const reduction of ["none", "sum", "mean"] as const) {
          const given = { ...options, axis, reduction };
          const truth = reference(x, shape, y, given);
          for (const each of [engine, segments, tiles]) {
            const got = each.nllLoss({ data: x, shape }, y, { ...given, grad: true });
            if (reduction === "none") expectClose(got.loss, truth.loss, bound);
            else
              expect(Math.abs((got.loss as number) - (truth.loss as number))).toBeLessThan(
                1e-9 * (1 + Math.abs(truth.lossSum)),
              );
            expectClose(got.grad.data, truth.grad, bound);
            expect(got.count).toBe(truth.count);
          }
        }
      }
    }
  });
});

describe("nllLoss: extremes and identities", () => {
  it("−∞ gives +∞, or 0 with weight 0; NaN elsewhere and in ignored rows does not matter", () => {
    const loss = (row: number[], y: number, options = {}) =>
      engine.nllLoss([row], [y], { ...options, reduction: "sum" }).loss;
    expect(loss([-Infinity, 0], 0)).toBe(Infinity);
    expect(loss([-Infinity, 0], 0, { weight: [0, 1] })).toBe(0);
    expect(loss([NaN, -2], 1)).toBe(2);
    const ignored = engine.nllLoss([[NaN, NaN]], [-100], { reduction: "sum", grad: true });
    expect(ignored.loss).toBe(0);
    expectZeros(ignored.grad.data);
  });

  it("of logSoftmax is crossEntropy, within the bound", () => {
    const x = new Random(4).normals(50 * 21, 5);
    const logits = { data: x, shape: [50, 21] };
    const y = new Random(5).indices(50, 21, 0.1);
    const { loss } = engine.crossEntropy(logits, y);
    expectClose(engine.nllLoss(engine.logSoftmax(logits), y).loss, loss, composed);
  });
});

describe("nllLoss: errors", () => {
  it("probabilities, labels out of range; nothing is written", () => {
    const grad = new Float32Array(2).fill(-7);
    expectError(
      () => engine.nllLoss([[0, 0]], Float32Array.of(1, 0), { grad }),
      "ERR_ARGUMENT_TYPE",
      "nllLoss: targets must be class indices: an integer array or number[], got Float32Array of length 2",
    );
    expectError(
      () => engine.nllLoss([[0, 0]], [2], { grad }),
      "ERR_TARGET_RANGE",
      "nllLoss: targets[0] must be in [0, 2) or ignoreIndex (-100), got 2",
    );
    expectSameBits(grad, [-7, -7]);
  });
});

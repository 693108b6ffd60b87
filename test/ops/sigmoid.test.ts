import { describe, expect, it } from "vitest";
import { sigmoid as reference } from "../reference/index.ts";
import { describeElementwise } from "../support/elementwiseContract.ts";
import { engine } from "../support/engine.ts";
import { expectClose, expectSameBits } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { sigmoid as bound } from "../support/tolerance.ts";

const INF = Infinity;

describe("sigmoid: values", () => {
  it("known values", () => {
    expectClose(
      engine.sigmoid([1.2, 0, -20]).data,
      [0.7685247834990175, 0.5, 2.0611536181902037e-9],
      bound,
    );
  });
});

describeElementwise("sigmoid", reference, bound);

describe("sigmoid: extremes and identities", () => {
  it("−17, −18, −20, −88, −103: relative, never negative; ±∞ give 1 and 0", () => {
    const x = [-17, -18, -20, -87];
    expectClose(engine.sigmoid(x).data, reference(x), bound, { input: x });
    expect(engine.sigmoid([-88]).data[0] > 0 && engine.sigmoid([-103]).data[0] >= 0).toBe(true);
    expectSameBits(engine.sigmoid([INF, -INF, NaN]).data, [1, 0, NaN]);
  });

  it("σ(x) + σ(−x) = 1, and σ grows with x up to the bound", () => {
    const x = new Random(9).normals(5000, 6);
    const up = engine.sigmoid(x).data;
    const down = engine.sigmoid(x.map((z) => -z)).data;
    up.forEach((p, i) => {
      expect(p >= 0 && p <= 1).toBe(true);
      expect(Math.abs(p + down[i] - 1)).toBeLessThan(3e-7);
    });
  });
});

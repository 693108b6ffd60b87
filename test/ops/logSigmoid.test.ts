import { describe, expect, it } from "vitest";
import { logSigmoid as reference } from "../reference/index.ts";
import { describeElementwise } from "../support/elementwiseContract.ts";
import { engine } from "../support/engine.ts";
import { expectClose, expectSameBits } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { logSigmoid as bound } from "../support/tolerance.ts";

const INF = Infinity;

describe("logSigmoid: values", () => {
  it("known values", () => {
    expectClose(
      engine.logSigmoid([20, -100, 0]).data,
      [-2.0611536181902037e-9, -100, -Math.LN2],
      bound,
    );
  });
});

describeElementwise("logSigmoid", reference, bound);

describe("logSigmoid: extremes and identities", () => {
  it("±1000 and ±∞: x itself below, 0 above", () => {
    expectSameBits(engine.logSigmoid([-1000, -INF, NaN]).data, [-1000, -INF, NaN]);
    expect(engine.logSigmoid([1000, INF]).data.every((value) => value === 0)).toBe(true);
  });

  it("is −softplus(−x), bit for bit", () => {
    const x = new Random(9).normals(3000, 9);
    const mirrored = engine.softplus(x.map((z) => -z)).data;
    expectSameBits(
      engine.logSigmoid(x).data,
      mirrored.map((value) => -value),
    );
  });
});

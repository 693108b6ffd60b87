import { describe, it } from "vitest";
import { softplus as reference } from "../reference/index.ts";
import { describeElementwise } from "../support/elementwiseContract.ts";
import { engine } from "../support/engine.ts";
import { expectClose, expectSameBits } from "../support/matchers.ts";
import { softplus as bound } from "../support/tolerance.ts";

const INF = Infinity;

describe("softplus: values", () => {
  it("known values", () => {
    expectClose(
      engine.softplus([0, 100, 1000, -20]).data,
      [Math.LN2, 100, 1000, 2.0611536181902037e-9],
      bound,
    );
  });
});

describeElementwise("softplus", reference, bound);

describe("softplus: extremes and identities", () => {
  it("±∞, NaN and overflow of e^x", () => {
    expectSameBits(
      engine.softplus([INF, -INF, NaN, 3e38]).data,
      [INF, 0, NaN, 3e38].map(Math.fround),
    );
  });
});

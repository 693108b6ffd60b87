import { describe, expect, it } from "vitest";
import { createEngine } from "../../dist/index.js";
import { spamFilter, yesOrNo } from "../../examples/worked/binary.mjs";
import { classifyImage } from "../../examples/worked/classify.mjs";
import { lossAndGradient, threeWays } from "../../examples/worked/crossEntropy.mjs";
import { failures } from "../../examples/worked/naive.mjs";
import { softmaxOfFour } from "../../examples/worked/softmax.mjs";
import { expectClose } from "../support/matchers.ts";

const engine = createEngine();
const within = (tolerance: number) => ({ name: `${tolerance}`, allowed: () => tolerance });

describe("worked examples", () => {
  it("softmax of four logits", () => {
    const { probabilities, sum } = softmaxOfFour(engine);
    expectClose(probabilities, [0.16838508, 0.205666, 0.25120102, 0.37474789], within(1e-7));
    expectClose(sum, 1, within(3e-7));
  });

  it("mean cross entropy three ways: 0.839343", () => {
    const { fromOneHot, fromIndices, manual } = threeWays(engine);
    expectClose([fromOneHot, fromIndices, manual], Array(3).fill(0.839343), within(1e-6));
    const { loss, gradient } = lossAndGradient(engine);
    expectClose(loss, 0.127096, within(1e-6));
    expectClose(
      gradient.reduce((a, b) => a + b, 0),
      0,
      within(1e-7),
    );
  });

  it("an image to a class name; a yes/no answer; spam", () => {
    const image = classifyImage(engine);
    expectClose(image.probabilities, [0.8807, 0.0976, 0.0218], within(1e-4));
    expect(image.name).toBe("cat");
    const { probability, loss } = yesOrNo(engine);
    expectClose([probability, loss], [0.7685248, 0.2632825], within(1e-6));
    expect(spamFilter(engine).spam).toEqual([false, true, true, false]);
  });

  it("the naive formulas fail where ours do not", () => {
    for (const { naive, ours } of failures(engine)) {
      const values = [ours].flat();
      expect(values.every(Number.isFinite)).toBe(true);
      expect([naive].flat()).not.toEqual(values);
    }
  });
});

import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/createEngine.ts";
import {
  bitsPerByte,
  greedyMatch,
  logLikelihood,
  perplexity,
} from "../../src/evaluate/languageModel.ts";
import { score } from "../reference/index.ts";
import { expectClose } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { metricMean } from "../support/tolerance.ts";

const engine = createEngine();

describe("language model figures, as lm-evaluation-harness defines them", () => {
  const random = new Random(1);
  const x = random.normals(40 * 50, 3);
  const y = random.indices(40, 50, 0.2);
  const got = engine.score({ data: x, shape: [40, 50] }, y);
  const kept = score(x, [40, 50], y).filter((row) => row.rank >= 0);
  const total = kept.reduce((sum, row) => sum + row.targetLogprob, 0);

  it(`log-likelihood, perplexity, bits per byte: ${metricMean.name}`, () => {
    expect(logLikelihood(got).count).toBe(kept.length);
    expectClose(logLikelihood(got).sum, total, metricMean);
    expectClose(perplexity(got), Math.exp(-total / kept.length), {
      ...metricMean,
      allowed: (t) => 1e-5 * t,
    });
    expectClose(bitsPerByte(got, 123), -total / 123 / Math.log(2), metricMean);
    expect(perplexity(engine.score([[0, 0]], [0]))).toBeCloseTo(2, 6);
  });

  it("greedyMatch: every target is the argmax, the lowest class in ties; ignored rows do not count", () => {
    const rows = [
      [1, 3, 3],
      [5, 0, 0],
      [0, 0, 1],
    ];
    const match = (targets: number[]): boolean => greedyMatch(engine.score(rows, targets), targets);
    expect([match([1, 0, 2]), match([2, 0, 2]), match([1, 0, -100]), match([1, 1, 2])]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(() => greedyMatch(engine.score(rows, [0, 0, 0]), [0])).toThrow(
      "must be the number of rows = 3",
    );
  });

  it("nothing to count: NaN; a masked target: infinite", () => {
    expect(perplexity(engine.score([[1, 2]], [-100]))).toBeNaN();
    expect(perplexity(engine.score([[1, -Infinity]], [1]))).toBe(Infinity);
    expect(() => bitsPerByte(got, 0)).toThrow("bitsPerByte: bytes must be a finite number above 0");
  });
});

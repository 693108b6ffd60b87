/**
 * Full-batch fits against the true optimum, on real data.
 */
import { describe, expect, it } from "vitest";
import { LinearClassifier } from "../../src/train/classifier.ts";
import { type Regression, minimum, objective } from "../reference/logisticRegression.ts";
import { engine } from "../support/engine.ts";
import { fittedObjective } from "../support/tolerance.ts";
import { type Dataset, breastCancer, digits, featuresOf, iris, standardised, wine } from "./datasets.ts"; // prettier-ignore

const L2 = [1e-1, 1e-2, 1e-3];

const CASES: readonly (readonly [Dataset, "softmax" | "binary", boolean])[] = [
  [digits, "softmax", false],
  [iris, "softmax", true],
  [wine, "softmax", true],
  [breastCancer, "binary", true],
];

describe.each(
  CASES.map(([data, kind, standardize]) => ({ name: data.name, data, kind, standardize })),
)("$name, $kind", ({ data, kind, standardize }) => {
  // prettier-ignore
  const x = standardize ? standardised(data) : data.x;
  const outputs = kind === "binary" ? 1 : data.classes;
  let start: Float64Array | undefined;

  it.each(L2)("l2 = %f: the objective within 1e-6 of the float64 optimum", async (l2) => {
    const problem: Regression = { ...data, x, outputs, l2 };
    const best = minimum(problem, start);
    start = best.theta;
    expect(best.gradientNorm).toBeLessThan(1e-8);
    const model = new LinearClassifier(engine, { kind, classes: data.classes, l2, standardize });
    const before = engine.memory.liveBytes;
    const result = await model.fit(featuresOf(data), data.y);
    expect(engine.memory.liveBytes).toBe(before);
    expect(result.stopped).toBe("converged");
    const truth = objective(problem, [...model.weight.data, ...model.bias.data]);
    expect((truth - best.value) / best.value).toBeLessThan(fittedObjective);
    expect(Math.abs(model.objective - truth) / truth).toBeLessThan(fittedObjective);
  });
});

/**
 * Every oracle's gradient against central differences of its own loss, in float64.
 *
 * The logits are N(0, 2): neither saturated, where a wrong factor would hide behind 0, nor so large
 * that the loss outgrows the difference.
 */
import { describe, it } from "vitest";
import { centralDifference } from "../support/centralDifference.ts";
import { expectClose } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { centralDifference as bound } from "../support/tolerance.ts";
import { binaryCrossEntropyWithLogits } from "./binaryCrossEntropyWithLogits.ts";
import { crossEntropy, crossEntropyProbabilities } from "./crossEntropy.ts";
import { nllLoss } from "./nllLoss.ts";
import type { LossAndGradient, ReductionOptions } from "./reduction.ts";

/** The objective whose gradient `grad` claims to be: loss · upstream, or Σ_i loss_i · upstream_i. */
function objective(result: LossAndGradient, { upstream = 1 }: ReductionOptions): number {
  const { loss } = result;
  if (typeof loss === "number") return loss * (upstream as number);
  return loss.reduce(
    (total, value, i) =>
      total + value * (typeof upstream === "number" ? upstream : (upstream[i] as number)),
    0,
  );
}

function checkGradient(
  f: (x: ArrayLike<number>) => LossAndGradient,
  x: Float32Array,
  options: ReductionOptions,
  context: string,
): void {
  const numeric = centralDifference((at) => objective(f(at), options), x);
  expectClose(f(x).grad, numeric, bound, { context });
}

const random = new Random(7);
const SHAPE = [2, 4, 2];
const X = random.normals(16, 2);
const WEIGHT = random.uniforms(4, -0.5, 2);

const REDUCTIONS: ReductionOptions[] = [
  {},
  { reduction: "sum", upstream: -1.5 },
  { reduction: "none", upstream: [1, -2, 0.5, 3] },
  { divisor: "rows" },
  { divisor: "elements", upstream: 2 },
  { divisor: 3 },
];
const ROW_OPTIONS = [
  {},
  { labelSmoothing: 0.1 },
  { zLoss: 0.05 },
  { softcap: 3 },
  { temperature: 0.7 },
  { labelSmoothing: 0.3, zLoss: 0.02, softcap: 2.5, temperature: 1.7 },
];

describe("gradients: at most 1e-8 + 1e-8 relative from central differences", () => {
  for (const reduction of REDUCTIONS) {
    const title = JSON.stringify(reduction);

    it(`crossEntropy, indices and probabilities: ${title}`, () => {
      const y = [3, 0, -100, 1];
      const q = random.probabilities(4, 4).map((value, i) => (i === 5 ? -0.3 : value));
      for (const rowOptions of ROW_OPTIONS) {
        for (const weight of [undefined, WEIGHT]) {
          const options = { axis: 1, ...reduction, ...rowOptions, ...(weight && { weight }) };
          const context = JSON.stringify(options);
          checkGradient((x) => crossEntropy(x, SHAPE, y, options), X, options, context);
          const soft = (x: ArrayLike<number>): LossAndGradient =>
            crossEntropyProbabilities(x, SHAPE, q, options);
          checkGradient(soft, X, options, context);
        }
      }
    });

    it(`nllLoss: ${title}`, () => {
      const options = { axis: 1, weight: WEIGHT, ...reduction };
      checkGradient((x) => nllLoss(x, SHAPE, [3, 0, -100, 1], options), X, options, title);
    });

    it(`binaryCrossEntropyWithLogits: ${title}`, () => {
      const z = random.uniforms(16, -0.2, 1.3).map((value, i) => (i % 5 === 0 ? 9 : value));
      const upstream = typeof reduction.upstream === "object" ? X : (reduction.upstream ?? 1);
      const common = { ...reduction, upstream, ignoreIndex: 9 };
      for (const options of [
        common,
        { ...common, labelSmoothing: 0.2 },
        { ...common, posWeight: [3, 0.5], weight: { data: WEIGHT, shape: [4, 1] } },
      ]) {
        const f = (x: ArrayLike<number>): LossAndGradient =>
          binaryCrossEntropyWithLogits(x, SHAPE, z, options);
        checkGradient(f, X, options, JSON.stringify(options));
      }
    });
  }
});

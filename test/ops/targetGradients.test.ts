/** Gradients with respect to soft targets of the losses that reshape cross entropy. */
import { describe, expect, it } from "vitest";
import { focalLoss } from "../reference/focalLoss.ts";
import { polyLoss } from "../reference/polyLoss.ts";
import { sigmoidFocalLoss } from "../reference/sigmoidFocalLoss.ts";
import { sum } from "../reference/sum.ts";
import { centralDifference } from "../support/centralDifference.ts";
import { engine, segments, tiles } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { expectClose, expectSameBits, expectZeros } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import * as bounds from "../support/tolerance.ts";

const random = new Random(113);
const ROWS = 3;
const CLASSES = 6;
const shape = [ROWS, CLASSES];
const LOGITS = random.normals(ROWS * CLASSES, 2);
const PROBABILITIES = random.probabilities(ROWS, CLASSES);
const WEIGHT = [0.5, 1, 2, 0, 1.5, 3];
const ALPHA = [1, 0.25, 0.5, 2, 1, 0.75];
const x = { data: LOGITS, shape };
const q = { data: PROBABILITIES, shape };
/** 0 in some places, where only the derivative is not 0. */
PROBABILITIES[4] = 0;

/** Σ of a loss of rows with shares t = w · (q · keep + (1 − keep) / C), by q. */
function byRows(
  loss: (row: Float64Array, t: Float64Array) => number,
  factors: readonly number[],
  keep: number,
): (targets: ArrayLike<number>) => number {
  const row = (values: ArrayLike<number>, i: number): Float64Array =>
    Float64Array.from({ length: CLASSES }, (_unused, c) => values[i * CLASSES + c]!);
  return (targets) =>
    sum(
      [0, 1, 2].map((i) =>
        loss(
          row(LOGITS, i),
          row(targets, i).map((p, c) => factors[c]! * (p * keep + (1 - keep) / CLASSES)),
        ),
      ),
    );
}

type Loss = (
  x: unknown,
  targets: unknown,
  options: object,
) => { readonly [grad in "grad" | "gradTargets"]: { readonly data: Float32Array } };

const LOSSES = (["focalLoss", "polyLoss", "sigmoidFocalLoss"] as const).map((name) => ({
  name,
  loss: engine[name].bind(engine) as unknown as Loss,
}));

const options = { labelSmoothing: 0.2, zLoss: 0.01, softcap: 5, temperature: 1.5 };

describe(`gradTargets: ${bounds.lossGradient.name} of float64 central differences`, () => {
  for (const gamma of [0, 0.5, 2]) {
    it(`focalLoss, γ = ${gamma}`, () => {
      const given = { gamma, weight: WEIGHT, alpha: ALPHA, ...options };
      const factors = WEIGHT.map((w, c) => w * ALPHA[c]!);
      const truth = centralDifference(
        byRows((row, t) => focalLoss(row, t, { gamma, ...options }), factors, 0.8),
        PROBABILITIES,
      );
      for (const on of [engine, tiles, segments]) {
        const got = on.focalLoss(x, q, { ...given, reduction: "sum", gradTargets: true });
        expectClose(got.gradTargets.data, truth, bounds.lossGradient);
      }
      const mean = engine.focalLoss(x, q, { ...given, gradTargets: true, grad: true });
      const expected = truth.map((v) => v / ROWS);
      expectClose(mean.gradTargets.data, expected, bounds.lossGradient);
      const alone = engine.focalLoss(x, q, { ...given, grad: true });
      expect(mean.loss).toBe(alone.loss);
      expectSameBits(mean.grad.data, alone.grad.data);
    });
  }

  it("polyLoss", () => {
    const epsilon = -0.5;
    const truth = centralDifference(
      byRows((row, t) => polyLoss(row, t, { epsilon, ...options }), WEIGHT, 0.8),
      PROBABILITIES,
    );
    const given = { epsilon, weight: WEIGHT, ...options, reduction: "sum" } as const;
    const got = engine.polyLoss(x, q, { ...given, gradTargets: true });
    expectClose(got.gradTargets.data, truth, bounds.lossGradient);
  });

  for (const given of [
    {},
    { alpha: 0.25 },
    { gamma: 0 },
    { gamma: 0.5, alpha: 0.7, labelSmoothing: 0.1 },
    { gamma: 3, labelSmoothing: 0.2 },
  ]) {
    it(`sigmoidFocalLoss ${JSON.stringify(given)}`, () => {
      const posWeight = 1.5;
      const truth = centralDifference(
        (labels) =>
          sum(
            Array.from(
              labels,
              (z, i) => WEIGHT[i % CLASSES]! * sigmoidFocalLoss(LOGITS[i]!, z, given, posWeight),
            ),
          ),
        Float32Array.from(PROBABILITIES, (p) => 0.1 + 0.8 * p),
      );
      const labels = Float32Array.from(PROBABILITIES, (p) => 0.1 + 0.8 * p);
      const all = { ...given, weight: WEIGHT, posWeight, reduction: "sum" } as const;
      for (const on of [engine, tiles]) {
        const got = on.sigmoidFocalLoss(x, labels, { ...all, gradTargets: true, grad: true });
        expectClose(got.gradTargets.data, truth, bounds.lossGradient);
        const alone = on.sigmoidFocalLoss(x, labels, { ...all, grad: true });
        expect(got.loss).toBe(alone.loss);
        expectSameBits(got.grad.data, alone.grad.data);
      }
    });
  }
});

describe("gradTargets: identities and extremes", () => {
  it("γ = 0 is that of cross entropy", () => {
    const plain = engine.crossEntropy(x, q, { gradTargets: true }).gradTargets.data;
    const focal = engine.focalLoss(x, q, { gamma: 0, gradTargets: true }).gradTargets.data;
    expectClose(focal, Array.from(plain), bounds.lossGradient);
    const labels = { data: PROBABILITIES, shape };
    const binary = engine.binaryCrossEntropyWithLogits(x, labels, { gradTargets: true });
    const sigmoid = engine.sigmoidFocalLoss(x, labels, { gamma: 0, gradTargets: true });
    expectClose(sigmoid.gradTargets.data, Array.from(binary.gradTargets.data), bounds.lossGradient);
  });

  it("masks, zero weights and upstream 0: exactly 0, even beside NaN", () => {
    const spoiled = { data: LOGITS.slice().fill(NaN, 0, CLASSES), shape };
    const masks = { rowMask: [0, 1, 1], classMask: [1, 0, 1, 1, 1, 1], weight: WEIGHT };
    for (const { name, loss } of LOSSES) {
      const { gradTargets } = loss(spoiled, q, { ...masks, gradTargets: true });
      expectZeros(gradTargets.data.subarray(0, CLASSES));
      const rest = gradTargets.data.subarray(CLASSES);
      rest.forEach((v, i) => {
        const out = [1, 3].includes(i % CLASSES);
        expect(Number.isFinite(v) && (v === 0) === out, `${name} ${i}: ${v}`).toBe(true);
      });
      expectZeros(loss(x, q, { upstream: 0, gradTargets: true }).gradTargets.data);
    }
  });

  it("in place over the targets; sigmoidFocalLoss of confident elements is finite", () => {
    const own = PROBABILITIES.slice();
    const truth = engine.focalLoss(x, q, { gradTargets: true }).gradTargets.data;
    engine.focalLoss(x, { data: own, shape }, { gradTargets: "inPlace" });
    expectSameBits(own, truth);
    for (const { loss } of LOSSES) {
      const apart = loss(x, q, { grad: true, gradTargets: true });
      const logits = engine.tensor(shape);
      const targets = engine.tensor(shape);
      logits.data.set(LOGITS);
      targets.data.set(PROBABILITIES);
      loss(logits, targets, { grad: "inPlace", gradTargets: "inPlace" });
      expectSameBits(logits.data, apart.grad.data);
      expectSameBits(targets.data, apart.gradTargets.data);
      logits.dispose();
      targets.dispose();
    }
    for (const gamma of [0.5, 2]) {
      const far = { gamma, gradTargets: true, reduction: "sum" } as const;
      const { gradTargets } = engine.sigmoidFocalLoss([1000, -1000], [1, 0], far);
      expectZeros(gradTargets.data);
    }
  });

  it("not with class indices", () => {
    expectError(
      () => engine.focalLoss(x, [0, 1, 2], { gradTargets: true }),
      "ERR_ARGUMENT_VALUE",
      "focalLoss: gradTargets must not be asked for with class indices, got true",
    );
  });
});

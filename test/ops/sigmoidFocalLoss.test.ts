import { describe, expect, it } from "vitest";
import { sigmoidFocalLoss } from "../reference/sigmoidFocalLoss.ts";
import { engine } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { SHORT_LENGTHS } from "../support/lengths.ts";
import { describeLossContract } from "../support/lossContract.ts";
import { elementDenominators, elementLosses } from "../support/lossRows.ts";
import { expectClose, expectZeros } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import * as bounds from "../support/tolerance.ts";

const random = new Random(71);
const ROWS = 3;
const CLASSES = 4;
const shape = [ROWS, CLASSES];
const LOGITS = random.normals(ROWS * CLASSES, 2);
const LABELS = Array.from({ length: ROWS * CLASSES }, (_unused, i) => [0, 1, 0.3, 0.8][i % 4]!);

describe("sigmoidFocalLoss: values", () => {
  it("torchvision's α = 0.25, γ = 2 at (1.2, 1) and (−0.7, 0)", () => {
    // 0.25 · σ(−1.2)² · 0.263282466 and 0.75 · σ(−0.7)² · 0.403186049
    const { loss } = engine.sigmoidFocalLoss([1.2, -0.7], [1, 0], {
      alpha: 0.25,
      reduction: "none",
    });
    expectClose(loss, [0.0035267194, 0.0332928933], { name: "6 digits", allowed: (t) => 1e-6 * t });
  });
});

for (const [title, options] of [
  ["γ = 2", {}],
  ["α and γ = 0.5", { gamma: 0.5, alpha: 0.25 }],
  ["γ = 3.5, smoothed", { gamma: 3.5, alpha: 0.7, labelSmoothing: 0.2 }],
  ["γ = 0", { gamma: 0 }],
] as const) {
  describeLossContract({
    title: `sigmoidFocalLoss, ${title}`,
    logits: LOGITS,
    shape,
    classes: CLASSES,
    rows: ROWS,
    spare: 2,
    bound: bounds.focalLossConfident,
    call: (on, x, more) => on.sigmoidFocalLoss(x, LABELS, { ...options, ...more }),
    losses: (x, left) =>
      elementLosses(x, CLASSES, left, (value, i) => sigmoidFocalLoss(value, LABELS[i]!, options)),
    denominators: (left) => elementDenominators(ROWS * CLASSES, CLASSES, left),
  });
}

const WEIGHT = [0.5, 0, 2, 1];
describeLossContract({
  title: "sigmoidFocalLoss, weight, posWeight and an ignored label",
  logits: LOGITS,
  shape,
  classes: CLASSES,
  rows: ROWS,
  spare: 3,
  bound: bounds.focalLossConfident,
  call: (on, x, more) =>
    on.sigmoidFocalLoss(x, LABELS, {
      weight: WEIGHT,
      posWeight: [3],
      ignoreIndex: [0, 7],
      ...more,
    }),
  losses: (x, left) =>
    elementLosses(x, CLASSES, left, (value, i) =>
      LABELS[i] === 0 ? 0 : WEIGHT[i % CLASSES]! * sigmoidFocalLoss(value, LABELS[i]!, {}, 3),
    ),
  denominators: (left) => ({
    ...elementDenominators(ROWS * CLASSES, CLASSES, left, (i) => LABELS[i] === 0),
    nonzero: elementDenominators(
      ROWS * CLASSES,
      CLASSES,
      left,
      (i) => LABELS[i] === 0 || WEIGHT[i % CLASSES] === 0,
    ).valid,
  }),
});

describe(`sigmoidFocalLoss: lengths, ${bounds.focalLossConfident.name}`, () => {
  for (const length of SHORT_LENGTHS) {
    it(`${length} elements`, () => {
      const x = random.normals(length, 4);
      const z = random.uniforms(length).map(Math.round);
      const truth = x.map((value, i) => sigmoidFocalLoss(value, z[i]!));
      const got = engine.sigmoidFocalLoss(x, z, { reduction: "none" }).loss;
      expectClose(got, truth, bounds.focalLossConfident, { input: x });
    });
  }
});

describe("sigmoidFocalLoss: extremes", () => {
  it("confident elements keep their relative accuracy", () => {
    for (const x of [5, 10, 20]) {
      for (const gamma of [0, 0.5, 2]) {
        const truth = sigmoidFocalLoss(x, 1, { gamma });
        for (const [logit, label] of [
          [x, 1],
          [-x, 0],
        ] as const) {
          const got = engine.sigmoidFocalLoss([logit], [label], { gamma, grad: true });
          expectClose(got.loss, truth, bounds.focalLossConfident);
          expect(Math.sign(got.grad.data[0]!)).toBe(label === 1 ? -1 : 1);
        }
      }
    }
  });
  it("±∞: 0 beside the agreeing label, +∞ beside the other, gradients finite", () => {
    const options = { reduction: "none", grad: true } as const;
    for (const gamma of [0, 0.5, 2]) {
      const x = [Infinity, -Infinity, Infinity, -Infinity];
      const { loss, grad } = engine.sigmoidFocalLoss(x, [1, 0, 0, 1], { gamma, ...options });
      expect(Array.from(loss)).toEqual([0, 0, Infinity, Infinity]);
      expect(Array.from(grad.data, Math.abs)).toEqual([0, 0, 1, 1]);
    }
  });
  it("weight 0 beside NaN is 0", () => {
    const { lossSum, grad } = engine.sigmoidFocalLoss([NaN], [1], { weight: [0], grad: true });
    expect(lossSum).toBe(0);
    expectZeros(grad.data);
  });
});

describe("sigmoidFocalLoss: identities and errors", () => {
  it("γ = 0 is binary cross entropy within its bound", () => {
    const plain = engine.binaryCrossEntropyWithLogits({ data: LOGITS, shape }, LABELS);
    const focal = engine.sigmoidFocalLoss({ data: LOGITS, shape }, LABELS, { gamma: 0 });
    expectClose(plain.loss, focal.loss, bounds.binaryCrossEntropyMean);
  });
  it("names alpha", () => {
    expectError(
      () => engine.sigmoidFocalLoss([1], [1], { alpha: 2 }),
      "ERR_ARGUMENT_VALUE",
      "sigmoidFocalLoss: alpha must be a finite number in [0, 1], got 2",
    );
    expectError(
      () => engine.sigmoidFocalLoss([1, 2], [1]),
      "ERR_SHAPE",
      "sigmoidFocalLoss: targets must have the logits' shape [2], got shape [1]",
    );
  });
});

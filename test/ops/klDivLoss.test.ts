import { describe, expect, it } from "vitest";
import { klDivLoss } from "../reference/klDivLoss.ts";
import { logSoftmax } from "../reference/logSoftmax.ts";
import { centralDifference } from "../support/centralDifference.ts";
import { engine } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { SHORT_LENGTHS } from "../support/lengths.ts";
import { describeLossContract } from "../support/lossContract.ts";
import { elementDenominators, elementLosses } from "../support/lossRows.ts";
import { expectClose, expectSameBits, expectZeros } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import * as bounds from "../support/tolerance.ts";

const random = new Random(89);
const ROWS = 3;
const CLASSES = 4;
const shape = [ROWS, CLASSES];
const LOGITS = Float32Array.from(logSoftmax(random.normals(ROWS * CLASSES, 2), shape));
const PROBABILITIES = random.probabilities(ROWS, CLASSES).map((p, i) => (i === 5 ? 0 : p));
const LOGS = Float32Array.from(PROBABILITIES, Math.log);

for (const logTarget of [false, true]) {
  const targets = logTarget ? LOGS : PROBABILITIES;
  describeLossContract({
    title: `klDivLoss, logTarget ${logTarget}`,
    logits: LOGITS,
    shape,
    classes: CLASSES,
    rows: ROWS,
    spare: 2,
    isLinear: true,
    bound: { name: "1e-7 + 2 ULP", allowed: (truth) => 1e-7 + 2.4e-7 * Math.abs(truth) },
    call: (on, x, more) => on.klDivLoss(x, { data: targets, shape }, { logTarget, ...more }),
    losses: (x, left) =>
      elementLosses(x, CLASSES, left, (value, i) => klDivLoss(value, targets[i]!, logTarget)),
    denominators: (left) => ({
      ...elementDenominators(ROWS * CLASSES, CLASSES, left),
      rows: left.row === undefined ? ROWS : ROWS - 1,
    }),
  });
}

/** semantics of PyTorch: x = logSoftmax([[1, 2, 3], [0, 0, 0]]), P. */
const X = engine.logSoftmax([
  [1, 2, 3],
  [0, 0, 0],
]);
const P = [
  [0.5, 0.3, 0.2],
  [0.1, 0.1, 0.8],
];

describe("klDivLoss: values", () => {
  it("PyTorch's mean .18958886 and batchmean .56876659", () => {
    const six = { name: "2e-7", allowed: () => 2e-7 };
    expectClose(engine.klDivLoss(X, P).loss, 0.18958886, six);
    expectClose(engine.klDivLoss(X, P, { reduction: "batchmean" }).loss, 0.56876659, six);
    const logs = P.map((row) => row.map(Math.log));
    expectClose(engine.klDivLoss(X, logs, { logTarget: true }).loss, 0.18958886, six);
  });
  it("batchmean: the first axis of three; the rows kept of two", () => {
    const x = { data: LOGITS, shape: [1, ROWS, CLASSES] };
    const { lossSum, loss } = engine.klDivLoss(x, PROBABILITIES, { reduction: "batchmean" });
    expect(loss).toBe(lossSum);
    const rowMask = [true, false, true];
    const two = { data: LOGITS, shape };
    const masked = engine.klDivLoss(two, PROBABILITIES, { reduction: "batchmean", rowMask });
    expect(masked.loss).toBe(masked.lossSum / 2);
  });
  it("lengths: 1e-7 + 2 ULP", () => {
    for (const length of SHORT_LENGTHS) {
      const x = random.uniforms(length, -9, 0);
      const t = random.uniforms(length);
      const truth = x.map((value, i) => klDivLoss(value, t[i]!));
      const got = engine.klDivLoss(x, t, { reduction: "none" }).loss;
      expectClose(got, truth, { name: "", allowed: (v) => 1e-7 + 2.4e-7 * Math.abs(v) });
    }
  });
});

describe("klDivLoss: extremes", () => {
  it("target 0 is 0 beside −∞ and NaN, with gradients 0", () => {
    for (const [t, logTarget] of [
      [0, false],
      [-Infinity, true],
    ] as const) {
      const options = { logTarget, reduction: "none", grad: true, gradTargets: true } as const;
      const got = engine.klDivLoss([-Infinity, NaN], Float32Array.of(t, t), options);
      expectZeros(got.loss);
      expectZeros(got.grad.data);
      expectZeros(got.gradTargets.data);
    }
  });
  it("−∞ beside a target with mass is +∞ with a finite gradient", () => {
    const { loss, grad } = engine.klDivLoss([-Infinity], Float32Array.of(0.5), { grad: true });
    expect([loss, grad.data[0]]).toEqual([Infinity, -0.5]);
  });
});

describe("klDivLoss: the gradient of targets", () => {
  it(`central differences: ${bounds.lossGradient.name}`, () => {
    for (const logTarget of [false, true]) {
      const targets = (logTarget ? LOGS : PROBABILITIES).map((t) =>
        t === 0 || t === -Infinity ? 0.25 : t,
      );
      const { gradTargets } = engine.klDivLoss({ data: LOGITS, shape }, targets, {
        logTarget,
        reduction: "sum",
        upstream: 2,
        gradTargets: true,
      });
      const truth = centralDifference(
        (t) => 2 * t.reduce((sum, v, i) => sum + klDivLoss(LOGITS[i]!, v, logTarget), 0),
        targets,
      );
      expectClose(gradTargets.data, truth, bounds.lossGradient);
    }
  });
  it("into arrays of the caller's; the two must not be one", () => {
    const targets = PROBABILITIES.slice();
    const { gradTargets } = engine.klDivLoss({ data: LOGITS, shape }, targets, {
      gradTargets: true,
    });
    engine.klDivLoss({ data: LOGITS, shape }, { data: targets, shape }, { gradTargets: "inPlace" });
    expectSameBits(targets, gradTargets.data);
    const both = new Float32Array(LOGITS.length);
    expectError(
      () => engine.klDivLoss(LOGITS, PROBABILITIES, { grad: both, gradTargets: both }),
      "ERR_ARGUMENT_VALUE",
      "klDivLoss: gradTargets must not overlap another argument, got memory that both share; pass an array of its own, or the logits array itself",
    );
  });
});

describe("klDivLoss: errors", () => {
  it("names shapes and reductions", () => {
    expectError(
      () => engine.klDivLoss([[1, 2]], [[1, 0, 0]]),
      "ERR_SHAPE",
      "klDivLoss: targets must have the logits' shape [1, 2], got shape [1, 3]",
    );
    expectError(
      () => engine.klDivLoss([[1, 2]], [[1, 0]], { reduction: "batchMean" as "mean" }),
      "ERR_ARGUMENT_VALUE",
      'klDivLoss: reduction must be "none" or "mean" or "batchmean" or "sum", got "batchMean"',
    );
  });
});

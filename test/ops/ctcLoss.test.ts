import { describe, expect, it } from "vitest";
import { ctcLoss } from "../reference/ctcLoss.ts";
import { logSoftmax } from "../reference/logSoftmax.ts";
import { centralDifference } from "../support/centralDifference.ts";
import { engine } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { type LeftOut, describeLossContract } from "../support/lossContract.ts";
import { keptIndex } from "../support/lossRows.ts";
import { expectClose, expectSameBits, expectZeros } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import * as bounds from "../support/tolerance.ts";

const random = new Random(101);
const [TIME, SAMPLES, CLASSES] = [5, 3, 4];
const shape = [TIME, SAMPLES, CLASSES];
const LOGITS = Float32Array.from(logSoftmax(random.normals(TIME * SAMPLES * CLASSES, 1), shape));
const LISTS = [[1, 1], [3], [1, 3, 1]];
const STEPS = [5, 3, 4];

/** Log-probabilities of sample n, without the class left out. */
function sample(x: ArrayLike<number>, n: number, steps: number, left: LeftOut = {}): number[] {
  const rows: number[] = [];
  for (let t = 0; t < steps; t++) {
    for (let c = 0; c < CLASSES; c++) {
      if (c !== left.class) rows.push(x[(t * SAMPLES + n) * CLASSES + c]!);
    }
  }
  return rows;
}

const losses = (x: ArrayLike<number>, left: LeftOut) =>
  Float64Array.from(LISTS, (labels, n) => {
    if (n === left.row) return 0;
    const kept = left.class === undefined ? CLASSES : CLASSES - 1;
    const own = labels.map((y) => keptIndex(y, left));
    return ctcLoss(sample(x, n, STEPS[n]!, left), kept, own, 0);
  });

const rows = (left: LeftOut) => (left.row === undefined ? SAMPLES : SAMPLES - 1);

describeLossContract({
  title: "ctcLoss, mean over samples",
  logits: LOGITS,
  shape,
  classes: CLASSES,
  rows: SAMPLES,
  spare: 2,
  bound: bounds.ctcLoss,
  call: (on, x, more) => on.ctcLoss(x, LISTS, { inputLengths: STEPS, divisor: "valid", ...more }),
  losses: (x, left) => losses(x, left),
  denominators: (left) => ({
    weights: rows(left),
    valid: rows(left),
    rows: SAMPLES,
    elements: TIME * SAMPLES * (left.class === undefined ? CLASSES : CLASSES - 1),
  }),
  rowElements: (n) =>
    Array.from(
      { length: TIME * CLASSES },
      (_unused, i) => (Math.floor(i / CLASSES) * SAMPLES + n) * CLASSES + (i % CLASSES),
    ),
});

const data = { data: LOGITS, shape };
const options = { inputLengths: STEPS } as const;

describe("ctcLoss: values", () => {
  it("two steps, label 1: p₁p₁ + p₀p₁ + p₁p₀ of [1, 2, 3] and [3, 2, 1]", () => {
    const x = engine.logSoftmax([[[1, 2, 3]], [[3, 2, 1]]]);
    const [p, q] = [engine.softmax([1, 2, 3]).data, engine.softmax([3, 2, 1]).data];
    const truth = -Math.log(p[1]! * q[1]! + p[0]! * q[1]! + p[1]! * q[0]!);
    expectClose(engine.ctcLoss(x, [[1]]).loss, truth, bounds.ctcLoss);
  });
  it("the default mean divides each loss by its target length first, as PyTorch", () => {
    const each = losses(LOGITS, {});
    const truth = each.reduce((sum, loss, n) => sum + loss / LISTS[n]!.length, 0) / SAMPLES;
    const got = engine.ctcLoss(data, LISTS, { ...options, grad: true });
    expectClose(got.loss, truth, bounds.ctcLoss);
    const numeric = centralDifference(
      (x) => losses(x, {}).reduce((sum, loss, n) => sum + loss / LISTS[n]!.length, 0) / SAMPLES,
      LOGITS,
    );
    expectClose(got.grad.data, numeric, bounds.lossGradient);
  });
  it("compat: torch divides by lengths, keras and optax by samples", () => {
    const mean = losses(LOGITS, {}).reduce((sum, loss) => sum + loss, 0) / SAMPLES;
    for (const compat of ["keras", "tensorflow", "optax"] as const) {
      expectClose(engine.ctcLoss(data, LISTS, { ...options, compat }).loss, mean, bounds.ctcLoss);
    }
    const torch = engine.ctcLoss(data, LISTS, { ...options, compat: "torch" });
    expect(torch.loss).toBe(engine.ctcLoss(data, LISTS, options).loss);
    expect(torch.explain?.divisor).toBe("weights");
  });
  it("another blank", () => {
    const truth = ctcLoss(sample(LOGITS, 0, 5), CLASSES, [1, 0], 3);
    const one = { data: Float32Array.from(sample(LOGITS, 0, 5)), shape: [5, CLASSES] };
    const got = engine.ctcLoss(one, [1, 0], { blank: 3, reduction: "sum" });
    expectClose(got.loss, truth, bounds.ctcLoss);
  });
});

describe("ctcLoss: forms of targets", () => {
  it("lists, one flat array with lengths, and a padded array: the same bits", () => {
    const lists = engine.ctcLoss(data, LISTS, { ...options, grad: true });
    for (const targets of [Int32Array.from(LISTS.flat()), LISTS.flat()]) {
      const flat = engine.ctcLoss(data, targets, {
        ...options,
        targetLengths: [2, 1, 3],
        grad: true,
      });
      expect(flat.loss).toBe(lists.loss);
      expectSameBits(flat.grad.data, lists.grad.data);
    }
    const padded = { data: Int32Array.of(1, 1, 0, 3, 0, 0, 1, 3, 1), shape: [3, 3] };
    const got = engine.ctcLoss(data, padded, { ...options, targetLengths: [2, 1, 3] });
    expect(got.loss).toBe(lists.loss);
  });
});

describe("ctcLoss: extremes", () => {
  it("no alignment: +∞ and gradient 0, or 0 with zeroInfinity", () => {
    const x = { data: LOGITS.subarray(0, 2 * CLASSES), shape: [2, CLASSES] };
    const got = engine.ctcLoss(x, [1, 1], { grad: true });
    expect(got.loss).toBe(Infinity);
    expectZeros(got.grad.data);
    expect(engine.ctcLoss(x, [1, 1], { zeroInfinity: true }).loss).toBe(0);
    expect(engine.ctcLoss(x, [1, 1], { inputLengths: [0] }).loss).toBe(Infinity);
  });
  it("no labels: all blanks; no labels and no steps: 0", () => {
    const x = { data: LOGITS.subarray(0, 2 * CLASSES), shape: [2, CLASSES] };
    const got = engine.ctcLoss(x, [[]], { grad: true });
    expectClose(got.loss, -LOGITS[0]! - LOGITS[CLASSES]!, bounds.ctcLoss);
    expectClose(got.grad.data, [-1, 0, 0, 0, -1, 0, 0, 0], bounds.lossGradient);
    expect(engine.ctcLoss(x, [[]], { inputLengths: [0] }).loss).toBe(0);
  });
  it("long sequences stay finite: 400 steps, Σ_c gradient = −1 at every step", () => {
    const x = engine.logSoftmax({ data: random.normals(400 * 6, 3), shape: [400, 6] });
    const labels = Array.from({ length: 90 }, (_unused, s) => 1 + (s % 5));
    const { loss, grad } = engine.ctcLoss(x, labels, { reduction: "sum", grad: true });
    expect(loss).toBeGreaterThan(0);
    expect(Number.isFinite(loss)).toBe(true);
    for (let t = 0; t < 400; t++) {
      const row = grad.data.subarray(t * 6, t * 6 + 6);
      expectClose(
        row.reduce((sum, g) => sum + g, 0),
        -1,
        bounds.lossGradient,
      );
    }
  });
  it("−∞ for a class that a label needs: +∞; for another: no change of the loss", () => {
    const masked = (c: number) => LOGITS.map((v, i) => (i % CLASSES === c ? -Infinity : v));
    const at = engine.ctcLoss({ data: masked(3), shape }, LISTS, { reduction: "none", grad: true });
    expect(Array.from(at.loss, Number.isFinite)).toEqual([true, false, false]);
    expect(at.grad.data.some(Number.isNaN)).toBe(false);
    const spare = engine.ctcLoss({ data: masked(2), shape }, LISTS, options);
    expect(spare.loss).toBe(engine.ctcLoss(data, LISTS, options).loss);
  });
});

describe("ctcLoss: errors", () => {
  it("names labels, lengths and shapes", () => {
    expectError(
      () => engine.ctcLoss(data, [[1], [4], [1]]),
      "ERR_TARGET_RANGE",
      "ctcLoss: targets[1][0] must be in [0, 4), got 4",
    );
    expectError(
      () => engine.ctcLoss(data, [[1], [0], [1]]),
      "ERR_TARGET_RANGE",
      "ctcLoss: targets[1][0] must not be the blank (0), got 0",
    );
    expectError(
      () => engine.ctcLoss(data, [[1], [1]]),
      "ERR_SHAPE",
      "ctcLoss: targets must hold a list for each of 3 samples, got 2 lists",
    );
    expectError(
      () => engine.ctcLoss(data, Int32Array.of(1, 1, 1)),
      "ERR_SHAPE",
      "ctcLoss: targets must come with targetLengths where it is one flat array, got none",
    );
    expectError(
      () => engine.ctcLoss(data, LISTS, { inputLengths: [1, 2, 6] }),
      "ERR_ARGUMENT_VALUE",
      "ctcLoss: inputLengths[2] must be an integer in [0, 5], got 6",
    );
    expectError(
      () => engine.ctcLoss(new Float32Array(4), [[1]]),
      "ERR_SHAPE",
      "ctcLoss: logProbs must have shape (T, N, C) or (T, C), got shape [4]",
    );
    expectError(
      () => engine.ctcLoss(data, LISTS, { classMask: [0, 1, 1, 1] }),
      "ERR_ARGUMENT_VALUE",
      "ctcLoss: blank must be a class that classMask keeps, got 0",
    );
  });
});

import { describe, expect, it } from "vitest";
import { logUniformCount, sampledSoftmaxLoss } from "../reference/sampledSoftmaxLoss.ts";
import { centralDifference } from "../support/centralDifference.ts";
import { engine, makeEngine, segments, tiles } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { expectClose, expectSameBits, expectZeros } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import * as bounds from "../support/tolerance.ts";

const random = new Random(107);
const CLASSES = 50;
const SAMPLED = [0, 7, 3, 31];
const TARGETS = [3, 12, -100, 49];
const ROWS = TARGETS.length;
const WIDTH = SAMPLED.length + 1;
const shape = [ROWS, WIDTH];
const LOGITS = random.normals(ROWS * WIDTH, 2);
const base = { sampled: SAMPLED, classes: CLASSES } as const;

const losses = (
  x: ArrayLike<number>,
  removeHits = true,
  count = (k: number) => logUniformCount(k, CLASSES, 4),
) =>
  TARGETS.map((y, i) => {
    const row = Float64Array.from({ length: WIDTH }, (_unused, c) => x[i * WIDTH + c]!);
    return y < 0 ? 0 : sampledSoftmaxLoss(row, y, SAMPLED, count, removeHits);
  });
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const bound = { name: "1e-6 + 1e-6 relative", allowed: (t: number) => 1e-6 + 1e-6 * Math.abs(t) };

describe("sampledSoftmaxLoss", () => {
  it(`values and gradient: ${bound.name}, ${bounds.lossGradient.name}`, () => {
    for (const on of [engine, tiles, segments]) {
      for (const removeAccidentalHits of [true, false]) {
        const options = { ...base, removeAccidentalHits } as const;
        const got = on.sampledSoftmaxLoss({ data: LOGITS, shape }, TARGETS, {
          ...options,
          grad: true,
        });
        expectClose(got.loss, sum(losses(LOGITS, removeAccidentalHits)) / 3, bound);
        expect(got.count).toBe(3);
        const numeric = centralDifference((x) => sum(losses(x, removeAccidentalHits)) / 3, LOGITS);
        expectClose(got.grad.data, numeric, bounds.lossGradient);
        const each = on.sampledSoftmaxLoss({ data: LOGITS, shape }, TARGETS, {
          ...options,
          reduction: "none",
        });
        expectClose(each.loss, losses(LOGITS, removeAccidentalHits), bound);
      }
    }
  });
  it("an accidental hit has gradient 0", () => {
    const { grad } = engine.sampledSoftmaxLoss({ data: LOGITS, shape }, TARGETS, {
      ...base,
      grad: true,
    });
    expect(grad.data[1 + SAMPLED.indexOf(3)]).toBe(0);
  });
  it("uniform sampler, tries and counts of one's own", () => {
    const uniform = losses(LOGITS, true, () => 1 - (1 - 1 / CLASSES) ** 9);
    const options = { ...base, sampler: "uniform", tries: 9, reduction: "sum" } as const;
    expectClose(
      engine.sampledSoftmaxLoss({ data: LOGITS, shape }, TARGETS, options).loss,
      sum(uniform),
      bound,
    );
    const own = losses(LOGITS, true, (k) => 0.1 + k / 100);
    const counts = {
      targetCounts: TARGETS.map((y) => 0.1 + Math.max(0, y) / 100),
      sampledCounts: SAMPLED.map((k) => 0.1 + k / 100),
      reduction: "sum",
    } as const;
    expectClose(
      engine.sampledSoftmaxLoss({ data: LOGITS, shape }, TARGETS, { ...base, ...counts }).loss,
      sum(own),
      bound,
    );
  });
  it("every class sampled once with equal counts is cross entropy", () => {
    const logits = [0.3, -1, 2, 0.5];
    const got = engine.sampledSoftmaxLoss([[logits[2]!, ...logits]], [2], {
      sampled: [0, 1, 2, 3],
      classes: 4,
      sampler: "uniform",
    });
    expectClose(got.loss, engine.crossEntropy(logits, [2]).loss, bound);
  });
  it("an ignored or masked row is 0 beside NaN; in place and tensors give the same bits", () => {
    const spoiled = LOGITS.map((value, i) => (Math.floor(i / WIDTH) === 2 ? NaN : value));
    const clean = engine.sampledSoftmaxLoss({ data: LOGITS, shape }, TARGETS, {
      ...base,
      grad: true,
    });
    const got = engine.sampledSoftmaxLoss({ data: spoiled, shape }, TARGETS, {
      ...base,
      grad: "inPlace",
    });
    expect(got.loss).toBe(clean.loss);
    expectSameBits(spoiled, clean.grad.data);
    expectZeros(spoiled.subarray(2 * WIDTH, 3 * WIDTH));
    engine.scope(() => {
      const tensor = engine.tensor(shape);
      tensor.data.set(LOGITS);
      const from = engine.sampledSoftmaxLoss(tensor, TARGETS, { ...base, grad: tensor });
      expectSameBits(from.grad.data, clean.grad.data);
    });
    const rowMask = [true, true, true, false];
    const masked = engine.sampledSoftmaxLoss({ data: LOGITS, shape }, TARGETS, {
      ...base,
      rowMask,
      compat: "tensorflow",
    });
    expect(masked.count).toBe(2);
    expect(masked.explain?.divisor).toBe("rows");
    expectClose(masked.loss, sum(losses(LOGITS).slice(0, 3)) / 4, bound);
  });
  it("errors, and nothing left behind", () => {
    const on = makeEngine({ numerics: engine.numerics });
    const call = (more: object) =>
      on.sampledSoftmaxLoss({ data: LOGITS, shape }, TARGETS, { ...base, ...more });
    call({});
    const before = on.memory;
    expectError(
      () => call({ sampled: [1, 2] }),
      "ERR_SHAPE",
      "sampledSoftmaxLoss: logits must have 1 + S = 3 candidates on the last axis, got 5",
    );
    expectError(
      () => call({ sampled: [0, 1, 2, 50] }),
      "ERR_TARGET_RANGE",
      "sampledSoftmaxLoss: sampled[3] must be in [0, 50), got 50",
    );
    expectError(
      () => call({ classes: 40 }),
      "ERR_TARGET_RANGE",
      "sampledSoftmaxLoss: targets[3] must be in [0, 40) or ignoreIndex (-100), got 49",
    );
    expectError(
      () => call({ sampledCounts: [1, 1, 0, 1] }),
      "ERR_ARGUMENT_VALUE",
      "sampledSoftmaxLoss: sampledCounts[2] must be a finite number above 0, got 0",
    );
    call({ grad: true });
    expect(on.memory).toEqual(before);
  });
});

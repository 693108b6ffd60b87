import { describe, expect, it } from "vitest";
import { multiMarginLoss } from "../reference/multiMarginLoss.ts";
import { engine } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { LENGTHS } from "../support/lengths.ts";
import { describeLossContract } from "../support/lossContract.ts";
import { indexDenominators, keptIndex, keptRow, rowLosses } from "../support/lossRows.ts";
import { expectClose, expectZeros } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import * as bounds from "../support/tolerance.ts";

const random = new Random(79);
const ROWS = 4;
const CLASSES = 5;
const LOGITS = random.normals(ROWS * CLASSES);
const TARGETS = [3, 0, -100, 4];
const WEIGHT = [0.5, 1, 2, 0, 1.5];

for (const options of [{}, { p: 2, weight: WEIGHT }, { margin: 0.3 }, { p: 2, margin: 2 }] as {
  p?: 1 | 2;
  margin?: number;
  weight?: number[];
}[]) {
  describeLossContract({
    title: `multiMarginLoss ${JSON.stringify(options)}`,
    logits: LOGITS,
    shape: [ROWS, CLASSES],
    classes: CLASSES,
    rows: ROWS,
    spare: 2,
    bound: bounds.elementLoss,
    call: (on, x, more) => on.multiMarginLoss(x, TARGETS, { ...options, ...more }),
    losses: (x, left) =>
      rowLosses(TARGETS, ROWS, left, (i) => {
        const y = TARGETS[i]!;
        const loss = multiMarginLoss(keptRow(x, i, CLASSES, left), keptIndex(y, left), options);
        return (options.weight?.[y] ?? 1) * loss;
      }),
    denominators: (left) => {
      const all = indexDenominators(TARGETS, CLASSES, left, options.weight);
      return { ...all, weights: all.valid };
    },
  });
}

const X = [
  [1, 2, 3],
  [0, 0, 0],
];

describe("multiMarginLoss", () => {
  it("values of PyTorch: mean 7/6; p = 2 with weights [13/3, 4/3]", () => {
    expectClose(engine.multiMarginLoss(X, [0, 2]).loss, 7 / 6, bounds.elementLoss);
    const options = { p: 2, weight: [1, 0, 2], reduction: "none" } as const;
    const { loss } = engine.multiMarginLoss(X, [0, 2], options);
    expectClose(loss, [13 / 3, 4 / 3], bounds.elementLoss);
  });
  it(`lengths: ${bounds.elementLoss.name}`, () => {
    for (const classes of LENGTHS) {
      const x = random.normals(classes);
      const y = random.integer(classes);
      const truth = multiMarginLoss(Float64Array.from(x), y, { p: 2 });
      expectClose(engine.multiMarginLoss(x, [y], { p: 2 }).loss, truth, bounds.elementLoss);
    }
  });
  it("extremes: one class is 0; NaN is its whole row; infinities as the formula has them", () => {
    expect(engine.multiMarginLoss([[5]], [0]).loss).toBe(0);
    const nan = engine.multiMarginLoss([[NaN, 1, -50]], [1], { grad: true });
    expect(nan.loss).toBeNaN();
    expect(nan.grad.data.every(Number.isNaN)).toBe(true);
    expect(engine.multiMarginLoss([[Infinity, 1]], [1]).loss).toBe(Infinity);
    expect(engine.multiMarginLoss([[Infinity, 1]], [0]).loss).toBe(0);
    expect(engine.multiMarginLoss([[-Infinity, 1]], [0]).loss).toBe(Infinity);
  });
  it("weight 0 and ignored rows are 0 beside NaN", () => {
    const options = { weight: [0, 1], ignoreIndex: [1], grad: true } as const;
    const { lossSum, count, grad } = engine.multiMarginLoss(
      [
        [NaN, 1],
        [NaN, 1],
      ],
      [0, 1],
      options,
    );
    expect({ lossSum, count }).toEqual({ lossSum: 0, count: 1 });
    expectZeros(grad.data);
  });
  it("errors", () => {
    expectError(
      () => engine.multiMarginLoss(X, [0, 2], { p: 3 as 1 }),
      "ERR_ARGUMENT_VALUE",
      "multiMarginLoss: p must be an integer in [1, 2], got 3",
    );
    expectError(
      () => engine.multiMarginLoss(X, [[0, 1, 0]]),
      "ERR_ARGUMENT_TYPE",
      "multiMarginLoss: targets must be class indices: an integer array or number[], got an array of length 1",
    );
    expectError(
      () => engine.multiMarginLoss(X, [0, 3]),
      "ERR_TARGET_RANGE",
      "multiMarginLoss: targets[1] must be in [0, 3) or ignoreIndex (-100), got 3",
    );
  });
});

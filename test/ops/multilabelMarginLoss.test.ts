import { describe, expect, it } from "vitest";
import { multilabelMarginLoss } from "../reference/multilabelMarginLoss.ts";
import { engine } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { SHORT_LENGTHS } from "../support/lengths.ts";
import { describeLossContract } from "../support/lossContract.ts";
import { keptIndex, keptRow, rowDenominators, rowLosses } from "../support/lossRows.ts";
import { expectClose, expectZeros } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import * as bounds from "../support/tolerance.ts";

const random = new Random(83);
const ROWS = 3;
const CLASSES = 5;
const LISTS = [
  [3, 0, -1, 1, 1],
  [4, 4, 1, -1, 7],
  [0, 1, 3, -1, -1],
];

describeLossContract({
  title: "multilabelMarginLoss",
  logits: random.normals(ROWS * CLASSES),
  shape: [ROWS, CLASSES],
  classes: CLASSES,
  rows: ROWS,
  spare: 2,
  bound: bounds.elementLoss,
  call: (on, x, more) => on.multilabelMarginLoss(x, LISTS, more),
  losses: (x, left) =>
    rowLosses(undefined, ROWS, left, (i) =>
      multilabelMarginLoss(
        keptRow(x, i, CLASSES, left),
        LISTS[i]!.map((y) => (y < 0 ? y : keptIndex(y, left))),
      ),
    ),
  denominators: (left) => rowDenominators(ROWS, CLASSES, left),
});

describe("multilabelMarginLoss", () => {
  it("values of PyTorch's documentation: 0.85", () => {
    const { loss } = engine.multilabelMarginLoss([[0.1, 0.2, 0.4, 0.8]], [[3, 0, -1, 1]]);
    expectClose(loss, 0.85, { name: "float32 inputs", allowed: () => 1e-7 });
  });
  it(`lengths: ${bounds.elementLoss.name}`, () => {
    for (const classes of SHORT_LENGTHS) {
      const x = random.normals(classes);
      const labels = Int32Array.from({ length: classes }, (_unused, k) =>
        k < classes / 3 ? k : -1,
      );
      const truth = multilabelMarginLoss(Float64Array.from(x), Array.from(labels));
      expectClose(engine.multilabelMarginLoss(x, labels).loss, truth, bounds.elementLoss);
    }
  });
  it("extremes: no labels or all labels are 0; NaN spreads over its row", () => {
    const none = engine.multilabelMarginLoss([[NaN, 1]], [[-1, 0]], { grad: true });
    expect(none.loss).toBe(0);
    expectZeros(none.grad.data);
    expect(engine.multilabelMarginLoss([[4, 1]], [[0, 1]]).loss).toBe(0);
    const nan = engine.multilabelMarginLoss([[NaN, 1, 0]], [[1, -1, -1]], { grad: true });
    expect(nan.loss).toBeNaN();
    expect(nan.grad.data.every(Number.isNaN)).toBe(true);
  });
  it("errors", () => {
    expectError(
      () => engine.multilabelMarginLoss([[1, 2]], [[2, -1]]),
      "ERR_TARGET_RANGE",
      "multilabelMarginLoss: targets[0] must be in [0, 2), got 2",
    );
    expectError(
      () => engine.multilabelMarginLoss([[1, 2]], [[-2, -1]]),
      "ERR_TARGET_RANGE",
      "multilabelMarginLoss: targets[0] must be in [0, 2), got -2",
    );
    expectError(
      () => engine.multilabelMarginLoss([[1, 2]], [[0.5, -1]]),
      "ERR_ARGUMENT_VALUE",
      "multilabelMarginLoss: targets[0] must be an integer in [0, 2), got 0.5",
    );
    expectError(
      () => engine.multilabelMarginLoss([[1, 2]], [0]),
      "ERR_SHAPE",
      "multilabelMarginLoss: targets.length must be rows × classes = 1 × 2 = 2, got 1",
    );
  });
});

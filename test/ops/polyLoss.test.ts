import { describe, expect, it } from "vitest";
import { polyLoss } from "../reference/polyLoss.ts";
import { engine } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { describeLossContract } from "../support/lossContract.ts";
import {
  indexDenominators,
  keptIndex,
  keptRow,
  rowDenominators,
  rowLosses,
} from "../support/lossRows.ts";
import { expectClose, expectSameBits } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import * as bounds from "../support/tolerance.ts";

const random = new Random(67);
const ROWS = 3;
const CLASSES = 4;
const LOGITS = random.normals(ROWS * CLASSES, 2);
const TARGETS = [3, 0, 1];
const WEIGHT = [0.5, 1, 3, 2];
const PROBABILITIES = random.probabilities(ROWS, CLASSES);
const shape = [ROWS, CLASSES];

describe("polyLoss: values", () => {
  it("−ln p + 2 (1 − p) of [2, 1, 0], target 0", () => {
    expectClose(engine.polyLoss([[2, 1, 0]], [0]).loss, 1.07712402, bounds.focalLoss);
  });
});

describeLossContract({
  title: "polyLoss, indices and weights",
  logits: LOGITS,
  shape,
  classes: CLASSES,
  rows: ROWS,
  spare: 2,
  bound: bounds.focalLoss,
  call: (on, x, more) => on.polyLoss(x, TARGETS, { epsilon: 1.5, weight: WEIGHT, ...more }),
  losses: (x, left) =>
    rowLosses(TARGETS, ROWS, left, (i) => {
      const row = keptRow(x, i, CLASSES, left);
      const y = TARGETS[i]!;
      const t = row.map((_value, c) => (c === keptIndex(y, left) ? WEIGHT[y]! : 0));
      return polyLoss(row, t, { epsilon: 1.5 });
    }),
  denominators: (left) => indexDenominators(TARGETS, CLASSES, left, WEIGHT),
});

describeLossContract({
  title: "polyLoss, probabilities and negative ε",
  logits: LOGITS,
  shape,
  classes: CLASSES,
  rows: ROWS,
  spare: 1,
  bound: bounds.focalLoss,
  call: (on, x, more) => on.polyLoss(x, { data: PROBABILITIES, shape }, { epsilon: -0.5, ...more }),
  losses: (x, left) =>
    rowLosses(undefined, ROWS, left, (i) =>
      polyLoss(keptRow(x, i, CLASSES, left), keptRow(PROBABILITIES, i, CLASSES, left), {
        epsilon: -0.5,
      }),
    ),
  denominators: (left) => rowDenominators(ROWS, CLASSES, left),
});

describe("polyLoss: identities and errors", () => {
  it("ε = 0 is cross entropy, to the bit, where rows are not short", () => {
    const data = { data: random.normals(ROWS * 80, 2), shape: [ROWS, 80] };
    const poly = engine.polyLoss(data, TARGETS, { epsilon: 0, grad: true });
    const plain = engine.crossEntropy(data, TARGETS, { grad: true });
    expect(poly.lossSum).toBe(plain.lossSum);
    expectSameBits(poly.grad.data, plain.grad.data);
  });
  it("loss is cross entropy + ε · (1 − p)", () => {
    const p = engine.softmax([0.3, -1, 2]).data[1]!;
    const plain = engine.crossEntropy([[0.3, -1, 2]], [1]).loss;
    const { loss } = engine.polyLoss([[0.3, -1, 2]], [1], { epsilon: 3 });
    expectClose(loss, plain + 3 * (1 - p), bounds.focalLoss);
  });
  it("names epsilon", () => {
    expectError(
      () => engine.polyLoss([[1, 2]], [0], { epsilon: NaN }),
      "ERR_ARGUMENT_VALUE",
      "polyLoss: epsilon must be a finite number, got NaN",
    );
  });
});

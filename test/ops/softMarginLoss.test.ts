import { describe, expect, it } from "vitest";
import { multilabelSoftMarginLoss } from "../reference/multilabelSoftMarginLoss.ts";
import { softMarginLoss } from "../reference/softMarginLoss.ts";
import { engine } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { SHORT_LENGTHS } from "../support/lengths.ts";
import { describeLossContract } from "../support/lossContract.ts";
import {
  elementDenominators,
  elementLosses,
  keptRow,
  rowDenominators,
  rowLosses,
} from "../support/lossRows.ts";
import { expectClose, expectZeros } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import * as bounds from "../support/tolerance.ts";

const random = new Random(73);
const ROWS = 3;
const CLASSES = 4;
const shape = [ROWS, CLASSES];
const LOGITS = random.normals(ROWS * CLASSES, 2);
const SIGNS = Array.from({ length: ROWS * CLASSES }, (_unused, i) => [1, -1, 0.5, 9][i % 4]!);
const LABELS = Array.from({ length: ROWS * CLASSES }, (_unused, i) => [1, 0, 0.3, 1, 0][i % 5]!);
const WEIGHT = [0.5, 2, 0, 1];

describeLossContract({
  title: "softMarginLoss",
  logits: LOGITS,
  shape,
  classes: CLASSES,
  rows: ROWS,
  spare: 1,
  bound: bounds.elementLoss,
  call: (on, x, more) => on.softMarginLoss(x, SIGNS, { ignoreIndex: 9, ...more }),
  losses: (x, left) =>
    elementLosses(x, CLASSES, left, (value, i) =>
      SIGNS[i] === 9 ? 0 : softMarginLoss(value, SIGNS[i]!),
    ),
  denominators: (left) => elementDenominators(ROWS * CLASSES, CLASSES, left, (i) => SIGNS[i] === 9),
});

describeLossContract({
  title: "multilabelSoftMarginLoss",
  logits: LOGITS,
  shape,
  classes: CLASSES,
  rows: ROWS,
  spare: 1,
  bound: bounds.elementLoss,
  call: (on, x, more) => on.multilabelSoftMarginLoss(x, LABELS, { weight: WEIGHT, ...more }),
  losses: (x, left) =>
    rowLosses(undefined, ROWS, left, (i) =>
      multilabelSoftMarginLoss(
        keptRow(x, i, CLASSES, left),
        keptRow(LABELS, i, CLASSES, left),
        keptRow(WEIGHT, 0, CLASSES, left),
      ),
    ),
  denominators: (left) => rowDenominators(ROWS, CLASSES, left),
});

describe("softMarginLoss", () => {
  it("values: ln 2 at 0, and 1000 where PyTorch overflows", () => {
    expectClose(engine.softMarginLoss([0], [1]).loss, Math.LN2, bounds.elementLoss);
    expect(engine.softMarginLoss([-1000], [1]).loss).toBe(1000);
    expect(engine.softMarginLoss([1000], [-1]).loss).toBe(1000);
  });
  it(`lengths: ${bounds.elementLoss.name}`, () => {
    for (const length of SHORT_LENGTHS) {
      const x = random.normals(length, 6);
      const y = random.uniforms(length).map((u) => (u < 0.5 ? -1 : 1));
      const truth = x.map((value, i) => softMarginLoss(value, y[i]!));
      const got = engine.softMarginLoss(x, y, { reduction: "none" }).loss;
      expectClose(got, truth, bounds.elementLoss, { input: x });
    }
  });
  it("infinities and y = 0", () => {
    const options = { reduction: "none", grad: true } as const;
    const x = [Infinity, -Infinity, Infinity];
    const { loss, grad } = engine.softMarginLoss(x, [1, 1, 0], options);
    expect(Array.from(loss)).toEqual([0, Infinity, Math.fround(Math.LN2)]);
    expect(Array.from(grad.data, (g) => g + 0)).toEqual([0, -1, 0]);
  });
  it("signs ±1 are binary cross entropy with labels 0 and 1", () => {
    const plain = engine.binaryCrossEntropyWithLogits([0.4, -2], [1, 0]).loss;
    expectClose(
      plain,
      engine.softMarginLoss([0.4, -2], [1, -1]).loss,
      bounds.binaryCrossEntropyMean,
    );
  });
  it("several ignored labels", () => {
    const { loss, count } = engine.softMarginLoss([NaN, NaN, 0], [7, 8, 1], {
      ignoreIndex: [7, 8],
    });
    expectClose(loss, Math.LN2, bounds.elementLoss);
    expect(count).toBe(1);
  });
  it("errors", () => {
    expectError(
      () => engine.softMarginLoss([1, 2], [1]),
      "ERR_SHAPE",
      "softMarginLoss: targets must have the logits' shape [2], got shape [1]",
    );
  });
});

describe("multilabelSoftMarginLoss", () => {
  it("values of PyTorch: 0.82959241 and ln 2", () => {
    const { loss } = engine.multilabelSoftMarginLoss(
      [
        [1, 2, 3],
        [0, 0, 0],
      ],
      [
        [1, 0, 1],
        [0, 1, 0],
      ],
      { reduction: "none" },
    );
    expectClose(loss, [0.82959241, 0.69314718], { name: "8 digits", allowed: () => 6e-9 + 6e-8 });
  });
  it("ignored labels count as 0, also beside NaN, and with a class mask", () => {
    const x = [[NaN, 2, 3, 5]];
    const options = { ignoreIndex: [9], grad: true } as const;
    const { loss, grad } = engine.multilabelSoftMarginLoss(x, [[9, 0, 1, 1]], options);
    const truth = multilabelSoftMarginLoss(Float64Array.of(0, 2, 3, 5), [0, 0, 1, 1]);
    expectClose(loss, truth - Math.LN2 / 4, { name: "1e-7", allowed: () => 1e-7 });
    expectZeros(grad.data.subarray(0, 1));
    const masked = engine.multilabelSoftMarginLoss(x, [[9, 0, 1, 1]], {
      ...options,
      classMask: [1, 1, 1, 0],
    });
    const three = multilabelSoftMarginLoss(Float64Array.of(0, 2, 3), [0, 0, 1]);
    expectClose(masked.loss, three - Math.LN2 / 3, { name: "1e-7", allowed: () => 1e-7 });
  });
  it("errors", () => {
    expectError(
      () => engine.multilabelSoftMarginLoss([[1, 2]], [[1, 0]], { weight: [1] }),
      "ERR_SHAPE",
      "multilabelSoftMarginLoss: weight.length must be the number of classes = 2, got 1",
    );
  });
});

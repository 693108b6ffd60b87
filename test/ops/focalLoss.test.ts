import { describe, expect, it } from "vitest";
import { focalLoss } from "../reference/focalLoss.ts";
import { engine } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { LONG_LENGTHS, SHORT_LENGTHS } from "../support/lengths.ts";
import { describeLossContract } from "../support/lossContract.ts";
import {
  indexDenominators,
  keptIndex,
  keptRow,
  rowDenominators,
  rowLosses,
} from "../support/lossRows.ts";
import { expectClose, expectSameBits, expectZeros } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import * as bounds from "../support/tolerance.ts";

const random = new Random(61);
const ROWS = 4;
const CLASSES = 5;
const LOGITS = random.normals(ROWS * CLASSES, 2);
const TARGETS = [3, 0, -100, 4];
const WEIGHT = [0.5, 1, 2, 0, 1.5];
const ALPHA = [0.25, 1, 0.5, 2, 0.75];
const PROBABILITIES = random.probabilities(ROWS, CLASSES);

const oneHot = (y: number, length: number, at = 1): Float64Array =>
  Float64Array.from({ length }, (_unused, c) => (c === y ? at : 0));

const indexCase = (
  title: string,
  options: {
    gamma?: number;
    zLoss?: number;
    softcap?: number;
    temperature?: number;
    weight?: number[];
    labelSmoothing?: number;
  },
) => ({
  title,
  logits: LOGITS,
  shape: [ROWS, CLASSES],
  classes: CLASSES,
  rows: ROWS,
  spare: 2,
  bound: bounds.focalLoss,
  call: (on: typeof engine, x: never, more: object) =>
    on.focalLoss(x, TARGETS, { ...options, alpha: ALPHA, ...more }),
  losses: (x: ArrayLike<number>, left: { row?: number; class?: number }) =>
    rowLosses(TARGETS, ROWS, left, (i) => {
      const row = keptRow(x, i, CLASSES, left);
      const y = TARGETS[i]!;
      const factors = keptRow(
        ALPHA.map((a, c) => a * (options.weight?.[c] ?? 1)),
        0,
        CLASSES,
        left,
      );
      const smoothing = options.labelSmoothing ?? 0;
      const t = oneHot(keptIndex(y, left), row.length, 1 - smoothing).map(
        (share, c) => factors[c]! * (share + smoothing / row.length),
      );
      return focalLoss(row, t, options);
    }),
  denominators: (left: { row?: number; class?: number }) =>
    indexDenominators(TARGETS, CLASSES, left, options.weight),
});

describe("focalLoss: values", () => {
  it("(1 − p)² · −ln p of [2, 1, 0], target 0", () => {
    expectClose(engine.focalLoss([[2, 1, 0]], [0]).loss, 0.04567780222, bounds.focalLoss);
  });
  it("alpha: a number, one per class, and not in the denominator", () => {
    const plain = engine.focalLoss([[1, 2, 3]], [1]);
    const scaled = engine.focalLoss([[1, 2, 3]], [1], { alpha: 0.25 });
    expect(scaled.loss).toBe(plain.loss * 0.25);
    expect(scaled.weightSum).toBe(1);
    expect(engine.focalLoss([[1, 2, 3]], [1], { alpha: [1, 0.25, 1] }).loss).toBe(scaled.loss);
  });
});

describeLossContract(indexCase("focalLoss, indices", { gamma: 2 }));
describeLossContract(indexCase("focalLoss, weights and γ = 0.5", { gamma: 0.5, weight: WEIGHT }));
describeLossContract(
  indexCase("focalLoss, smoothed", {
    gamma: 1.5,
    labelSmoothing: 0.2,
    zLoss: 0.01,
    softcap: 4,
    temperature: 1.5,
  }),
);
describeLossContract(
  indexCase("focalLoss, z-loss, cap and temperature", {
    gamma: 2,
    zLoss: 0.01,
    softcap: 4,
    temperature: 1.5,
  }),
);
describeLossContract({
  ...indexCase("focalLoss, probabilities", {}),
  call: (on, x, more) =>
    on.focalLoss(x, { data: PROBABILITIES, shape: [ROWS, CLASSES] }, { gamma: 2, ...more }),
  losses: (x, left) =>
    rowLosses(undefined, ROWS, left, (i) =>
      focalLoss(keptRow(x, i, CLASSES, left), keptRow(PROBABILITIES, i, CLASSES, left)),
    ),
  denominators: (left) => rowDenominators(ROWS, CLASSES, left),
});

describe(`focalLoss: lengths, ${bounds.focalLoss.name}`, () => {
  for (const classes of [...SHORT_LENGTHS, ...LONG_LENGTHS]) {
    it(`${classes} classes`, () => {
      const x = random.normals(classes, 3);
      const y = random.integer(classes);
      const truth = focalLoss(Float64Array.from(x), oneHot(y, classes));
      expectClose(engine.focalLoss(x, [y]).loss, truth, bounds.focalLoss);
      const dense = { data: Float32Array.from(oneHot(y, classes)), shape: [classes] };
      expectClose(engine.focalLoss(x, dense).loss, truth, bounds.focalLoss);
    });
  }
});

describe("focalLoss: extremes", () => {
  it(`confident rows: ${bounds.focalLossConfident.name}`, () => {
    for (const gap of [5, 10, 17, 25]) {
      for (const gamma of [0, 0.5, 1, 2]) {
        const truth = focalLoss(Float64Array.of(gap, 0, 0), oneHot(0, 3), { gamma });
        for (const targets of [[0], [[1, 0, 0]]]) {
          const got = engine.focalLoss([[gap, 0, 0]], targets, { gamma, grad: true });
          expectClose(got.loss, truth, bounds.focalLossConfident);
          expect(got.grad.data[0]).toBeLessThan(0);
        }
      }
    }
  });
  it("p = 1 exactly: 0 with gradient 0 for every γ above 0", () => {
    for (const gamma of [0.1, 0.5, 1, 2, 5]) {
      const { loss, grad } = engine.focalLoss([[7]], [0], { gamma, grad: true });
      expect(loss).toBe(0);
      expectZeros(grad.data);
      const far = engine.focalLoss([[1000, 0, 0]], [0], { gamma, grad: true });
      expect(far.loss).toBe(0);
      expectZeros(far.grad.data);
    }
  });
  it("−∞ at the target: +∞ with a finite gradient; elsewhere gradient 0", () => {
    for (const targets of [[0], [[1, 0, 0]]]) {
      const at = engine.focalLoss([[-Infinity, 0, 1]], targets, { grad: true });
      expect(at.loss).toBe(Infinity);
      expectClose(at.grad.data, [-1, 0.2689414214, 0.7310585786], bounds.lossGradient);
      const beside = engine.focalLoss([[0, -Infinity, 1]], targets, { grad: true });
      expect(Number.isFinite(beside.loss)).toBe(true);
      expect(beside.grad.data[1]).toBe(0);
    }
  });
  it("+∞ or only −∞ in a row: NaN", () => {
    for (const row of [
      [Infinity, 0],
      [-Infinity, -Infinity],
    ]) {
      const { loss, grad } = engine.focalLoss([row], [0], { grad: true });
      expect(loss).toBeNaN();
      expect(grad.data.every(Number.isNaN)).toBe(true);
    }
  });
  it("zero weight: 0 whatever the logits", () => {
    const { lossSum, grad } = engine.focalLoss([[NaN, 1]], [0], { weight: [0, 1], grad: true });
    expect(lossSum).toBe(0);
    expectZeros(grad.data);
  });
});

describe("focalLoss: identities", () => {
  it("γ = 0 is cross entropy, to the bit, where rows are not short", () => {
    const options = { weight: random.uniforms(80, 0, 2), grad: true } as const;
    const data = { data: random.normals(ROWS * 80, 2), shape: [ROWS, 80] };
    const focal = engine.focalLoss(data, TARGETS, { gamma: 0, ...options });
    const plain = engine.crossEntropy(data, TARGETS, options);
    expect(focal.lossSum).toBe(plain.lossSum);
    expectSameBits(focal.grad.data, plain.grad.data);
  });
  it("another axis gives the same bits", () => {
    const turned = new Float32Array(LOGITS.length);
    LOGITS.forEach((value, i) => (turned[(i % CLASSES) * ROWS + Math.floor(i / CLASSES)] = value));
    const options = { reduction: "none" } as const;
    const rows = engine.focalLoss({ data: LOGITS, shape: [ROWS, CLASSES] }, TARGETS, options);
    const first = engine.focalLoss({ data: turned, shape: [CLASSES, ROWS] }, TARGETS, {
      axis: 0,
      ...options,
    });
    expectSameBits(first.loss, rows.loss);
  });
});

describe("focalLoss: errors", () => {
  it("names gamma, alpha and targets", () => {
    expectError(
      () => engine.focalLoss([[1, 2]], [0], { gamma: -1 }),
      "ERR_ARGUMENT_VALUE",
      "focalLoss: gamma must be a finite number of at least 0, got -1",
    );
    expectError(
      () => engine.focalLoss([[1, 2]], [0], { alpha: [1] }),
      "ERR_SHAPE",
      "focalLoss: alpha.length must be the number of classes = 2, got 1",
    );
    expectError(
      () => engine.focalLoss([[1, 2]], [2]),
      "ERR_TARGET_RANGE",
      "focalLoss: targets[0] must be in [0, 2) or ignoreIndex (-100), got 2",
    );
    expectError(
      () => engine.focalLoss([[1, 2]], [1], { classMask: [1, 0] }),
      "ERR_TARGET_RANGE",
      "focalLoss: targets[0] must be a class that classMask keeps, got 1",
    );
  });
});

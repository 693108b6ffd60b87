/** Row and class masks, several ignored values and temperature gradients of the first losses. */
import { describe, expect, it } from "vitest";
import { binaryCrossEntropyWithLogits } from "../reference/binaryCrossEntropyWithLogits.ts";
import { crossEntropy, crossEntropyProbabilities } from "../reference/crossEntropy.ts";
import { centralDifference } from "../support/centralDifference.ts";
import { engine, segments, tiles } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { describeLossContract } from "../support/lossContract.ts";
import {
  elementDenominators,
  elementLosses,
  indexDenominators,
  keptIndex,
  keptRow,
  rowDenominators,
  rowLosses,
} from "../support/lossRows.ts";
import { expectClose, expectSameBits, expectZeros } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import * as bounds from "../support/tolerance.ts";

const random = new Random(103);
const ROWS = 4;
const CLASSES = 5;
const shape = [ROWS, CLASSES];
const LOGITS = random.normals(ROWS * CLASSES, 2);
const TARGETS = [3, 0, -100, 4];
const WEIGHT = [0.5, 1, 2, 0, 1.5];
const PROBABILITIES = random.probabilities(ROWS, CLASSES);
const LABELS = Array.from({ length: ROWS * CLASSES }, (_unused, i) => [1, 0, 0.3, 9][i % 4]!);
const OPTIONS = { labelSmoothing: 0.2, zLoss: 0.01, softcap: 5, temperature: 1.5 };

const common = { logits: LOGITS, shape, classes: CLASSES, rows: ROWS, spare: 2 };

describeLossContract({
  ...common,
  title: "crossEntropy, indices",
  bound: bounds.crossEntropyDense,
  call: (on, x, more) => on.crossEntropy(x, TARGETS, { ...OPTIONS, weight: WEIGHT, ...more }),
  losses: (x, left) =>
    rowLosses(TARGETS, ROWS, left, (i) => {
      const row = keptRow(x, i, CLASSES, left);
      const weight = keptRow(WEIGHT, 0, CLASSES, left);
      const y = keptIndex(TARGETS[i]!, left);
      const options = { ...OPTIONS, weight, reduction: "sum" } as const;
      return crossEntropy(row, [1, row.length], [y], options).loss as number;
    }),
  denominators: (left) => indexDenominators(TARGETS, CLASSES, left, WEIGHT),
});

describeLossContract({
  ...common,
  title: "crossEntropy, probabilities",
  bound: bounds.crossEntropyDense,
  call: (on, x, more) =>
    on.crossEntropy(x, { data: PROBABILITIES, shape }, { ...OPTIONS, weight: WEIGHT, ...more }),
  losses: (x, left) =>
    rowLosses(undefined, ROWS, left, (i) => {
      const row = keptRow(x, i, CLASSES, left);
      const weight = keptRow(WEIGHT, 0, CLASSES, left);
      const q = keptRow(PROBABILITIES, i, CLASSES, left);
      const options = { ...OPTIONS, weight, reduction: "sum" } as const;
      return crossEntropyProbabilities(row, [1, row.length], q, options).loss as number;
    }),
  denominators: (left) => rowDenominators(ROWS, CLASSES, left),
});

describeLossContract({
  ...common,
  title: "nllLoss",
  isLinear: true,
  bound: bounds.nllLoss,
  call: (on, x, more) => on.nllLoss(x, TARGETS, { weight: WEIGHT, ...more }),
  losses: (x, left) =>
    rowLosses(TARGETS, ROWS, left, (i) => {
      const y = TARGETS[i]!;
      return -WEIGHT[y]! * x[i * CLASSES + y]!;
    }),
  denominators: (left) => indexDenominators(TARGETS, CLASSES, left, WEIGHT),
});

describeLossContract({
  ...common,
  title: "binaryCrossEntropyWithLogits",
  bound: { name: "1e-6 relative", allowed: (truth) => 2 ** -126 + 1e-6 * Math.abs(truth) },
  call: (on, x, more) =>
    on.binaryCrossEntropyWithLogits(x, LABELS, {
      weight: WEIGHT,
      posWeight: [2],
      ignoreIndex: [9, 7],
      ...more,
    }),
  losses: (x, left) =>
    elementLosses(x, CLASSES, left, (value, i) => {
      const options = { posWeight: [2], ignoreIndex: 9, reduction: "sum" } as const;
      const one = binaryCrossEntropyWithLogits([value], [1], [LABELS[i]!], options);
      const w = WEIGHT[i % CLASSES]!;
      return w === 0 ? 0 : w * (one.loss as number);
    }),
  denominators: (left) => ({
    ...elementDenominators(LABELS.length, CLASSES, left, (i) => LABELS[i] === 9),
    nonzero: elementDenominators(
      LABELS.length,
      CLASSES,
      left,
      (i) => LABELS[i] === 9 || WEIGHT[i % CLASSES] === 0,
    ).valid,
  }),
});

describe("masks of long rows", () => {
  const classes = 5000;
  const x = random.normals(3 * classes, 2);
  const classMask = Uint8Array.from({ length: classes }, (_unused, c) =>
    c < 40 || (c > 2000 && c < 2100) || c === 4999 ? 0 : 1,
  );
  const kept = Array.from(classMask.keys()).filter((c) => classMask[c] === 1);
  const dense = Float32Array.from([0, 1, 2].flatMap((r) => kept.map((c) => x[r * classes + c]!)));
  const targets = [50, 4000, 3000];
  const options = { labelSmoothing: 0.1, grad: true } as const;

  it("classMask in segments, tiles and in place: the same bits as the kept classes alone", () => {
    const places = targets.map((y) => kept.indexOf(y));
    const alone = engine.crossEntropy({ data: dense, shape: [3, kept.length] }, places, options);
    for (const on of [engine, segments, tiles]) {
      const got = on.crossEntropy({ data: x, shape: [3, classes] }, targets, {
        ...options,
        classMask,
      });
      expect(got.loss).toBe(alone.loss);
      const grads = [0, 1, 2].flatMap((r) => kept.map((c) => got.grad.data[r * classes + c]!));
      expectSameBits(grads, alone.grad.data);
      expectZeros(got.grad.data.filter((_g, i) => classMask[i % classes] === 0));
      const own = x.slice();
      on.crossEntropy({ data: own, shape: [3, classes] }, targets, {
        ...options,
        classMask,
        grad: "inPlace",
      });
      expectSameBits(own, got.grad.data);
    }
  });

  it("classMask along another axis: the same bits", () => {
    const turned = new Float32Array(x.length);
    x.forEach((value, i) => (turned[(i % classes) * 3 + Math.floor(i / classes)] = value));
    const rows = engine.crossEntropy({ data: x, shape: [3, classes] }, targets, {
      ...options,
      classMask,
    });
    for (const on of [engine, segments, tiles]) {
      on.scope(() => {
        const tensor = on.tensor([classes, 3]);
        tensor.data.set(turned);
        for (const logits of [{ data: turned, shape: [classes, 3] }, tensor]) {
          const got = on.crossEntropy(logits, targets, { ...options, axis: 0, classMask });
          expect(got.loss).toBe(rows.loss);
          const back = rows.grad.data.map((_g, i) => {
            return got.grad.data[(i % classes) * 3 + Math.floor(i / classes)]!;
          });
          expectSameBits(back, rows.grad.data);
        }
      });
    }
  });

  it("rowMask and target weights in segments: the same bits", () => {
    const q = random.probabilities(3, classes);
    const weight = random.uniforms(classes, 0.5, 2);
    const each = { rowMask: [true, false, true], ...options } as const;
    for (const call of [
      (on: typeof engine) => on.crossEntropy({ data: x, shape: [3, classes] }, targets, each),
      (on: typeof engine) =>
        on.crossEntropy({ data: x, shape: [3, classes] }, { data: q, shape: [3, classes] }, each),
      (on: typeof engine) =>
        on.crossEntropy({ data: x, shape: [3, classes] }, targets, {
          ...options,
          weight,
          compat: "keras",
        }),
    ]) {
      const whole = call(engine);
      for (const on of [segments, tiles]) {
        expect(call(on).loss).toBe(whole.loss);
        expectSameBits(call(on).grad.data, whole.grad.data);
      }
    }
  });
});

describe("what masks refuse and read", () => {
  it("a target that the class mask leaves out", () => {
    expectError(
      () => engine.crossEntropy([[1, 2, 3]], [1], { classMask: [true, false, true] }),
      "ERR_TARGET_RANGE",
      "crossEntropy: targets[0] must be a class that classMask keeps, got 1",
    );
  });
  it("labels of rows left out are not read", () => {
    const two = [
      [1, 2],
      [3, 4],
    ];
    const got = engine.crossEntropy(two, [0, 77], { rowMask: [1, 0] });
    expect(got.loss).toBe(engine.crossEntropy([[1, 2]], [0]).loss);
  });
  it("several ignored values beside a mask", () => {
    const x = { data: LOGITS, shape };
    const got = engine.crossEntropy(x, [3, 0, 255, 4], {
      ignoreIndex: [255, 0],
      rowMask: [true, true, true, false],
    });
    expect(got.count).toBe(1);
    const alone = { data: LOGITS.subarray(0, CLASSES), shape: [1, CLASSES] };
    expect(got.loss).toBe(engine.crossEntropy(alone, [3]).loss);
  });
  it("what a mask may hold", () => {
    expectError(
      () => engine.crossEntropy([[1, 2]], [0], { classMask: [1, 2] }),
      "ERR_ARGUMENT_VALUE",
      "crossEntropy: classMask[1] must be true, false, 1 or 0, got 2",
    );
    expectError(
      () => engine.crossEntropy([[1, 2]], [0], { rowMask: "10" as never }),
      "ERR_ARGUMENT_TYPE",
      'crossEntropy: rowMask must be an array of booleans or of 0 and 1, got "10"',
    );
    expectError(
      () => engine.crossEntropy([[1, 2]], [0], { classMask: [0, 0] }),
      "ERR_ARGUMENT_VALUE",
      "crossEntropy: classMask must keep at least one class, got none",
    );
  });
});

describe("crossEntropy: gradients of the temperature and of soft targets", () => {
  const x = { data: LOGITS, shape };
  const q = { data: PROBABILITIES, shape };
  const sides = { labelSmoothing: 0.2, zLoss: 0.01, softcap: 5 } as const;

  for (const temperature of [1, 0.7, 3]) {
    it(`temperature ${temperature}: ${bounds.lossGradient.name}`, () => {
      const options = { ...sides, temperature, weight: WEIGHT, upstream: 2 };
      const indices = centralDifference(
        ([T]) =>
          2 *
          (crossEntropy(LOGITS, shape, TARGETS, { ...options, temperature: T! }).loss as number),
        [temperature],
      );
      const soft = centralDifference(
        ([T]) =>
          2 *
          (crossEntropyProbabilities(LOGITS, shape, PROBABILITIES, { ...options, temperature: T! })
            .loss as number),
        [temperature],
      );
      for (const grad of [false, true] as const) {
        const asked = { ...options, gradTemperature: true, grad } as const;
        for (const on of [engine, tiles, segments]) {
          const one = on.crossEntropy(x, TARGETS, asked);
          expectClose(one.gradTemperature, indices, bounds.lossGradient);
          const two = on.crossEntropy(x, q, asked);
          expectClose(two.gradTemperature, soft, bounds.lossGradient);
        }
      }
      const own = LOGITS.slice();
      const got = engine.crossEntropy({ data: own, shape }, TARGETS, {
        ...options,
        gradTemperature: true,
        grad: "inPlace",
      });
      expectClose(got.gradTemperature, indices, bounds.lossGradient);
    });
  }

  it(`soft targets: ${bounds.lossGradient.name}; −ln p / N as PyTorch`, () => {
    const options = { ...sides, weight: WEIGHT, temperature: 2 };
    const truth = centralDifference(
      (t) => crossEntropyProbabilities(LOGITS, shape, t, options).loss as number,
      PROBABILITIES,
    );
    for (const on of [engine, tiles, segments]) {
      const got = on.crossEntropy(x, q, { ...options, gradTargets: true });
      expectClose(got.gradTargets.data, truth, bounds.lossGradient);
    }
    const plain = engine.crossEntropy([[1, 2, 3]], [[0.2, 0.3, 0.5]], { gradTargets: true });
    expectClose(plain.gradTargets.data, [2.40760596, 1.40760596, 0.40760596], bounds.lossGradient);
  });

  it("focalLoss by temperature", () => {
    const options = { gamma: 1.5, temperature: 0.8 };
    const at = (T: number): number =>
      engine.focalLoss(x, TARGETS, { ...options, temperature: T, reduction: "sum" }).loss;
    const got = engine.focalLoss(x, TARGETS, {
      ...options,
      reduction: "sum",
      gradTemperature: true,
    });
    const numeric = (at(0.8 + 2 ** -7) - at(0.8 - 2 ** -7)) / 2 ** -6;
    expectClose(got.gradTemperature, numeric, { name: "1e-3", allowed: (t) => 1e-3 * Math.abs(t) });
  });

  it("not with class indices", () => {
    expectError(
      () => engine.crossEntropy(x, TARGETS, { gradTargets: true }),
      "ERR_ARGUMENT_VALUE",
      "crossEntropy: gradTargets must not be asked for with class indices, got true",
    );
    expectError(
      () => engine.crossEntropy(x, TARGETS, { gradTemperature: 1 as never }),
      "ERR_ARGUMENT_TYPE",
      "crossEntropy: gradTemperature must be true or false, got 1",
    );
  });
});

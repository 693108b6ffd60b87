import { describe, expect, it } from "vitest";
import {
  crossEntropy as indicesReference,
  crossEntropyProbabilities as reference,
} from "../reference/index.ts";
import { engine, segments, tiles } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { LONG_LENGTHS, SHORT_LENGTHS } from "../support/lengths.ts";
import { expectClose, expectSameBits, expectZeros } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import {
  crossEntropyDense as bound,
  crossEntropyDenseGrad,
  crossEntropyTargetGrad,
} from "../support/tolerance.ts";

const INF = Infinity;

describe("crossEntropy, probabilities: values", () => {
  it("golden means: plain, weight (÷ N), weight and smoothing", () => {
    const logits = [
      [1, 2, 3],
      [0, 0, 0],
    ];
    const p = [
      [0.5, 0.3, 0.2],
      [0.1, 0.1, 0.8],
    ];
    const weight = [1, 0, 2];
    expectClose(engine.crossEntropy(logits, p).loss, 1.40310912655624, bound);
    expectClose(engine.crossEntropy(logits, p, { weight }).loss, 1.61724312936786, bound);
    const both = { weight, labelSmoothing: 0.1 };
    expectClose(engine.crossEntropy(logits, p, both).loss, 1.56416306242004, bound);
  });

  it("labels that do not sum to 1: gradient 2p − t; a row of zeros is 0 with gradient 0", () => {
    const options = { reduction: "sum", grad: true } as const;
    const two = engine.crossEntropy([[1, 2, 3]], [[1, 1, 0]], options);
    expectClose(two.grad.data, [-0.819938, -0.510543, 1.330482], {
      name: "1e-6",
      allowed: () => 1e-6,
    });
    const none = engine.crossEntropy([[1, NaN, INF]], [[0, 0, 0]], options);
    expect(none.loss).toBe(0);
    expectZeros(none.grad.data);
  });
});

describe(`crossEntropy, probabilities: reference, ${bound.name}`, () => {
  it("every C with gradient, options, tiles and segments: the same bits in each", () => {
    for (const classes of [...SHORT_LENGTHS, ...LONG_LENGTHS, 3000]) {
      const random = new Random(classes);
      const shape = [3, classes];
      const x = random.normals(3 * classes, 3);
      const q = random.probabilities(3, classes);
      const weight = random.uniforms(classes, 0, 2);
      for (const options of [{}, { weight, labelSmoothing: 0.1 }, { zLoss: 0.1, upstream: -2 }]) {
        const given = { ...options, reduction: "none" } as const;
        const truth = reference(x, shape, q, given);
        const logits = { data: x, shape };
        const targets = { data: q, shape };
        const got = engine.crossEntropy(logits, targets, { ...given, grad: true });
        expectClose(got.loss, truth.losses, bound, { context: `C = ${classes}` });
        const magnitude = truth.gradMagnitude.map((m) => 2 * m);
        expectClose(got.grad.data, truth.grad, crossEntropyDenseGrad(magnitude));
        for (const each of [segments, tiles]) {
          const again = each.crossEntropy(logits, targets, { ...given, grad: true });
          expectSameBits(again.loss, got.loss);
          expectSameBits(again.grad.data, got.grad.data);
        }
      }
    }
  });
});

describe("crossEntropy, dense targets of few classes: four rows at a time", () => {
  it("specials, weights, smoothing, upstream: the reference, and each row the bits it has alone", () => {
    for (const classes of [1, 2, 3, 5, 10, 31, 64]) {
      const random = new Random(classes);
      const rows = 211; // two chunks of ten classes, and a group of three rows
      const shape = [rows, classes];
      const x = random.withSpecials(rows * classes, 0.02, [NaN, INF, -INF, 0, 90, -3000]);
      const q = random.probabilities(rows, classes);
      for (let i = 0; i < rows; i += 7) q.fill(0, i * classes, (i + 1) * classes);
      for (let i = 0; i < q.length; i += 3) q[i] = 0;
      for (let i = 40; i < q.length; i += 97) q[i] = NaN;
      const y = random.indices(rows, classes, 0.1);
      const weight = random.uniforms(classes, 0, 2);
      weight[classes >> 1] = 0;
      const upstream = random.uniforms(rows, -1, 1);
      upstream[9] = 0;
      for (const options of [
        {},
        { weight },
        { labelSmoothing: 0.1 },
        { labelSmoothing: 0.6, zLoss: 0.1 },
        { weight, labelSmoothing: 0.1 },
      ]) {
        const given = { ...options, reduction: "none", upstream } as const;
        for (const targets of [{ data: q, shape }, y]) {
          const run = { ...given, grad: true } as const;
          const got = engine.crossEntropy({ data: x, shape }, targets, run);
          const truth =
            targets === y ? indicesReference(x, shape, y, given) : reference(x, shape, q, given);
          const context = `C = ${classes}, ${targets === y ? "indices" : "probabilities"}`;
          expectClose(got.loss, truth.losses, bound, { context });
          const magnitude = truth.gradMagnitude.map((m) => 2 * m);
          expectClose(got.grad.data, truth.grad, crossEntropyDenseGrad(magnitude), { context });
          const over = x.slice();
          engine.crossEntropy({ data: over, shape }, targets, { ...given, grad: "inPlace" });
          expectSameBits(over, got.grad.data);
          const plain = engine.crossEntropy({ data: x, shape }, targets, given);
          expectSameBits(plain.loss, got.loss);
          for (let i = 0; i < rows; i += 5) {
            const [from, to] = [i * classes, (i + 1) * classes];
            const own =
              targets === y ? y.slice(i, i + 1) : { data: q.slice(from, to), shape: [1, classes] };
            const alone = engine.crossEntropy(
              { data: x.slice(from, to), shape: [1, classes] },
              own as Int32Array,
              { ...run, upstream: upstream.slice(i, i + 1) },
            );
            expectSameBits(alone.loss, got.loss.slice(i, i + 1));
            expectSameBits(alone.grad.data, got.grad.data.slice(from, to));
          }
        }
      }
    }
  });

  it("shares that cancel: mass 0 is not a row of zeros", () => {
    const options = { reduction: "none", grad: true } as const;
    const { loss, grad } = engine.crossEntropy(
      [
        [1, 3],
        [NaN, 3],
      ],
      [
        [1, -1],
        [1, -1],
      ],
      options,
    );
    expectSameBits(loss, [2, NaN]);
    expectClose(grad.data, [-1, 1, NaN, NaN], crossEntropyDenseGrad([1, 1, 1, 1]));
  });

  it(`confident rows: the target's gradient, ${crossEntropyTargetGrad.name}`, () => {
    const weight = [0.7, 1, 1.3];
    for (let g = 0; g <= 69; g += 3) {
      const e = 2 * Math.exp(-g);
      const options = { weight, upstream: 1 / 3, grad: true } as const;
      const { grad } = engine.crossEntropy([[g, 0, 0]], [[1, 0, 0]], options);
      const truth = (Math.fround(-0.7) / 3) * (e / (1 + e));
      expectClose(grad.data[0]!, truth, crossEntropyTargetGrad, { context: `${g}` });
    }
  });
});

describe("crossEntropy, probabilities: identities and extremes", () => {
  it("one-hot probabilities equal indices within the bound, confident rows too", () => {
    const x = new Random(1).normals(40 * 9, 10);
    const y = new Random(2).indices(40, 9);
    const hot = new Float32Array(360);
    y.forEach((c, i) => (hot[9 * i + c] = 1));
    const options = { reduction: "none", grad: true } as const;
    const soft = engine.crossEntropy(
      { data: x, shape: [40, 9] },
      { data: hot, shape: [40, 9] },
      options,
    );
    const hard = engine.crossEntropy({ data: x, shape: [40, 9] }, y, options);
    expectClose(soft.loss, hard.loss, bound);
    for (let g = 0; g <= 69; g += 3) {
      const { loss } = engine.crossEntropy([[g, 0, 0]], [[1, 0, 0]]);
      expect(Math.abs(loss / Math.log1p(2 * Math.exp(-g)) - 1)).toBeLessThan(1e-6);
    }
  });

  it("probability 0 at −∞ contributes 0, a positive one +∞; a NaN probability makes NaN", () => {
    expect(engine.crossEntropy([[-INF, 0]], [[0, 1]]).loss).toBe(0);
    expect(engine.crossEntropy([[-INF, 0]], [[0.25, 0.75]]).loss).toBe(INF);
    expect(engine.crossEntropy([[1, 2]], [[NaN, 1]]).loss).toBeNaN();
  });
});

describe("crossEntropy, probabilities: errors", () => {
  it("another shape; grad over the targets; nothing is written", () => {
    expectError(
      () => engine.crossEntropy([[1, 2, 3]], [[1, 0]]),
      "ERR_SHAPE",
      "crossEntropy: targets must have the logits' shape [1, 3] as probabilities, got shape [1, 2]; pass integers (Int32Array, number[]) for class indices",
    );
    const q = Float32Array.of(1, 0);
    expectError(
      () =>
        engine.crossEntropy(
          { data: Float32Array.of(1, 2), shape: [1, 2] },
          { data: q, shape: [1, 2] },
          { grad: q },
        ),
      "ERR_ARGUMENT_VALUE",
      "crossEntropy: grad must not overlap another argument, got memory that both share; pass an array of its own, or the logits array itself",
    );
    expectSameBits(q, [1, 0]);
  });
});

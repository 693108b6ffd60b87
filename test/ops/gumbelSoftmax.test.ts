import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/createEngine.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { gumbelSoftmax, gumbelSoftmaxGradient } from "../reference/index.ts";
import { centralDifference } from "../support/centralDifference.ts";
import { engine } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { SHORT_LENGTHS } from "../support/lengths.ts";
import { expectClose, expectSameBits, expectZeros } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import * as bounds from "../support/tolerance.ts";
import { forEachVariant, inRows, rowsOfVariant } from "../support/variants.ts";

const INF = Infinity;
const random = new Random(12);
const { gumbelSoftmax: bound } = bounds;
const one = (z: readonly number[], options = {}): number[] =>
  Array.from(engine.gumbelSoftmax([z], options).data);

describe("gumbelSoftmax: values", () => {
  it("worked: two classes whose noise is known", () => {
    // g of (seed 0, row 0, step 0) for classes 0 and 1, by the reference.
    const got = engine.gumbelSoftmax([0, 0]).data;
    expectClose(got, gumbelSoftmax([0, 0]), bound);
    expect(got[0]! + got[1]!).toBeCloseTo(1, 6);
  });

  it("hard: one 1 a row, where sample draws at temperature 1", () => {
    const x = random.normals(500 * 30, 2);
    const logits = { data: x, shape: [500, 30] };
    const key = { seed: 9, step: 4, row: 77 };
    const { ids } = engine.sample(logits, key);
    for (const tau of [0.1, 1, 7]) {
      const { data } = engine.gumbelSoftmax(logits, { ...key, hard: true, tau });
      ids.forEach((id, row) => {
        const expected = Array.from({ length: 30 }, (_unused, c) => Number(c === id));
        expect(Array.from(data.subarray(row * 30, row * 30 + 30))).toEqual(expected);
      });
    }
  });

  it("the mean of hard draws is softmax(z), whatever τ: within 5 deviations", () => {
    const z = [1, 0, -1, 2, 0.5];
    const draws = 20_000;
    const data = Float32Array.from({ length: draws * 5 }, (_unused, i) => z[i % 5]!);
    const logits = { data, shape: [draws, 5] };
    const drawn = engine.gumbelSoftmax(logits, { hard: true, seed: 3, tau: 0.3 }).data;
    const p = engine.softmax(z).data;
    for (let c = 0; c < 5; c++) {
      const seen = drawn.reduce((sum, v, i) => sum + (i % 5 === c ? v : 0), 0);
      const deviation = Math.sqrt(draws * p[c]! * (1 - p[c]!));
      expect(Math.abs(seen - draws * p[c]!)).toBeLessThan(5 * deviation);
    }
  });

  it("τ towards 0 is one-hot, τ towards ∞ is uniform", () => {
    const hard = one([1, 2, 3, 4], { hard: true, seed: 1 });
    expect(one([1, 2, 3, 4], { tau: 1e-300, seed: 1 })).toEqual(hard);
    expectClose(one([1, 2, 3, 4], { tau: 1e30, seed: 1 }), [0.25, 0.25, 0.25, 0.25], bound);
  });
});

describe(`gumbelSoftmax: reference, ${bound.name}`, () => {
  it.each([0.05, 1, 2.5])("τ = %d, in every form and tiling", (tau) => {
    for (const classes of [1, 3, 64, 65, 1500]) {
      const x = random.normals(4 * classes, 3);
      const options = { tau, seed: 2 ** 52, step: 6 };
      const truth = gumbelSoftmax(x, [4, classes], options);
      const whole = engine.gumbelSoftmax({ data: x, shape: [4, classes] }, options).data;
      expectClose(whole, truth, bound, { input: x });
      forEachVariant(x, 4, classes, (variant) => {
        const { engine: on, logits, axis, firstRow } = variant;
        const got = on.gumbelSoftmax(logits as number[], { ...options, axis, row: firstRow });
        expectSameBits(inRows(variant, got.data), rowsOfVariant(variant, whole, classes));
      });
    }
  });

  it.each([...SHORT_LENGTHS, 1000, 1025])("%d classes", (classes) => {
    const x = random.normals(2 * classes, 2);
    const truth = gumbelSoftmax(x, [2, classes], { row: 10 });
    const got = engine.gumbelSoftmax({ data: x, shape: [2, classes] }, { row: 10 });
    expectClose(got.data, truth, bound);
  });

  it("strict and auto give the same bits", () => {
    const x = random.normals(70 * 90, 3);
    const logits = { data: x, shape: [70, 90] };
    const [a, b] = (["strict", "auto"] as const).map(
      (numerics) => createEngine({ numerics }).gumbelSoftmax(logits, { tau: 0.4 }).data,
    );
    expectSameBits(a!, b!);
  });
});

describe("gumbelSoftmax: extremes", () => {
  it("NaN, +∞ and only −∞ spoil their row alone, hard or not", () => {
    for (const hard of [false, true]) {
      const rows = [
        [NaN, 1, 2],
        [INF, 1, 2],
        [-INF, -INF, -INF],
        [-INF, 1, -INF],
      ];
      const got = engine.gumbelSoftmax(rows, { hard }).data;
      expect(Array.from(got.subarray(0, 9))).toEqual(Array.from({ length: 9 }, () => NaN));
      expect(Array.from(got.subarray(9))).toEqual([0, 1, 0]);
    }
  });

  it("±FLT_MAX, equal logits, one class, no rows", () => {
    expect(one([3.4e38, -3.4e38])).toEqual([1, 0]);
    expect(one([-7])).toEqual([1]);
    expect(engine.gumbelSoftmax({ data: new Float32Array(0), shape: [0, 4] }).data.length).toBe(0);
    expect(one([5, 5, 5], { hard: true }).reduce((a, b) => a + b, 0)).toBe(1);
  });
});

describe("gumbelSoftmax: gradient", () => {
  const shape = [3, 6];
  const x = random.normals(18, 2);
  const upstream = { data: random.normals(18), shape };

  it.each([0.3, 1, 4])("τ = %d: reference and central differences, soft and hard", (tau) => {
    const options = { tau, seed: 5 };
    const truth = gumbelSoftmaxGradient(x, shape, upstream.data, options);
    const differences = centralDifference(
      (z) => gumbelSoftmax(z, shape, options).reduce((sum, y, i) => sum + y * upstream.data[i]!, 0),
      x,
    );
    for (const hard of [false, true]) {
      const grad = new Float32Array(18);
      const got = engine.gumbelSoftmax({ data: x, shape }, { ...options, hard, upstream, grad });
      expectClose(grad, truth, bounds.gumbelGrad(4 / tau));
      expectClose(grad, differences, bounds.lossGradient);
      expectSameBits(got.data, engine.gumbelSoftmax({ data: x, shape }, { ...options, hard }).data);
    }
  });

  it("over the logits, from tensors, along the middle axis: the same bits", () => {
    const turned = { data: random.normals(60, 2), shape: [3, 4, 5] };
    const u = { data: random.normals(60), shape: [3, 4, 5] };
    const options = { axis: 1, seed: 8, tau: 0.6 };
    const grad = new Float32Array(60);
    const whole = engine.gumbelSoftmax(turned, { ...options, upstream: u, grad }).data;
    expectClose(
      grad,
      gumbelSoftmaxGradient(turned.data, turned.shape, u.data, options),
      bounds.gumbelGrad(4 / 0.6),
    );
    const own = turned.data.slice();
    const logits = { data: own, shape: [3, 4, 5] };
    expectSameBits(
      engine.gumbelSoftmax(logits, { ...options, upstream: u, grad: own }).data,
      whole,
    );
    expectSameBits(own, grad);
    engine.scope(() => {
      const [z, v, g] = [engine.tensor([3, 4, 5]), engine.tensor([3, 4, 5]), engine.tensor([60])];
      z.data.set(turned.data);
      v.data.set(u.data);
      const got = engine.gumbelSoftmax(z, { ...options, upstream: v, grad: g });
      expectSameBits(got.data, whole);
      expectSameBits(g.data, grad);
      expectSameBits(z.data, turned.data);
    });
  });

  it("masked classes have none, whatever their upstream; a NaN row has NaN, alone", () => {
    const grad = new Float32Array(6).fill(7);
    engine.gumbelSoftmax(
      [
        [-INF, 1, 2],
        [NaN, 1, 2],
      ],
      {
        upstream: [
          [NaN, 1, 2],
          [1, 1, 1],
        ],
        grad,
      },
    );
    expect([grad[0], ...grad.subarray(3)]).toEqual([0, NaN, NaN, NaN]);
    expect(Math.abs(grad[1]! + grad[2]!)).toBeLessThan(1e-7);
    const zero = new Float32Array(2);
    engine.gumbelSoftmax([1, 2], { upstream: [0, 0], grad: zero });
    expectZeros(zero);
  });
});

describe("gumbelSoftmax: errors and memory", () => {
  const x = [1, 2, 3];
  it("refuses wrong arguments and writes nothing", () => {
    const out = new Float32Array(3).fill(9);
    const grad = new Float32Array(3).fill(9);
    const upstream = [1, 1, 1];
    const said = (options: object, code: ErrorCode, message: string): void =>
      void expectError(
        () => engine.gumbelSoftmax(x, { out, ...options } as never),
        code,
        `gumbelSoftmax: ${message}`,
      );
    for (const tau of [0, -1, NaN, INF]) {
      said({ tau }, "ERR_ARGUMENT_VALUE", `tau must be a finite number above 0, got ${tau}`);
    }
    said({ hard: 1 }, "ERR_ARGUMENT_TYPE", "hard must be true or false, got 1");
    said(
      { seed: 0.5 },
      "ERR_ARGUMENT_VALUE",
      "seed must be an integer in [0, 9007199254740990], got 0.5",
    );
    said({ upstream }, "ERR_ARGUMENT_VALUE", "grad must be given with upstream, got undefined");
    said({ grad }, "ERR_ARGUMENT_VALUE", "upstream must be given with grad, got undefined");
    said(
      { grad, upstream: [1] },
      "ERR_SHAPE",
      "upstream must have the logits' shape [3], got shape [1]",
    );
    said(
      { grad: out, upstream },
      "ERR_ARGUMENT_VALUE",
      "grad must not overlap another argument, got memory that both share; pass an array of its own, or the logits array itself",
    );
    said(
      { tua: 2 },
      "ERR_ARGUMENT_TYPE",
      'tua must be a known option, got "tua"; did you mean tau?',
    );
    expectError(
      () => engine.gumbelSoftmax({ data: new Float32Array(0), shape: [2, 0] }),
      "ERR_SHAPE",
      "gumbelSoftmax: logits must have at least one class, got shape [2, 0]",
    );
    expect([...out, ...grad]).toEqual([9, 9, 9, 9, 9, 9]);
  });

  it("writes into out, also over the logits", () => {
    const z = Float32Array.from(x);
    const whole = engine.gumbelSoftmax(z).data;
    const result = engine.gumbelSoftmax(z, { out: z });
    expect(result.data).toBe(z);
    expectSameBits(z, whole);
  });
});

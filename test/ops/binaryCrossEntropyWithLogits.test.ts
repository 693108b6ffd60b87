import { describe, expect, it } from "vitest";
import { binaryCrossEntropyWithLogits as reference } from "../reference/index.ts";
import { engine, segments, tiles } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { LENGTHS } from "../support/lengths.ts";
import { expectClose, expectSameBits, expectZeros } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import {
  binaryCrossEntropyGrad,
  binaryCrossEntropyMean,
  binaryCrossEntropyWithLogits as bound,
} from "../support/tolerance.ts";

const INF = Infinity;
const bce = engine.binaryCrossEntropyWithLogits;

describe("binaryCrossEntropyWithLogits: values", () => {
  it("(20, 1), (−20, 0), (−1000, 1); posWeight 3; weights do not enter the mean's denominator", () => {
    const { loss } = bce([20, -20, -1000], [1, 0, 1], { reduction: "none" });
    expectClose(loss, [2.0611536181902037e-9, 2.0611536181902037e-9, 1000], bound);
    const weighted = bce([1, -1], [1, 0], { posWeight: 3, reduction: "none" }).loss;
    expectClose(weighted, [0.9397850625546684, 0.3132616875182228], bound);
    const { grad } = bce([1, -2], [0.3, 1], { posWeight: 3, reduction: "sum", grad: true });
    expectClose(grad.data, [0.26969373, -2.64239123], { name: "1e-6", allowed: () => 1e-6 });
    expectClose(bce([0, 0], [1, 1], { weight: [2, 0] }).loss, 0.69314718, binaryCrossEntropyMean);
  });
});

describe(`binaryCrossEntropyWithLogits: reference, ${bound.name}`, () => {
  it("labels 0 and 1: the log1p term over [−87, 87], with gradient", () => {
    const x = Float32Array.from({ length: 174 * 128 }, (_, i) => i / 128 - 87);
    for (const label of [0, 1]) {
      const z = x.map(() => label);
      const truth = reference(x, [x.length], z, { reduction: "none" });
      const got = bce(x, z, { reduction: "none", grad: true });
      expectClose(got.loss, truth.losses, bound, { input: x });
      expectClose(got.grad.data, truth.grad, binaryCrossEntropyGrad(truth.gradMagnitude));
    }
  });

  it("every length, options and tile; the same bits in each", () => {
    for (const length of [...LENGTHS, 5000]) {
      const random = new Random(length);
      const x = random.normals(length, 5);
      const z = random.uniforms(length);
      for (const options of [
        {},
        { labelSmoothing: 0.25 },
        { weight: 2, posWeight: 3, upstream: -0.5 },
      ]) {
        for (const reduction of ["none", "mean"] as const) {
          const given = { ...options, reduction };
          const truth = reference(x, [length], z, given);
          const got = bce(x, z, { ...given, grad: true });
          if (reduction === "none") expectClose(got.loss, truth.losses, bound);
          else expectClose(got.loss, truth.loss, binaryCrossEntropyMean);
          expectClose(
            got.grad.data,
            truth.grad,
            binaryCrossEntropyGrad(truth.gradMagnitude.map((m) => 1.5 * m)),
          );
          for (const each of [segments, tiles]) {
            const again = each.binaryCrossEntropyWithLogits(x, z, { ...given, grad: true });
            expectSameBits(again.loss, got.loss);
            expectSameBits(again.lossSum, got.lossSum);
            expectSameBits(again.grad.data, got.grad.data);
          }
        }
      }
    }
  });

  it("weight and posWeight broadcast against the logits' shape", () => {
    const shape = [4, 3, 5];
    const random = new Random(2);
    const x = random.normals(60, 3);
    const z = random.uniforms(60);
    for (const own of [[], [5], [3, 1], [4, 1, 5], [4, 3, 5]]) {
      const data = random.uniforms(
        own.reduce((a, b) => a * b, 1),
        0.5,
        2,
      );
      const weights = { data, shape: own };
      for (const option of ["weight", "posWeight"]) {
        const given = { [option]: weights, reduction: "none" } as const;
        const truth = reference(x, shape, z, given);
        const got = engine.binaryCrossEntropyWithLogits({ data: x, shape }, z, given);
        expectClose(got.loss as Float32Array, truth.losses, bound);
      }
    }
  });
});

describe("binaryCrossEntropyWithLogits: extremes", () => {
  it("±∞: 0 beside the agreeing label, +∞ beside the other or a soft one; finite gradient", () => {
    const x = [INF, -INF, INF, -INF, INF, -INF];
    const z = [1, 0, 0, 1, 0.5, 0.5];
    const { loss, grad } = bce(x, z, { reduction: "none", grad: true });
    expectSameBits(loss, [0, 0, INF, INF, INF, INF]);
    expect(grad.data.every(Number.isFinite)).toBe(true);
  });

  it("NaN stays in its element; zero weight, ignored labels and upstream 0 are exactly 0", () => {
    const nan = bce([NaN, 1], [1, 1], { reduction: "none", grad: true });
    expect([nan.loss[0], nan.grad.data[0]]).toEqual([NaN, NaN]);
    expect(Number.isFinite(nan.loss[1])).toBe(true);
    for (const options of [{ weight: 0 }, { ignoreIndex: [-1, 9] }]) {
      const got = bce([NaN, INF], [-1, 9], { ...options, reduction: "sum", grad: true });
      expect(got.loss).toBe(0);
      expectZeros(got.grad.data);
    }
    expectZeros(bce([NaN, 1], [1, 1], { upstream: 0, grad: true }).grad.data);
    expect(bce([1], [-1], { ignoreIndex: -1 }).loss).toBeNaN();
    expect(bce([1], [-1], { ignoreIndex: -1, onEmpty: "zero" }).loss).toBe(0);
  });

  it("labels outside [0, 1] are computed as given", () => {
    const { loss } = bce([1], [2]);
    expect(Math.abs(loss - (Math.log1p(Math.exp(-1)) - 1))).toBeLessThan(1e-6);
  });
});

describe("binaryCrossEntropyWithLogits: the gradient of labels", () => {
  const length = 1037;
  const random = new Random(77);
  const x = random.normals(length, 6);
  const z = random.uniforms(length);
  const q = random.uniforms(length).map((v) => 5 * v);
  const w = random.normals(length);
  const options = [
    {},
    { labelSmoothing: 0.2, upstream: -3 },
    { posWeight: { data: q, shape: [length] }, weight: { data: w, shape: [length] } },
    { posWeight: 0, reduction: "sum" },
    { posWeight: 2.5, reduction: "none", upstream: w, labelSmoothing: 0.1 },
  ] as const;

  it("reference: 1e-6 of both terms; the same bits in tiles and for every length", () => {
    for (const given of options) {
      const truth = reference(x, [length], z, {
        ...given,
        ...("posWeight" in given &&
          typeof given.posWeight === "object" && { posWeight: q, weight: w }),
      } as never);
      const got = bce(x, z, { ...given, gradTargets: true, grad: true });
      got.gradTargets.data.forEach((v, i) => {
        const error = Math.abs(v - truth.gradTargets[i]!);
        expect(error).toBeLessThanOrEqual(1e-6 * truth.targetMagnitude[i]! + 1e-45);
      });
      expectSameBits(got.grad.data, bce(x, z, { ...given, grad: true }).grad.data);
      const tiled = tiles.binaryCrossEntropyWithLogits(x, z, { ...given, gradTargets: true });
      expectSameBits(tiled.gradTargets.data, got.gradTargets.data);
    }
    for (const some of LENGTHS) {
      const part = { reduction: "sum", posWeight: 2.5, gradTargets: true } as const;
      const all = bce(x, z, part).gradTargets.data;
      const { data } = bce(x.subarray(0, some), z.subarray(0, some), part).gradTargets;
      expectSameBits(data, all.subarray(0, some));
    }
  });

  it("central differences of the float64 loss, which is linear in the labels", () => {
    const given = { posWeight: 3, weight: 0.5, labelSmoothing: 0.3, reduction: "sum" } as const;
    const some = x.subarray(0, 40);
    const { gradTargets } = bce(some, z.subarray(0, 40), { ...given, gradTargets: true });
    for (let i = 0; i < 40; i++) {
      const moved = (by: number): number => {
        const labels = Float64Array.from(z.subarray(0, 40));
        labels[i]! += by;
        return reference(some, [40], labels, given).loss as number;
      };
      const truth = moved(0.5) - moved(-0.5);
      expect(Math.abs(gradTargets.data[i]! - truth)).toBeLessThan(1e-5 * (1 + Math.abs(truth)));
    }
  });

  it("extremes: ±∞ and NaN; zero weights, masked and ignored labels are 0", () => {
    const of = (value: number, given = {}): number =>
      bce([value], [1], { ...given, reduction: "sum", gradTargets: true }).gradTargets.data[0]!;
    expect([of(INF), of(-INF), of(NaN)]).toEqual([-INF, INF, NaN]);
    expect(of(-INF, { posWeight: 0 })).toBe(0);
    for (const value of [INF, -INF, NaN]) {
      for (const given of [
        { weight: 0 },
        { ignoreIndex: [7, 1] },
        { rowMask: [0] },
        { upstream: 0 },
      ]) {
        expect(of(value, given)).toBe(0);
      }
    }
  });

  it("in place over the labels, also of tensors and beside grad in place; the two must not be one", () => {
    const truth = bce(x, z, { gradTargets: true, grad: true });
    const [logits, labels] = [x.slice(), z.slice()];
    bce(logits, labels, { gradTargets: "inPlace", grad: "inPlace" });
    expectSameBits(labels, truth.gradTargets.data);
    expectSameBits(logits, truth.grad.data);
    const [a, b] = [engine.tensor([length]), engine.tensor([length])];
    a.data.set(x);
    b.data.set(z);
    expect(bce(a, b, { gradTargets: "inPlace", grad: "inPlace" }).loss).toBe(truth.loss);
    expectSameBits(b.data, truth.gradTargets.data);
    expectSameBits(a.data, truth.grad.data);
    a.dispose();
    b.dispose();
    expect(() => bce(logits, labels, { gradTargets: logits })).toThrow(
      "gradTargets must not overlap",
    );
    expect(() => bce([1], Uint8Array.of(1), { gradTargets: "inPlace" })).toThrow(
      'gradTargets must not be "inPlace" unless the targets are float32',
    );
  });
});

describe("binaryCrossEntropyWithLogits: errors", () => {
  it("shapes, weights, ranges; nothing is written", () => {
    const grad = Float32Array.of(-7, -7);
    const cases: [unknown, object, Parameters<typeof expectError>[1], string][] = [
      [[1], {}, "ERR_SHAPE", "targets must have the logits' shape [2], got shape [1]"],
      [
        [1, 0],
        { weight: [1, 2, 3] },
        "ERR_SHAPE",
        "weight must broadcast to the logits' shape [2], got shape [3]",
      ],
      [
        [1, 0],
        { posWeight: -1 },
        "ERR_ARGUMENT_VALUE",
        "posWeight[0] must be a finite number of at least 0, got -1",
      ],
      [
        [1, 0],
        { posWeight: NaN },
        "ERR_ARGUMENT_VALUE",
        "posWeight[0] must be a finite number of at least 0, got NaN",
      ],
      [
        [1, 0],
        { labelSmoothing: 2 },
        "ERR_ARGUMENT_VALUE",
        "labelSmoothing must be a finite number in [0, 1], got 2",
      ],
    ];
    for (const [targets, options, code, message] of cases) {
      expectError(
        () => bce([1, 2], targets as number[], { ...options, grad }),
        code,
        `binaryCrossEntropyWithLogits: ${message}`,
      );
    }
    expectSameBits(grad, [-7, -7]);
  });
});

import { describe, expect, it } from "vitest";
import { crossEntropy as reference } from "../reference/index.ts";
import { engine, makeEngine, segments, tiles } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { LENGTHS, SEGMENT_LENGTHS, VOCABULARIES } from "../support/lengths.ts";
import { expectClose, expectSameBits, expectZeros } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import {
  crossEntropy as bound,
  crossEntropyConfident,
  crossEntropyDense,
  crossEntropyDenseGrad,
  crossEntropyTargetGrad,
} from "../support/tolerance.ts";
import { forEachVariant, inRows, rowsOfVariant } from "../support/variants.ts";

const INF = Infinity;
const X = [
  [1, 2, 3],
  [0, 0, 0],
];
const Y = [0, 2];
const W = [1, 0, 2];

describe("crossEntropy, indices: values", () => {
  it("golden losses: plain, weight, smoothing, both", () => {
    const loss = (options = {}) => engine.crossEntropy(X, Y, options).loss as number;
    const none = engine.crossEntropy(X, Y, { reduction: "none" }).loss;
    expectClose(none, [2.40760596444438, 1.09861228866811], bound);
    expectClose(loss(), 1.75310912655625, bound);
    expectClose(loss({ weight: W }), 1.53494351392687, bound);
    expectClose(loss({ labelSmoothing: 0.1 }), 1.70310912655625, crossEntropyDense);
    expectClose(loss({ weight: W, labelSmoothing: 0.1 }), 1.45387865986015, crossEntropyDense);
    const { lossSum, weightSum, count } = engine.crossEntropy(X, Y, { weight: W });
    expectClose([lossSum, weightSum, count], [4.6048305417806, 3, 2], bound);
  });

  it("golden gradients", () => {
    const third = 1 / 6;
    const grad = (options = {}) => engine.crossEntropy(X, Y, { ...options, grad: true }).grad.data;
    const magnitude = Array(6).fill(0.5);
    const close = crossEntropyDenseGrad(magnitude);
    const first = [-0.45498471341481, 0.122364235527399, 0.332620477887411];
    expectClose(grad(), [...first, third, third, -2 * third], close);
    const weighted = [-0.30332314227654, 0.0815761570182659, 0.221746985258274];
    const ninths = [2 / 9, 2 / 9, -4 / 9];
    expectClose(grad({ weight: W }), [...weighted, ...ninths], close);
  });

  it("(N, C, H, W) with axis 1: arange(12), one ignored", () => {
    const logits = { data: Float32Array.from({ length: 12 }, (_, i) => i), shape: [1, 3, 2, 2] };
    const { loss } = engine.crossEntropy(logits, [0, 1, 2, -100], { axis: 1, reduction: "none" });
    expectClose(loss, [8.018479, 4.018479, 0.018479, 0], { name: "1e-6", allowed: () => 1e-6 });
  });
});

describe(`crossEntropy, indices: reference, ${bound.name}`, () => {
  it("every C, odd rows at every alignment, with gradient", () => {
    for (const classes of [...LENGTHS, ...SEGMENT_LENGTHS]) {
      const random = new Random(classes);
      const shape = [4, classes];
      const x = random.normals(4 * classes, 4, classes % 3 ? 0 : -700);
      const y = random.indices(4, classes, 0.2);
      const truth = reference(x, shape, y, { reduction: "none" });
      for (const each of [engine, segments]) {
        const got = each.crossEntropy({ data: x, shape }, y, { reduction: "none", grad: true });
        expectClose(got.loss, truth.losses, bound, { context: `C = ${classes}` });
        expectClose(got.grad.data, truth.grad, crossEntropyDenseGrad(truth.gradMagnitude));
      }
    }
  });

  it.each(VOCABULARIES)("C = %d: N(0, 1), N(0, 10), a peak of +18, equal logits", (classes) => {
    const random = new Random(classes);
    const peak = random.normals(classes);
    peak[5] = 18;
    const inputs = [
      random.normals(classes),
      random.normals(classes, 10),
      peak,
      new Float32Array(classes),
    ];
    for (const x of inputs) {
      for (const y of [5, classes - 1]) {
        const truth = reference(x, [1, classes], [y]);
        const got = engine.crossEntropy({ data: x, shape: [1, classes] }, [y], { grad: true });
        expectClose(got.loss, truth.loss, bound);
        expectClose(got.grad.data, truth.grad, crossEntropyDenseGrad(truth.gradMagnitude));
      }
    }
  });

  it("options together, any axis, every build of the rows", () => {
    const shape = [3, 11, 4];
    const random = new Random(4);
    const x = random.normals(132, 5);
    for (const axis of [0, 1, 2]) {
      const classes = shape[axis];
      const rows = 132 / classes;
      const y = random.indices(rows, classes, 0.3);
      const weight = random.uniforms(classes, 0, 2);
      for (const labelSmoothing of [0, 0.1, 1]) {
        for (const zLoss of [0, 0.25]) {
          for (const reduction of ["mean", "sum", "none"] as const) {
            const options = { axis, weight, labelSmoothing, zLoss, reduction };
            const truth = reference(x, shape, y, options);
            for (const each of [engine, segments, tiles]) {
              const got = each.crossEntropy({ data: x, shape }, y, { ...options, grad: true });
              const wide = {
                name: "2e-6 relative",
                allowed: (t: number) => 2e-6 * (1 + Math.abs(t)),
              };
              expectClose(got.loss, truth.loss, wide, { context: JSON.stringify(options) });
              expectClose(
                [got.lossSum, got.weightSum, got.count],
                [truth.lossSum, truth.weightSum, truth.count],
                wide,
              );
              const magnitude = truth.gradMagnitude.map((m) => 2 * m);
              expectClose(got.grad.data, truth.grad, crossEntropyDenseGrad(magnitude), {
                context: JSON.stringify(options),
              });
            }
          }
        }
      }
    }
  });

  it("one class, in more rows than fit a chunk: losses and gradients of 0", () => {
    const logits = { data: new Random(1).normals(2001, 4), shape: [2001, 1] };
    const { loss, grad } = engine.crossEntropy(logits, new Int32Array(2001), {
      reduction: "none",
      grad: true,
    });
    expectSameBits(loss, new Float32Array(2001));
    expect(grad.data.every((g) => Math.abs(g) === 0)).toBe(true);
  });
});

describe(`crossEntropy, indices: confident rows, ${crossEntropyConfident.name}`, () => {
  it("CE([g, 0, 0], 0) and its target gradient for every g from 0 to 69 in steps of 0.25", () => {
    for (let g = 0; g <= 69; g += 0.25) {
      const e = 2 * Math.exp(-g);
      for (const offset of [0, 512, -1024]) {
        const row = [g + offset, offset, offset];
        const { loss, grad } = engine.crossEntropy([row], [0], { grad: true });
        const context = `g = ${g}, offset ${offset}`;
        expectClose(loss, Math.log1p(e), crossEntropyConfident, { context });
        expectClose(grad.data[0], -e / (1 + e), crossEntropyTargetGrad, { context });
        expect(loss).toBeGreaterThan(0);
      }
    }
  });
});

describe("crossEntropy, indices: extremes", () => {
  it("−∞ at the target: +∞ and a finite gradient; elsewhere 0 there", () => {
    const at = engine.crossEntropy([[-INF, 0, 1]], [0], { grad: true });
    expect(at.loss).toBe(INF);
    expectClose(at.grad.data, [-1, 0.2689414213699951, 0.7310585786300049], bound);
    const off = engine.crossEntropy([[-INF, 0, 1]], [2], { grad: true });
    expect(off.grad.data[0] === 0 && Number.isFinite(off.loss)).toBe(true);
  });

  it("NaN, +∞ or −∞ only: loss NaN, that row's gradient NaN, others untouched", () => {
    for (const row of [
      [NaN, 1, 2],
      [1, NaN, 2],
      [INF, 1, 2],
      [1, 2, INF],
      [-INF, -INF, -INF],
    ]) {
      const options = { reduction: "none", grad: true } as const;
      const { loss, grad } = engine.crossEntropy([row, [0, 0, 0]], [0, 1], options);
      expectClose(loss, [NaN, Math.log(3)], bound);
      expectClose(grad.data, [NaN, NaN, NaN, 1 / 3, -2 / 3, 1 / 3], bound);
    }
  });

  it("an ignored row is 0 with gradient exactly 0, whatever it holds", () => {
    for (const each of [engine, segments]) {
      const classes = 2500;
      const x = new Float32Array(2 * classes).fill(NaN);
      x.fill(1, classes);
      const logits = { data: x, shape: [2, classes] };
      const options = { zLoss: 0.1, softcap: 30, labelSmoothing: 0.1, grad: true };
      const { loss, grad, count } = each.crossEntropy(logits, [-100, 7], options);
      expect([Number.isFinite(loss), count]).toEqual([true, 1]);
      expectZeros(grad!.data.subarray(0, classes));
    }
  });

  it("all ignored: mean NaN, 0 or an error; sum 0; none zeros; gradient zeros", () => {
    const run = (options: object) =>
      engine.crossEntropy(X, [-100, -100], { ...options, grad: true }) as {
        loss: number;
        grad: { data: Float32Array };
      };
    expect(run({}).loss).toBeNaN();
    expect(run({ onEmpty: "zero" }).loss).toBe(0);
    expect(run({ reduction: "sum" }).loss).toBe(0);
    expectZeros(run({}).grad.data);
    expectError(
      () => run({ onEmpty: "throw" }),
      "ERR_ARGUMENT_VALUE",
      'crossEntropy: targets must leave something to average, got a mean over nothing; set onEmpty to "nan" or "zero"',
    );
  });

  it("weight 0 at a −∞ target is 0; no rows; one class", () => {
    const { loss } = engine.crossEntropy([[-INF, 0]], [0], { weight: [0, 1], reduction: "sum" });
    expect(loss).toBe(0);
    const empty = { data: new Float32Array(0), shape: [0, 3] };
    expect(engine.crossEntropy(empty, []).loss).toBeNaN();
    expect(engine.crossEntropy(empty, [], { onEmpty: "zero" }).loss).toBe(0);
    expect(engine.crossEntropy(empty, [], { reduction: "none" }).loss.length).toBe(0);
    const single = engine.crossEntropy([[5], [-3]], [0, 0], { grad: true });
    expect(single.loss).toBe(0);
    expectZeros(single.grad.data);
  });

  it("temperatures 1e-39 and 1e30, softcap on ±∞: no NaN", () => {
    for (const temperature of [1e-39, 1e30]) {
      const { loss } = engine.crossEntropy([[3, 1, 2]], [0], { temperature });
      expectClose(loss, temperature < 1 ? 0 : Math.log(3), bound);
    }
    const capped = engine.crossEntropy([[INF, -INF]], [0], { softcap: 2, grad: true });
    expectClose(capped.loss, Math.log1p(Math.exp(-4)), bound);
    expectZeros(capped.grad.data);
  });
});

describe("crossEntropy, indices: identities", () => {
  it("label arrays of every kind agree", () => {
    const x = new Random(1).normals(4 * 100, 3);
    const y = [99, 0, 7, 50];
    const logits = { data: x, shape: [4, 100] };
    const { loss } = engine.crossEntropy(logits, y);
    const kinds = [
      Uint8Array.from(y),
      Int8Array.from(y),
      Uint8ClampedArray.from(y),
      Int16Array.from(y),
      Uint16Array.from(y),
      Int32Array.from(y),
      Uint32Array.from(y),
      BigInt64Array.from(y, BigInt),
      BigUint64Array.from(y, BigInt),
      { data: Int32Array.from(y), shape: [4] },
      { data: Int32Array.from(y), dims: [4] },
    ];
    for (const kind of kinds) expect(engine.crossEntropy(logits, kind).loss).toBe(loss);
  });

  it("smoothing 0 is plain, bit for bit; upstream multiplies grad and not loss; 0 gives zeros", () => {
    const x = new Random(2).normals(5 * 37, 4);
    const logits = { data: x, shape: [5, 37] };
    const y = [0, 36, 5, -100, 9];
    const plain = engine.crossEntropy(logits, y, { grad: true });
    const zero = engine.crossEntropy(logits, y, {
      grad: true,
      labelSmoothing: 0,
      zLoss: 0,
      temperature: 1,
    });
    expectSameBits([zero.loss, ...zero.grad.data], [plain.loss, ...plain.grad.data]);
    const twice = engine.crossEntropy(logits, y, { grad: true, upstream: 2 });
    expect(twice.loss).toBe(plain.loss);
    expectSameBits(
      twice.grad.data,
      plain.grad.data.map((g) => 2 * g),
    );
    x[0] = NaN;
    expectZeros(engine.crossEntropy(logits, y, { grad: true, upstream: 0 }).grad.data);
    const each = engine.crossEntropy(logits, y, {
      grad: true,
      upstream: [0, 0, 3, 1, 0],
      reduction: "none",
    });
    expectZeros(each.grad.data.subarray(0, 74));
    const truth = reference(x, [5, 37], y, { upstream: [0, 0, 3, 1, 0], reduction: "none" });
    expectClose(each.grad.data, truth.grad, crossEntropyDenseGrad(truth.gradMagnitude));
  });

  it("every divisor", () => {
    for (const divisor of ["weights", "valid", "rows", "elements", 7] as const) {
      const options = { weight: W, divisor, grad: true };
      const got = engine.crossEntropy([...X, [5, 5, 5]], [0, 2, -100], options);
      const truth = reference([...X.flat(), 5, 5, 5], [3, 3], [0, 2, -100], options);
      expectClose(got.loss, truth.loss, bound);
      expectClose(got.grad!.data, truth.grad, crossEntropyDenseGrad(truth.gradMagnitude));
    }
  });

  it("half-precision logits equal converting first, resident or not", () => {
    const bits = Uint16Array.from(
      { length: 4 * 33 },
      (_, i) => (0x3c00 + 37 * i) ^ ((i % 2) << 15),
    );
    for (const dtype of ["float16", "bfloat16"] as const) {
      engine.scope(() => {
        const tensor = engine.tensor([4, 33], dtype);
        tensor.data.set(bits);
        const plain = engine.crossEntropy({ data: bits, shape: [4, 33], dtype }, [1, 2, 3, 32]);
        expect(engine.crossEntropy(tensor, [1, 2, 3, 32]).loss).toBe(plain.loss);
        expect(Number.isFinite(plain.loss)).toBe(true);
      });
    }
  });

  it("the mean has the same bits however its rows are tiled", () => {
    const x = new Random(6).normals(3000 * 7, 3);
    const y = new Random(7).indices(3000, 7, 0.1);
    const logits = { data: x, shape: [3000, 7] };
    const { loss, lossSum } = engine.crossEntropy(logits, y);
    for (const each of [segments, tiles]) {
      const got = each.crossEntropy(logits, y);
      expectSameBits([got.loss, got.lossSum], [loss, lossSum]);
    }
  });
});

describe("crossEntropy, indices: the same bits", () => {
  it.each([
    [5, 9],
    [1025, 4],
    [3001, 3],
  ])("C = %d whatever the batch, tile, memory, address or axis", (classes, rows) => {
    const random = new Random(classes);
    const x = random.normals(rows * classes, 6);
    const y = random.indices(rows, classes);
    const weight = random.uniforms(classes, 0.5, 2);
    for (const extra of [
      {},
      { weight, labelSmoothing: 0.1, zLoss: 0.1 },
      { weight, temperature: 0.7, softcap: 9 },
    ]) {
      const options = { ...extra, reduction: "none", grad: true } as const;
      const whole = engine.crossEntropy({ data: x, shape: [rows, classes] }, y, options);
      forEachVariant(x, rows, classes, (variant) => {
        const labels = y.slice(variant.firstRow, variant.firstRow + variant.rows);
        const got = variant.engine.crossEntropy(variant.logits, labels, {
          ...options,
          axis: variant.axis,
        });
        expectSameBits(got.loss, rowsOfVariant(variant, whole.loss, 1), variant.name);
        const { data } = got.grad as { data: Float32Array };
        expectSameBits(
          inRows(variant, data),
          rowsOfVariant(variant, whole.grad.data, classes),
          variant.name,
        );
      });
    }
  });
});

describe("crossEntropy, indices: errors write nothing", () => {
  it("labels out of range, of the wrong kind, or too many", () => {
    const grad = new Float32Array(6).fill(-7);
    const call = (targets: unknown, options = {}) =>
      engine.crossEntropy(X, targets as number[], { ...options, grad, reduction: "sum" });
    const range = "must be in [0, 3) or ignoreIndex (-100)";
    const integer = "must be an integer in [0, 3) or ignoreIndex (-100)";
    const cases: [unknown, Parameters<typeof expectError>[1], string][] = [
      [[0, 3], "ERR_TARGET_RANGE", `crossEntropy: targets[1] ${range}, got 3`],
      [[-1, 0], "ERR_TARGET_RANGE", `crossEntropy: targets[0] ${range}, got -1`],
      [[0, -99], "ERR_TARGET_RANGE", `crossEntropy: targets[1] ${range}, got -99`],
      [[0, 2 ** 40], "ERR_TARGET_RANGE", `crossEntropy: targets[1] ${range}, got 1099511627776`],
      [
        Uint8Array.of(0, 255),
        "ERR_TARGET_RANGE",
        "crossEntropy: targets[1] must be in [0, 3), got 255",
      ],
      [
        Uint32Array.of(0, 4294967196),
        "ERR_TARGET_RANGE",
        "crossEntropy: targets[1] must be in [0, 3), got 4294967196",
      ],
      [
        BigInt64Array.of(0n, 2n ** 60n),
        "ERR_TARGET_RANGE",
        `crossEntropy: targets[1] ${range}, got 1152921504606846976`,
      ],
      [[0, 1.5], "ERR_ARGUMENT_VALUE", `crossEntropy: targets[1] ${integer}, got 1.5`],
      [[0, NaN], "ERR_ARGUMENT_VALUE", `crossEntropy: targets[1] ${integer}, got NaN`],
      [[0, "1"], "ERR_ARGUMENT_TYPE", `crossEntropy: targets[1] ${integer}, got "1"`],
      [[0, null], "ERR_ARGUMENT_TYPE", `crossEntropy: targets[1] ${integer}, got null`],
      [[0, true], "ERR_ARGUMENT_TYPE", `crossEntropy: targets[1] ${integer}, got true`],
      [[0, 1n], "ERR_ARGUMENT_TYPE", `crossEntropy: targets[1] ${integer}, got 1n`],
      [
        [0],
        "ERR_SHAPE",
        "crossEntropy: targets.length must be the number of rows of logits [2, 3] = 2, got 1",
      ],
      [
        [0, 1, 2],
        "ERR_SHAPE",
        "crossEntropy: targets.length must be the number of rows of logits [2, 3] = 2, got 3",
      ],
    ];
    for (const [targets, code, message] of cases) expectError(() => call(targets), code, message);
    expect(() => call([0, -100], { ignoreIndex: null })).toThrow(
      "targets[1] must be in [0, 3), got -100",
    );
    expectSameBits(grad, Array(6).fill(-7));
    expect(expectError(() => call([0, 3]), "ERR_TARGET_RANGE", cases[0][2]).index).toBe(1);
  });

  it("options", () => {
    const call = (options: object) => engine.crossEntropy(X, Y, options);
    const cases: [object, Parameters<typeof expectError>[1], string][] = [
      [
        { labelSmoothing: 1.5 },
        "ERR_ARGUMENT_VALUE",
        "labelSmoothing must be a finite number in [0, 1], got 1.5",
      ],
      [
        { labelSmoothing: NaN },
        "ERR_ARGUMENT_VALUE",
        "labelSmoothing must be a finite number in [0, 1], got NaN",
      ],
      [
        { labelsmoothing: 0 },
        "ERR_ARGUMENT_TYPE",
        'labelsmoothing must be a known option, got "labelsmoothing"; did you mean labelSmoothing?',
      ],
      [{ zLoss: -1 }, "ERR_ARGUMENT_VALUE", "zLoss must be a finite number of at least 0, got -1"],
      [{ softcap: 0 }, "ERR_ARGUMENT_VALUE", "softcap must be a finite number above 0, got 0"],
      [
        { reduction: "avg" },
        "ERR_ARGUMENT_VALUE",
        'reduction must be "none" or "mean" or "sum", got "avg"',
      ],
      [{ divisor: 0 }, "ERR_ARGUMENT_VALUE", "divisor must be a finite number above 0, got 0"],
      [{ weight: [1, 2] }, "ERR_SHAPE", "weight.length must be the number of classes = 3, got 2"],
      [{ weight: [1, 2, INF] }, "ERR_ARGUMENT_VALUE", "weight[2] must be finite, got Infinity"],
      [
        { upstream: [1, 2] },
        "ERR_ARGUMENT_TYPE",
        'upstream must be a number with reduction "mean", got an array of length 2',
      ],
      [
        { upstream: [1], reduction: "none" },
        "ERR_SHAPE",
        "upstream.length must be the number of losses = 2, got 1",
      ],
      [
        { upstream: [1, "2"], reduction: "none" },
        "ERR_ARGUMENT_TYPE",
        'upstream[1] must be finite, got "2"',
      ],
      [
        { upstream: [1, 2n], reduction: "none" },
        "ERR_ARGUMENT_TYPE",
        "upstream[1] must be finite, got 2n",
      ],
      [
        { ignoreIndex: "0" },
        "ERR_ARGUMENT_TYPE",
        'ignoreIndex must be a number, a list of numbers or null, got "0"',
      ],
    ];
    for (const [options, code, message] of cases) {
      expectError(() => call(options), code, `crossEntropy: ${message}`);
    }
  });
});

describe("crossEntropy, indices: memory", () => {
  it("grad in place, into an array, into a Tensor, on any axis", () => {
    const shape = [3, 1030, 2];
    const x = new Random(3).normals(6180, 3);
    for (const axis of [0, 1, 2]) {
      const rows = 6180 / shape[axis];
      const y = new Random(4).indices(rows, shape[axis]);
      const options = { axis, temperature: 0.5 };
      const { grad } = engine.crossEntropy({ data: x, shape }, y, { ...options, grad: true });
      for (const each of [engine, segments, tiles]) {
        const own = x.slice();
        each.crossEntropy({ data: own, shape }, y, { ...options, grad: "inPlace" });
        expectSameBits(own, grad.data);
        each.scope(() => {
          const tensor = each.tensor(shape);
          tensor.data.set(x);
          each.crossEntropy(tensor, y, { ...options, grad: "inPlace" });
          expectSameBits(tensor.data, grad.data);
        });
      }
    }
  });

  it("targets in linear memory survive growth in the middle of the call", () => {
    const rows = 6000;
    const classes = 50;
    const fresh = makeEngine({ numerics: "strict" });
    const x = new Random(5).normals(rows * classes);
    const y = new Random(6).indices(rows, classes);
    const tensor = fresh.tensor([rows, classes]);
    tensor.data.set(x);
    const targets = fresh.tensor([rows], "int32");
    targets.data.set(y);
    const before = targets.data.buffer;
    const { loss, grad } = fresh.crossEntropy(tensor, targets, { grad: true });
    expect(before.byteLength, "memory grew during the call").toBe(0);
    const expected = fresh.crossEntropy({ data: x, shape: [rows, classes] }, y, { grad: true });
    expect(loss).toBe(expected.loss);
    expectSameBits(grad.data, expected.grad.data);
  });
});

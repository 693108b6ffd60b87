/** Losses of tensors run without a plan: the same bits, the same errors, one object on the heap. */
import process from "node:process";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { BinaryCrossEntropyOptions, CrossEntropyOptions, Tensor } from "../../src/index.ts";
import { Session } from "../../src/memory/session.ts";
import { engine, makeEngine } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { expectSameBits } from "../support/matchers.ts";
import { Random } from "../support/random.ts";

/** Counts the calls that go to a plan. */
const plans = vi.spyOn(Session.prototype as unknown as { call(): unknown }, "call");
afterEach(() => plans.mockClear());

const numbersOf = ({ loss, lossSum, weightSum, count }: Numbers): number[] => [
  loss as number,
  lossSum,
  weightSum,
  count,
];
type Numbers = { loss: unknown; lossSum: number; weightSum: number; count: number };

const random = new Random(11);
const SEVENS = Float32Array.of(-7, -7, -7, -7, -7, -7);
/** [], short rows, rows of blocks, rows of one chunk of losses and of three, targets beyond fixed room. */
const SHAPES = [[], [16], [1, 16], [3, 70], [5, 1030], [300, 3], [1024, 2], [2, 3, 5], [2100, 2]];

function tensorOf<D extends "float32" | "int32">(
  shape: readonly number[],
  data: ArrayLike<number>,
  dtype: D,
): Tensor<D> {
  const tensor = engine.tensor(shape, dtype);
  tensor.data.set(data);
  return tensor;
}

describe("crossEntropy of tensors", () => {
  const OPTIONS: readonly (CrossEntropyOptions | undefined)[] = [
    undefined,
    {},
    { reduction: "sum", grad: false },
    { reduction: "mean", ignoreIndex: 0, labelSmoothing: 0.1 },
    { labelSmoothing: 1, ignoreIndex: -1, weight: undefined },
  ];
  const cases = SHAPES.flatMap((shape) => OPTIONS.map((options) => ({ shape, options })));

  it.each(cases)("shape $shape, $options: the bits of the plan", ({ shape, options }) => {
    engine.scope(() => {
      const classes = shape.at(-1) ?? 1;
      const rows = shape.reduce((a, b) => a * b, 1) / classes;
      const data = random.normals(rows * classes, 5);
      const picks = random.indices(rows, classes);
      if (rows > 1) picks[1] = options?.ignoreIndex === -1 ? -1 : 0;
      if (rows === 1 && options?.ignoreIndex === 0) picks[0] = classes - 1;
      const weights = random.uniforms(classes, 0, 2).fill(0, 1, 2);
      const x = tensorOf(shape, data, "float32");
      const shares = random.probabilities(rows, classes);
      const soft = tensorOf(shape, shares, "float32");
      const weight = tensorOf([classes], weights, "float32");
      for (const given of [options, { ...options, weight }]) {
        const asked = { ...given, grad: true } as const;
        const expectedHard = engine.crossEntropy({ data, shape }, picks, asked);
        const expectedSoft = engine.crossEntropy({ data, shape }, { data: shares, shape }, asked);
        for (const targets of [picks, tensorOf([rows], picks, "int32"), soft]) {
          const expected = targets === soft ? expectedSoft : expectedHard;
          const grad = engine.tensor([rows * classes + 2]);
          grad.data.fill(-7);
          plans.mockClear();
          const plain = engine.crossEntropy(x, targets, given);
          const graded = engine.crossEntropy(x, targets, { ...given, grad });
          // Where nothing has a weight, what is left to do is the plan's.
          expect(plans).toHaveBeenCalledTimes(expected.weightSum === 0 ? 2 : 0);
          expect(Object.keys(plain)).toEqual(["loss", "lossSum", "weightSum", "count"]);
          expect(Object.keys(graded)).toEqual(["loss", "lossSum", "weightSum", "count", "grad"]);
          expect(graded.grad).toBe(grad);
          for (const result of [plain, graded]) {
            expectSameBits(numbersOf(result), numbersOf(expected));
          }
          expectSameBits(grad.data, [...expected.grad.data, -7, -7]);
          const inPlace = tensorOf(shape, data, "float32");
          engine.crossEntropy(inPlace, targets, { ...given, grad: inPlace });
          expectSameBits(inPlace.data, expected.grad.data);
        }
      }
    });
  });

  it.each([Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array])(
    "indices in %o, on an axis that is the last",
    (Indices) => {
      engine.scope(() => {
        const [rows, classes] = [11, 5];
        const data = random.normals(rows * classes, 5);
        const picks = Indices.from(random.indices(rows, classes));
        const x = tensorOf([rows, classes], data, "float32");
        const expected = engine.crossEntropy({ data, shape: [rows, classes] }, picks);
        plans.mockClear();
        for (const axis of [-1, 1, undefined]) {
          const result = engine.crossEntropy(x, picks, { axis });
          expectSameBits(numbersOf(result), numbersOf(expected));
        }
        expect(plans).not.toHaveBeenCalled();
        const square = tensorOf([classes, classes], data.subarray(0, 25), "float32");
        const some = picks.subarray(0, classes);
        const turned = engine.crossEntropy(square, some, { axis: 0 });
        expect(plans).toHaveBeenCalledTimes(1);
        expect(turned.loss).not.toBe(engine.crossEntropy(square, some).loss);
        const wrong = { axis: 2 };
        expect(() => engine.crossEntropy(x, picks, wrong)).toThrow(/^crossEntropy: axis /);
        expect(() =>
          engine.binaryCrossEntropyWithLogits(x, x, wrong as BinaryCrossEntropyOptions),
        ).toThrow(/axis must be a known option/);
      });
    },
  );

  it.each(["float16", "bfloat16"] as const)("%s logits", (dtype) => {
    engine.scope(() => {
      for (const shape of [
        [1, 16],
        [300, 3],
        [1024, 2],
        [2100, 10],
        [5, 64],
        [5, 65],
        [70, 1030],
        [3, 33000],
      ] as const) {
        const [rows, classes] = shape;
        // Any bits: zeros, subnormals, infinities and NaN among them.
        const bits = Uint16Array.from({ length: rows * classes }, (_unused, i) => i * 40503);
        bits.fill(0x3c00, 0, Math.min(bits.length, 150)).fill(0x4000, 1, 2);
        const x = engine.tensor(shape, dtype);
        x.data.set(bits);
        const picks = random.indices(rows, classes);
        if (rows > 1) picks[1] = -100;
        const asked = { ignoreIndex: -100, grad: true } as const;
        const expected = engine.crossEntropy(
          { data: bits, dtype, shape: [...shape] },
          picks,
          asked,
        );
        const grad = engine.tensor([rows * classes + 2]);
        grad.data.fill(-7);
        plans.mockClear();
        const plain = engine.crossEntropy(x, picks);
        const graded = engine.crossEntropy(x, picks, { grad });
        expect(plans).not.toHaveBeenCalled();
        for (const result of [plain, graded]) {
          expectSameBits(numbersOf(result), numbersOf(expected));
        }
        expectSameBits(grad.data, [...expected.grad.data, -7, -7]);
        expectSameBits(x.data, bits);
        picks[rows - 1] = classes;
        grad.data.fill(-7);
        expectError(
          () => engine.crossEntropy(x, picks, { grad }),
          "ERR_TARGET_RANGE",
          `crossEntropy: targets[${rows - 1}] must be in [0, ${classes}) or ignoreIndex (-100), got ${classes}`,
        );
        expect(grad.data.every((value) => value === -7)).toBe(true);
      }
    });
  });

  it("an index out of range in any row is refused before anything is written", () => {
    engine.scope(() => {
      const rows = 2100;
      const x = engine.tensor([rows, 3]);
      const grad = tensorOf([rows, 3], new Float32Array(rows * 3).fill(-7), "float32");
      for (const row of [0, 3, 1023, 1024, rows - 2, rows - 1]) {
        for (const [value, ignoreIndex] of [
          [3, -100],
          [-1, -100],
          [-100, 0],
          [2 ** 31 - 1, -1],
        ] as const) {
          const picks = new Int32Array(rows).fill(1);
          picks[row] = value;
          for (const targets of [picks, tensorOf([rows], picks, "int32")]) {
            expectError(
              () => engine.crossEntropy(x, targets, { grad, ignoreIndex }),
              "ERR_TARGET_RANGE",
              `crossEntropy: targets[${row}] must be in [0, 3) or ignoreIndex (${ignoreIndex}), got ${value}`,
            );
          }
        }
      }
      expect(grad.data.every((value) => value === -7)).toBe(true);
    });
  });

  it("labels to ignore that no int32 is leave every row", () => {
    engine.scope(() => {
      const x = tensorOf([2, 3], [1, 2, 3, 4, 5, 6], "float32");
      for (const ignoreIndex of [0.5, 2 ** 32, -(2 ** 32) + 1, Infinity]) {
        expect(engine.crossEntropy(x, Int32Array.of(0, 1), { ignoreIndex }).count).toBe(2);
      }
    });
  });

  it("indices that memory has no room for are fed by the plan", () => {
    const small = makeEngine({ maximumBytes: 2 ** 24 });
    const rows = (2 ** 24 - 2 ** 22) / 8; // whose indices are more than is left, but no tile of them
    const x = small.tensor([rows, 2]);
    const full = tensorOf([rows, 2], x.data, "float32");
    const picks = new Int32Array(rows).fill(1);
    plans.mockClear();
    expect(small.crossEntropy(x, picks).loss).toBe(engine.crossEntropy(full, picks).loss);
    expect(plans).toHaveBeenCalledTimes(1);
    full.dispose();
    small.dispose();
  });

  it("NaN and infinities: the bits of the plan", () => {
    engine.scope(() => {
      const data = random.withSpecials(6 * 8, 0.2, [NaN, -Infinity, Infinity, 0, -0]);
      const picks = Int32Array.of(0, 1, 2, 3, 4, -100);
      const shape = [6, 8];
      const grad = engine.tensor(shape);
      const expected = engine.crossEntropy({ data, shape }, picks, { grad: true });
      const x = tensorOf(shape, data, "float32");
      plans.mockClear();
      expectSameBits(numbersOf(engine.crossEntropy(x, picks, { grad })), numbersOf(expected));
      expect(plans).not.toHaveBeenCalled();
      expectSameBits(grad.data, expected.grad.data);
    });
  });

  it("what is not such a call goes to the plan, errors included", () => {
    engine.scope(() => {
      const x = tensorOf([2, 3], [1, 2, 3, 4, 5, 6], "float32");
      const grad = tensorOf([2, 3], SEVENS, "float32");
      const y = Int32Array.of(0, 2);
      const refused = (targets: unknown, options: unknown, code: string, message: string): void => {
        expectError(
          () => engine.crossEntropy(x, targets as never, options as never),
          code as never,
          `crossEntropy: ${message}`,
        );
        expectSameBits(grad.data, SEVENS);
      };
      const range = "must be in [0, 3) or ignoreIndex (-100), got";
      refused(Int32Array.of(0, 3), { grad }, "ERR_TARGET_RANGE", `targets[1] ${range} 3`);
      const outside = tensorOf([2], [-1, 0], "int32");
      refused(outside, { grad }, "ERR_TARGET_RANGE", `targets[0] ${range} -1`);
      refused(
        Int32Array.of(0),
        { grad },
        "ERR_SHAPE",
        "targets.length must be the number of rows of logits [2, 3] = 2, got 1",
      );
      const weight = tensorOf([3], [1, NaN, 1], "float32");
      refused(y, { grad, weight }, "ERR_ARGUMENT_VALUE", "weight[1] must be finite, got NaN");
      refused(
        y,
        { grad, posWeight: weight },
        "ERR_ARGUMENT_TYPE",
        'posWeight must be a known option, got "posWeight"; did you mean weight?',
      );
      const zeros = engine.tensor([2, 3]);
      refused(
        new Int32Array(zeros.data.buffer, zeros.data.byteOffset, 2),
        { grad: zeros },
        "ERR_ARGUMENT_VALUE",
        "grad must not overlap another argument, got memory that both share; pass an array of its own, or the logits array itself",
      );
      const gone = engine.tensor([2, 3]);
      gone.dispose();
      const dead = "must be a live tensor, got one that was disposed";
      refused(y, { grad: gone }, "ERR_STATE", `grad ${dead}`);
      refused(gone, { grad }, "ERR_STATE", `targets ${dead}`);
      const other = makeEngine();
      const foreign = other.tensor([2], "int32");
      const strange = "must be a tensor of this engine, got one of another engine; copy its data";
      refused(foreign, { grad }, "ERR_STATE", `targets ${strange}`);
      refused(y, { grad: other.tensor([2, 3]) }, "ERR_STATE", `grad ${strange}`);
      other.dispose();
      for (const options of [
        { labelSmoothing: 1.5 },
        { labelSmoothing: "0.5" },
        { ignoreIndex: NaN },
        { reduction: "max" },
        { grad: null },
        { grad: engine.tensor([5]) },
      ]) {
        expect(() => engine.crossEntropy(x, y, options as never)).toThrow(/^crossEntropy: /);
      }
    });
  });

  it("weights where the gradient goes are read first", () => {
    engine.scope(() => {
      const weight = tensorOf([3], [1, 2, 3], "float32");
      const x = tensorOf([1, 3], [1, 2, 4], "float32");
      const options = { weight: [1, 2, 3], labelSmoothing: 0.5, grad: true } as const;
      const expected = engine.crossEntropy([[1, 2, 4]], [1], options).grad.data;
      engine.crossEntropy(x, Int32Array.of(1), { ...options, weight, grad: weight });
      expectSameBits(weight.data, expected);
    });
  });

  it("reads each option once, and own ones only", () => {
    engine.scope(() => {
      const x = tensorOf([1, 2], [1, 2], "float32");
      const y = Int32Array.of(1);
      for (const grad of [engine.tensor([1, 2]), new Float32Array(2)]) {
        const reads: string[] = [];
        const options = {
          get grad() {
            reads.push("grad");
            return grad;
          },
          get reduction() {
            reads.push("reduction");
            return "sum" as const;
          },
        };
        engine.crossEntropy(x, y, options as never);
        expect(reads.sort()).toEqual(["grad", "reduction"]);
      }
      const hidden = Object.defineProperty({}, "reduction", { value: "sum" });
      const inherited = Object.create({ reduction: "sum" }) as object;
      for (const options of [hidden, inherited]) {
        expect(engine.crossEntropy(x, y, options).loss).toBe(engine.crossEntropy(x, y).loss);
        expect(engine.crossEntropy([[1, 2]], [1], options).loss).toBe(
          engine.crossEntropy(x, y).loss,
        );
      }
    });
  });

  it("an option that disposes the logits as it is read", () => {
    const x = tensorOf([1, 2], [1, 2], "float32");
    const options = {
      get reduction() {
        x.dispose();
        return "sum" as const;
      },
    };
    expect(() => engine.crossEntropy(x, Int32Array.of(1), options)).toThrow(
      "must be a live tensor",
    );
  });
});

describe("binaryCrossEntropyWithLogits of tensors", () => {
  const OPTIONS: readonly (BinaryCrossEntropyOptions | undefined)[] = [
    undefined,
    { reduction: "sum" },
    { reduction: "mean", grad: false },
  ];
  const cases = SHAPES.flatMap((shape) => OPTIONS.map((options) => ({ shape, options })));

  it.each(cases)("shape $shape, $options: the bits of the plan", ({ shape, options }) => {
    engine.scope(() => {
      const length = shape.reduce((a, b) => a * b, 1);
      const classes = shape.at(-1) ?? 1;
      const data = random.normals(length, 5);
      const labels = random.uniforms(length);
      const weights = random.uniforms(classes, 0, 3);
      const x = tensorOf(shape, data, "float32");
      for (const weight of shape.length > 0 ? [undefined, weights] : [undefined]) {
        const held = weight && tensorOf([classes], weight, "float32");
        const posWeight = weight && { data: weight, shape: [classes] };
        const expected = engine.binaryCrossEntropyWithLogits({ data, shape }, labels, {
          ...options,
          posWeight,
          grad: true,
        });
        for (const z of [
          tensorOf(shape, labels, "float32"),
          tensorOf([length], labels, "float32"),
        ]) {
          const grad = engine.tensor(shape);
          plans.mockClear();
          const given = { ...options, posWeight: held };
          const plain = engine.binaryCrossEntropyWithLogits(x, z, given);
          const graded = engine.binaryCrossEntropyWithLogits(x, z, { ...given, grad });
          // Weights of more elements than there is room for.
          expect(plans).toHaveBeenCalledTimes(weight && length > 2032 ? 2 : 0);
          expect(graded.grad).toBe(grad);
          for (const result of [plain, graded]) {
            expectSameBits(numbersOf(result), numbersOf(expected));
          }
          expectSameBits(grad.data, expected.grad.data);
        }
      }
    });
  });

  it("what is not such a call goes to the plan, errors included", () => {
    engine.scope(() => {
      const x = tensorOf([2, 3], [1, 2, 3, 4, 5, 6], "float32");
      const z = tensorOf([2, 3], [0, 1, 0, 1, 0, 1], "float32");
      const refused = (targets: unknown, options: unknown, code: string, message: string): void => {
        expectError(
          () => engine.binaryCrossEntropyWithLogits(x, targets as never, options as never),
          code as never,
          `binaryCrossEntropyWithLogits: ${message}`,
        );
      };
      const shared =
        "grad must not overlap another argument, got memory that both share; pass an array of its own, or the logits array itself";
      refused(z, { grad: z }, "ERR_ARGUMENT_VALUE", shared);
      const posWeight = tensorOf([3], [1, -1, 1], "float32");
      refused(
        z,
        { posWeight },
        "ERR_ARGUMENT_VALUE",
        "posWeight[1] must be a finite number of at least 0, got -1",
      );
      refused(
        tensorOf([3, 2], [0, 1, 0, 1, 0, 1], "float32"),
        {},
        "ERR_SHAPE",
        "targets must have the logits' shape [2, 3], got shape [3, 2]",
      );
      const whole = engine.binaryCrossEntropyWithLogits(x, z, { ignoreIndex: 1 });
      expect(whole.count).toBe(3);
      const smoothed = engine.binaryCrossEntropyWithLogits(x, z, { labelSmoothing: 0.1 });
      expect(smoothed.loss).not.toBe(engine.binaryCrossEntropyWithLogits(x, z).loss);
    });
  });
});

it("leaves nothing but the result on the JavaScript heap", () => {
  engine.scope(() => {
    const x = tensorOf([1, 16], random.normals(16), "float32");
    const grad = engine.tensor([1, 16]);
    const weight = tensorOf([16], random.uniforms(16), "float32");
    const labels = tensorOf([1, 16], random.uniforms(16), "float32");
    const y = Int32Array.of(3);
    const held = tensorOf([1], y, "int32");
    const options = { grad };
    const some = { grad, weight, ignoreIndex: 0, labelSmoothing: 0.1, reduction: "sum" } as const;
    const binary = { grad, posWeight: weight };
    const calls: readonly (() => unknown)[] = [
      () => engine.crossEntropy(x, y),
      () => engine.crossEntropy(x, y, options),
      () => engine.crossEntropy(x, held, some),
      () => engine.binaryCrossEntropyWithLogits(x, labels, options),
      () => engine.binaryCrossEntropyWithLogits(x, labels, binary),
    ];
    plans.mockRestore();
    for (const call of calls) {
      const count = 20000;
      const run = (): number => {
        const before = process.memoryUsage().heapUsed;
        for (let i = 0; i < count; i++) call();
        return (process.memoryUsage().heapUsed - before) / count;
      };
      run();
      // Collections fall into some runs: of those that grew, the least.
      const grown = Array.from({ length: 10 }, run).filter((bytes) => bytes > 0);
      expect(grown.length).toBeGreaterThan(0);
      // Five properties, three float64 numbers: 128 bytes.
      expect(Math.min(...grown)).toBeLessThan(150);
    }
  });
});

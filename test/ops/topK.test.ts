import { describe, expect, it } from "vitest";
import { topK as reference } from "../reference/index.ts";
import { engine, segments, tiles } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { expectSameBits } from "../support/matchers.ts";
import { Random } from "../support/random.ts";

const plusZero = (values: ArrayLike<number>): number[] => Array.from(values, (z) => z + 0);

describe("topK: values", () => {
  it("best first, the lower index first among ties, NaN greatest, −0 comes back as 0", () => {
    const take = (row: number[], k: number, largest = true) => {
      const { values, indices } = engine.topK(row, k, { largest });
      return [[...values.data], [...indices.data]];
    };
    expect(take([1, 3, 3, 3, 0], 2)).toEqual([
      [3, 3],
      [1, 2],
    ]);
    expect(take([1, NaN, 3], 2)).toEqual([
      [NaN, 3],
      [1, 2],
    ]);
    expect(take([1, NaN, 3], 3, false)).toEqual([
      [1, 3, NaN],
      [0, 2, 1],
    ]);
    expect(take([NaN, NaN], 2)).toEqual([
      [NaN, NaN],
      [0, 1],
    ]);
    expect(take([-0, 0, -0], 3)).toEqual([
      [0, 0, 0],
      [0, 1, 2],
    ]);
    expect(take([5], 1)).toEqual([[5], [0]]);
    expect(take([5, 4], 0)).toEqual([[], []]);
  });

  it("shape, dtype, Tensors; k = 0 and scalars", () => {
    const { values, indices } = engine.topK(
      [
        [1, 2, 3],
        [6, 5, 4],
      ],
      2,
    );
    expect([values.shape, values.dtype]).toEqual([[2, 2], "float32"]);
    expect([indices.shape, indices.dtype]).toEqual([[2, 2], "int32"]);
    expect(engine.topK([[1, 2]], 0).values.shape).toEqual([1, 0]);
    expect(engine.topK({ data: Float32Array.of(4), shape: [] }, 1).values.shape).toEqual([]);
    engine.scope(() => {
      const x = engine.tensor([1, 3]);
      x.data.set([1, 3, 2]);
      expect([...engine.topK(x, 2).indices.data]).toEqual([1, 2]);
    });
  });
});

describe("topK: reference, exact", () => {
  it("k from 1 to C, ties and specials, any axis, tile and segment", () => {
    for (const classes of [1, 2, 3, 4, 5, 8, 17, 33, 130, 1025, 3000]) {
      const random = new Random(classes);
      const tied = random.normals(3 * classes).map((z) => Math.round(z * 3));
      const special = random.withSpecials(3 * classes, 0.3);
      for (const k of new Set([1, 2, 5, classes >> 1, classes - 1, classes])) {
        if (k < 1 || k > classes) continue;
        for (const data of [tied, special]) {
          for (const largest of [true, false]) {
            for (const [shape, axis] of [
              [[3, classes], -1],
              [[classes, 3], 0],
            ] as const) {
              const truth = reference(data, shape, k, { axis, largest });
              for (const each of [engine, segments, tiles]) {
                const got = each.topK({ data, shape }, k, { axis, largest });
                const context = `C = ${classes}, k = ${k}, axis ${axis}, largest ${largest}`;
                expectSameBits(got.indices.data, truth.indices, context);
                expectSameBits(plusZero(got.values.data), plusZero(truth.values), context);
                expect(got.values.shape).toEqual(truth.shape);
              }
            }
          }
        }
      }
    }
  });

  it("k = 1 agrees with argmax", () => {
    const data = new Random(8).withSpecials(40 * 9);
    const logits = { data, shape: [40, 9] };
    expectSameBits(engine.topK(logits, 1).indices.data, engine.argmax(logits).data);
  });
});

describe("topK: errors", () => {
  it("k outside [0, C], or no integer", () => {
    const call = engine.topK as (...given: unknown[]) => unknown;
    for (const k of [-1, 4, 1.5, NaN, Infinity]) {
      expectError(
        () => call([1, 2, 3], k),
        "ERR_ARGUMENT_VALUE",
        `topK: k must be an integer in [0, 3], got ${k}`,
      );
    }
    for (const [k, got] of [
      ["2", '"2"'],
      [undefined, "undefined"],
      [2n, "2n"],
    ]) {
      expectError(
        () => call([1, 2, 3], k),
        "ERR_ARGUMENT_TYPE",
        `topK: k must be an integer in [0, 3], got ${got as string}`,
      );
    }
  });
});

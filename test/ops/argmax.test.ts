import { describe, expect, it } from "vitest";
import { argmax as reference } from "../reference/index.ts";
import { engine, segments, tiles } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { LENGTHS, SEGMENT_LENGTHS } from "../support/lengths.ts";
import { expectSameBits } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { forEachVariant, rowsOfVariant } from "../support/variants.ts";

const INF = Infinity;

describe("argmax: values", () => {
  it("rows, keepDims, dtype, Tensors", () => {
    const got = engine.argmax(
      [
        [0.5, 1.5, 0.1],
        [2.2, 1.3, 1.7],
      ],
      { keepDims: true },
    );
    expect([[...got.data], got.shape, got.dtype]).toEqual([[1, 0], [2, 1], "int32"]);
    expect(engine.argmax([1, 2]).shape).toEqual([]);
    engine.scope(() => {
      const x = engine.tensor([2, 3]);
      x.data.set([1, 2, 3, 9, 8, 7]);
      expect([...engine.argmax(x).data]).toEqual([2, 0]);
    });
  });

  it("the lowest index wins ties, −0 equals 0, NaN counts as greatest, the first NaN wins", () => {
    const cases: [number[], number][] = [
      [[1, 3, 3, 3, 0], 1],
      [[-0, 0], 0],
      [[0, -0], 0],
      [[0, 3, 5, NaN, 3], 3],
      [[NaN, 1, 2], 0],
      [[1, NaN, NaN], 1],
      [[NaN, NaN], 0],
      [[INF, NaN, INF], 1],
      [[-INF, -INF], 0],
      [[-INF, -3e38], 1],
      [[7], 0],
    ];
    for (const [row, index] of cases) expect([...engine.argmax(row).data]).toEqual([index]);
  });
});

describe("argmax: reference and lengths, exact", () => {
  it("every C with ties, NaN and infinities at any place", () => {
    for (const classes of [...LENGTHS, ...SEGMENT_LENGTHS]) {
      const random = new Random(classes);
      const plain = random.normals(3 * classes).map((z) => Math.round(z * 4));
      const special = random.withSpecials(3 * classes, 2 / classes);
      for (const data of [plain, special]) {
        const truth = reference(data, [3, classes]);
        for (const each of [engine, segments, tiles]) {
          expectSameBits(each.argmax({ data, shape: [3, classes] }).data, truth, `C = ${classes}`);
        }
      }
    }
  });

  it("any axis", () => {
    const shape = [4, 5, 6];
    const data = new Random(1).normals(120).map(Math.round);
    for (const axis of [0, 1, 2, -1, -3]) {
      const got = engine.argmax({ data, shape }, { axis });
      expectSameBits(got.data, reference(data, shape, { axis }));
    }
  });

  it.each([
    [9, 7],
    [2050, 3],
  ])("C = %d: the same whatever the tile, memory, address or axis", (classes, rows) => {
    const data = new Random(5).withSpecials(rows * classes, 0.01);
    const whole = engine.argmax({ data, shape: [rows, classes] }).data;
    forEachVariant(data, rows, classes, (variant) => {
      const got = variant.engine.argmax(variant.logits, { axis: variant.axis }).data;
      expectSameBits(got, rowsOfVariant(variant, whole, 1), variant.name);
    });
  });
});

describe("argmax: errors", () => {
  it("no classes, unknown option; no rows give nothing", () => {
    const empty = new Float32Array(0);
    expectError(
      () => engine.argmax({ data: empty, shape: [2, 0] }),
      "ERR_SHAPE",
      "argmax: logits must have at least one class, got shape [2, 0]",
    );
    expectError(
      () => engine.argmax([1], { keepdims: true } as never),
      "ERR_ARGUMENT_TYPE",
      'argmax: keepdims must be a known option, got "keepdims"; did you mean keepDims?',
    );
    expect(engine.argmax({ data: empty, shape: [0, 3] }).data.length).toBe(0);
  });
});

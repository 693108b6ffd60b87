import { describe, expect, it } from "vitest";
import { logSumExp as reference } from "../reference/index.ts";
import { engine, segments } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { LENGTHS, SEGMENT_LENGTHS, VOCABULARIES } from "../support/lengths.ts";
import { expectClose, expectSameBits } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { logSumExp as bound, logSumExpLong } from "../support/tolerance.ts";
import { forEachVariant, rowsOfVariant } from "../support/variants.ts";

const INF = Infinity;

describe("logSumExp: values", () => {
  it("golden rows, keepDims and the shape of a single row", () => {
    const rows = [
      [1, 2, 3],
      [0, 0, 0],
    ];
    const got = engine.logSumExp(rows);
    expectClose(got.data, [3.40760596444438, 1.09861228866811], bound);
    expect(got.shape).toEqual([2]);
    expect(engine.logSumExp(rows, { keepDims: true }).shape).toEqual([2, 1]);
    expect(engine.logSumExp([1, 2]).shape).toEqual([]);
  });
});

describe(`logSumExp: reference, at most ${bound.name}`, () => {
  it.each(VOCABULARIES)("C = %d: N(0, 1), N(0, 10), one peak of +18, offsets", (classes) => {
    const random = new Random(classes);
    const peak = random.normals(classes);
    peak[classes - 7] = 18;
    const inputs = [
      random.normals(classes),
      random.normals(classes, 10),
      peak,
      random.normals(classes, 1, 1900),
      random.normals(classes, 10, -300),
      new Float32Array(classes).fill(0.3),
    ];
    const allowed = classes > 64 ? logSumExpLong : bound;
    for (const x of inputs) expectClose(engine.logSumExp(x).data, reference(x), allowed);
  });

  it("1e6 equal logits: ln n within the bound", () => {
    expectClose(engine.logSumExp(new Float32Array(1e6)).data, Math.log(1e6), bound);
  });

  it("any axes of rank 4, one or several, neighbours or not, with and without keepDims", () => {
    const shape = [2, 3, 5, 7];
    const x = new Random(3).normals(210, 5);
    const lists = [
      0,
      1,
      2,
      3,
      -4,
      [0],
      [1, 2],
      [0, 3],
      [0, 2],
      [3, 1],
      [-1, 0, 1],
      [0, 1, 2, 3],
      [],
    ];
    for (const axis of lists) {
      const truth = reference(x, shape, { axis });
      const list = (Array.isArray(axis) ? axis : [axis]).map((one) => (one + 4) % 4);
      for (const each of [engine, segments]) {
        each.scope(() => {
          const tensor = each.tensor(shape);
          tensor.data.set(x);
          for (const logits of [{ data: x, shape }, tensor]) {
            const got = each.logSumExp(logits, { axis });
            expectClose(got.data, truth, bound, { context: String(axis) });
            expect(got.shape).toEqual(shape.filter((_, i) => !list.includes(i)));
            expect(each.logSumExp(logits, { axis, keepDims: true }).shape).toEqual(
              shape.map((size, i) => (list.includes(i) ? 1 : size)),
            );
          }
        });
      }
    }
  });
});

describe(`logSumExp: lengths, at most ${bound.name}`, () => {
  it("every C, odd rows at every alignment", () => {
    for (const classes of [...LENGTHS, ...SEGMENT_LENGTHS]) {
      const x = new Random(classes).normals(5 * classes, 4);
      const got = engine.logSumExp({ data: x, shape: [5, classes] }).data;
      expectClose(got, reference(x, [5, classes]), bound, { context: `C = ${classes}` });
    }
  });

  it("one class, in more rows than fit a chunk: the logit itself", () => {
    const x = new Random(1).normals(2001, 4);
    expectSameBits(engine.logSumExp({ data: x, shape: [2001, 1] }).data, x);
  });
});

describe("logSumExp: extremes", () => {
  it("−∞ only and nothing: −∞; +∞: +∞; NaN: NaN", () => {
    const rows = [
      [-INF, -INF],
      [INF, 1],
      [INF, NaN],
      [-INF, NaN],
      [INF, -INF],
      [-INF, 4],
    ];
    expectSameBits(engine.logSumExp(rows).data, [-INF, INF, NaN, NaN, INF, 4]);
    for (const each of [engine, segments]) {
      expectSameBits(each.logSumExp({ data: new Float32Array(0), shape: [3, 0] }).data, [
        -INF,
        -INF,
        -INF,
      ]);
    }
    expectSameBits(engine.logSumExp([]).data, [-INF]);
    expect(engine.logSumExp({ data: new Float32Array(0), shape: [0, 3] }).data.length).toBe(0);
  });

  it("the only finite logit at every place, also past the first block", () => {
    for (const length of [1, 7, 33, 3000]) {
      for (let place = 0; place < length; place += length > 99 ? 83 : 1) {
        const x = new Float32Array(length).fill(-INF);
        x[place] = -1.25;
        for (const each of [engine, segments]) expectSameBits(each.logSumExp(x).data, [-1.25]);
      }
    }
  });

  it("offset invariance where the shift is exact: x + 1e4, x + 1e7, equal logits of 1e8", () => {
    for (const offset of [1e4, 1e7]) {
      const x = [1, 2, 3].map((z) => z + offset);
      expectClose(engine.logSumExp(x).data, reference(x), bound);
    }
    expectClose(engine.logSumExp([1e8, 1e8, 1e8]).data, 1e8 + Math.log(3), bound);
  });
});

describe("logSumExp: the same bits", () => {
  it.each([
    [5, 9],
    [1025, 4],
    [5003, 2],
  ])("C = %d whatever the batch, tile, memory, address or axis", (classes, rows) => {
    const x = new Random(classes).normals(rows * classes, 6);
    const whole = engine.logSumExp({ data: x, shape: [rows, classes] }).data;
    forEachVariant(x, rows, classes, (variant) => {
      const got = variant.engine.logSumExp(variant.logits, { axis: variant.axis }).data;
      expectSameBits(got, rowsOfVariant(variant, whole, 1), variant.name);
    });
  });
});

describe("logSumExp: errors", () => {
  it("an axis named twice, or out of range", () => {
    const logits = { data: new Float32Array(6), shape: [2, 3] };
    expectError(
      () => engine.logSumExp(logits, { axis: [1, -1] }),
      "ERR_ARGUMENT_VALUE",
      "logSumExp: axis must name each axis once, got [1, -1] for shape [2, 3]",
    );
    expectError(
      () => engine.logSumExp(logits, { axis: [0, 2] }),
      "ERR_ARGUMENT_VALUE",
      "logSumExp: axis must be in [-2, 2) for shape [2, 3], got 2",
    );
    expectError(
      () => engine.logSumExp(logits, { keepDims: 1 as never }),
      "ERR_ARGUMENT_TYPE",
      "logSumExp: keepDims must be true or false, got 1",
    );
  });
});

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  logSoftmax as logSoftmaxReference,
  logSumExp as logSumExpReference,
  softmax as reference,
} from "../reference/index.ts";
import { engine, segments, tiles } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { GuardedRegion, guardedSize } from "../support/guard.ts";
import { LENGTHS, SEGMENT_LENGTHS, VOCABULARIES } from "../support/lengths.ts";
import { expectClose, expectSameBits } from "../support/matchers.ts";
import { Random, SPECIALS } from "../support/random.ts";
import {
  exact,
  logSoftmax as logSoftmaxBound,
  logSumExp as logSumExpBound,
  softmax as bound,
  softmaxSum,
} from "../support/tolerance.ts";
import { forEachVariant, inRows, rowsOfVariant } from "../support/variants.ts";
import { GREATEST } from "../support/ulp.ts";

const INF = Infinity;
const sum = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((total, value) => total + value, 0);

describe("softmax: values", () => {
  it("worked numbers", () => {
    const four = engine.softmax([0.1, 0.3, 0.5, 0.9]);
    expectClose(four.data, [0.16838508, 0.205666, 0.25120102, 0.37474789], {
      name: "1e-8",
      allowed: () => 1e-7,
    });
    expect([four.shape, four.dtype]).toEqual([[4], "float32"]);
    const three = engine.softmax([2.5, 0.3, -1.2]).data;
    expect(Array.from(three, (p) => p.toFixed(4))).toEqual(["0.8806", "0.0976", "0.0218"]);
  });

  it("equal logits share alike, one class has all, shape [] is one class", () => {
    for (const z of [0, -0, 1e8, -1e8, 2 ** -149]) {
      expectSameBits(engine.softmax([z, z]).data, [0.5, 0.5]);
      expectSameBits(engine.softmax([z]).data, [1]);
    }
    const scalar = engine.softmax({ data: Float32Array.of(-3), shape: [] });
    expect([scalar.shape, ...scalar.data]).toEqual([[], 1]);
  });
});

describe(`softmax: reference, at most ${bound.name}, |x| ≤ 2000`, () => {
  it.each([0, 300, -300, 1000, -1000, 1900, -1900, 2 ** -140])("offset %d", (offset) => {
    const random = new Random(11);
    for (const deviation of [1, 10, 30]) {
      const x = random.normals(64 * 101, deviation, offset);
      const got = engine.softmax({ data: x, shape: [64, 101] }).data;
      expectClose(got, reference(x, [64, 101]), bound, { input: x });
    }
  });

  it.each(VOCABULARIES)("C = %d: N(0, 1), N(0, 10), offsets, one peak of +18", (classes) => {
    const random = new Random(classes);
    const peak = random.normals(classes);
    peak[classes >> 1] += 18;
    const inputs = [
      random.normals(classes, 1),
      random.normals(classes, 10),
      random.normals(classes, 1, 1900),
      random.normals(classes, 10, -1000),
      peak,
      new Float32Array(classes).fill(0.3),
    ];
    for (const x of inputs) {
      const p = engine.softmax(x).data;
      expectClose(p, reference(x), bound, { input: x });
      expectClose(sum(p), 1, softmaxSum);
    }
  });

  it("probabilities down to 2^-126 stay relative, smaller ones may be 0", () => {
    const x = Float32Array.from({ length: 2100 }, (_, i) => -i / 20);
    expectClose(engine.softmax(x).data, reference(x), bound, { input: x });
  });

  it("two classes up to 88 apart at any offset, whose difference float32 rounds", () => {
    const random = new Random(88);
    for (const offset of [0, 7, -60, 300, 2000, 1e6]) {
      const x = random.uniforms(2 * 5003, -44, 44).map((z, i) => (i % 2 === 0 ? z : z + offset));
      for (let i = 0; i < x.length; i += 2) x[i] = x[i + 1]! + 2 * x[i]!;
      const shape = [5003, 2];
      expectClose(engine.softmax({ data: x, shape }).data, reference(x, shape), bound, {
        input: x,
      });
    }
  });

  it("beyond |x| = 2000 the logits' own spacing rules: 4 ULP too", () => {
    for (const offset of [2001, 1e4, -1e4, 1e5, 1e7, 1e30, -3e38]) {
      const x = new Random(5).normals(700, 8).map((z) => z + offset);
      expectClose(engine.softmax(x).data, reference(x), bound, { input: x });
    }
  });

  it("logits on both sides of |x| = 2000, where the reference of a block changes", () => {
    const random = new Random(8);
    for (const center of [2000, -2000]) {
      for (const length of [9, 1024, 5000]) {
        const x = random.normals(length, 20, center);
        expectClose(engine.softmax(x).data, reference(x), bound, { input: x });
      }
    }
  });

  it.each([0.25, 0.5, 2, 8])("temperature %d", (temperature) => {
    const x = new Random(2).normals(33 * 65, 20);
    const got = engine.softmax({ data: x, shape: [33, 65] }, { temperature }).data;
    expectClose(got, reference(x, [33, 65], { temperature }), bound, { input: x });
  });

  it("temperature 0.7 is softmax of the logits divided in float32", () => {
    const x = new Random(3).normals(500, 20);
    const divided = x.map((z) => z / Math.fround(0.7));
    expectSameBits(engine.softmax(x, { temperature: 0.7 }).data, engine.softmax(divided).data);
  });

  it("every axis of shapes of rank 1 to 4", () => {
    const random = new Random(4);
    for (const shape of [[7], [5, 9], [3, 17, 5], [2, 3, 5, 7], [4, 1, 6], [1, 1029, 3]]) {
      const x = random.normals(
        shape.reduce((a, b) => a * b),
        4,
      );
      for (let axis = -shape.length; axis < shape.length; axis++) {
        const truth = reference(x, shape, { axis });
        for (const each of [engine, segments, tiles]) {
          const got = each.softmax({ data: x, shape }, { axis });
          expect(got.shape).toEqual(shape);
          expectClose(got.data, truth, bound, { context: `axis ${axis} of [${shape.join()}]` });
          each.scope(() => {
            const tensor = each.tensor(shape);
            tensor.data.set(x);
            expectSameBits(each.softmax(tensor, { axis }).data, got.data);
          });
        }
      }
    }
  });
});

describe(`softmax: lengths, at most ${bound.name}`, () => {
  it("every C, rows at every alignment, between guards", () => {
    for (const classes of [...LENGTHS, ...SEGMENT_LENGTHS]) {
      const rows = 5;
      const n = rows * classes;
      engine.scope(() => {
        for (const offset of [16, 17, 18, 19]) {
          const region = new GuardedRegion(engine.tensor([guardedSize(n) + 3]), offset, n);
          const x = new Random(classes + offset).normals(n, 3);
          region.data.set(x);
          const out = engine.tensor([n + 16]);
          out.data.fill(-7);
          engine.softmax({ data: region.data, shape: [rows, classes] }, { out });
          region.check(`C = ${classes}`);
          expectSameBits(region.data, x);
          expectClose(out.data.subarray(0, n), reference(x, [rows, classes]), bound, {
            context: `C = ${classes}, offset ${offset}`,
          });
          expectSameBits(out.data.subarray(n), new Float32Array(16).fill(-7));
        }
      });
    }
  });
});

describe("softmax: extremes", () => {
  it("NaN, +∞ or −∞ only: that row NaN, the others right", () => {
    for (const row of [
      [NaN, 1, 2],
      [1, INF, 2],
      [-INF, -INF, -INF],
      [INF, -INF, NaN],
    ]) {
      for (let place = 0; place < 3; place++) {
        const rows = [
          [1, 2, 3],
          [4, 4, 4],
          [0, -INF, 0],
        ];
        rows[place] = row;
        const got = engine.softmax(rows).data;
        expectClose(got, reference(rows.flat(), [3, 3]), bound);
        expect(Array.from(got.subarray(3 * place, 3 * place + 3))).toEqual([NaN, NaN, NaN]);
      }
    }
  });

  it("a NaN or +∞ at every place of rows of many lengths", () => {
    for (const length of [1, 2, 3, 4, 5, 8, 15, 17, 33, 64, 67]) {
      for (let place = 0; place < length; place++) {
        for (const special of [NaN, INF]) {
          const x = new Float32Array(length).fill(1);
          x[place] = special;
          expectClose(
            engine.softmax(x).data,
            x.map(() => NaN),
            exact,
          );
        }
      }
    }
  });

  it("the only finite logit at every place of every block: 1 there, 0 elsewhere", () => {
    for (const length of [1, 5, 33, 2049]) {
      for (let place = 0; place < length; place += length > 100 ? 37 : 1) {
        const x = new Float32Array(length).fill(-INF);
        x[place] = -1.25;
        const hot = x.map((_, j) => Number(j === place));
        for (const each of [engine, segments]) expectSameBits(each.softmax(x).data, hot);
      }
    }
  });

  it("allMasked zero: rows of −∞ only are 0; NaN and +∞ stay NaN", () => {
    const x = Float32Array.from([-INF, -INF, 0, 0, NaN, -INF, INF, 0]);
    const options = { allMasked: "zero" } as const;
    const got = engine.softmax({ data: x, shape: [4, 2] }, options).data;
    expectSameBits(got, [0, 0, 0.5, 0.5, NaN, NaN, NaN, NaN]);
    const long = new Float32Array(3000).fill(-INF);
    for (const each of [engine, segments]) {
      expectSameBits(each.softmax(long, options).data, new Float32Array(3000));
      expectSameBits(
        each.softmax(long).data,
        long.map(() => NaN),
      );
      long[2999] = NaN;
      expectSameBits(
        each.softmax(long, options).data,
        long.map(() => NaN),
      );
      long[2999] = -INF;
    }
  });

  it("two classes, every pair of specials: the reference, along either axis, masked or not", () => {
    const pairs = SPECIALS.flatMap((a) => SPECIALS.map((b) => [a, b]));
    const rows = pairs.length - 1 - (pairs.length % 2); // odd: a step that is not full
    const x = Float32Array.from(pairs.slice(0, rows).flat());
    const turned = x.map((_, i) => x[2 * (i % rows) + Math.floor(i / rows)]!);
    for (const allMasked of ["nan", "zero"] as const) {
      for (const name of ["softmax", "logSoftmax"] as const) {
        const got = engine[name]({ data: x, shape: [rows, 2] }, { allMasked }).data;
        const oracle = name === "softmax" ? reference : logSoftmaxReference;
        const limit = name === "softmax" ? bound : logSoftmaxBound;
        expectClose(got, oracle(x, [rows, 2], { allMasked }), limit, { input: x });
        const columns = engine[name]({ data: turned, shape: [2, rows] }, { axis: 0, allMasked });
        expectSameBits(
          columns.data.map((_, i) => columns.data[rows * (i % 2) + Math.floor(i / 2)]!),
          got,
        );
      }
    }
    const sums = engine.logSumExp({ data: x, shape: [rows, 2] }).data;
    expectClose(sums, logSumExpReference(x, [rows, 2]), logSumExpBound, { input: x });
    expectSameBits(engine.logSumExp({ data: turned, shape: [2, rows] }, { axis: 0 }).data, sums);
  });

  it("±FLT_MAX, mixed signs: no NaN from overflow", () => {
    expectSameBits(engine.softmax([GREATEST, -GREATEST, 0]).data, [1, 0, 0]);
    expectSameBits(engine.softmax([GREATEST, GREATEST]).data, [0.5, 0.5]);
    expectSameBits(engine.softmax([-GREATEST, -GREATEST, -INF]).data, [0.5, 0.5, 0]);
  });

  it("[90, 100]: e^z overflows, e^(z − m) does not", () => {
    const x = new Random(6).uniforms(999, 90, 100);
    expectClose(engine.softmax(x).data, reference(x), bound, { input: x });
  });

  it("temperatures from the smallest to the greatest: argmax-like to uniform, never NaN", () => {
    const x = Float32Array.of(1, 3, 2, -5);
    for (const temperature of [1e-300, 1e-45, 1e-39, 1e-30, 1e-3]) {
      expectSameBits(engine.softmax(x, { temperature }).data, [0, 1, 0, 0]);
    }
    for (const temperature of [1e12, 1e38, 1e300]) {
      expectSameBits(engine.softmax(x, { temperature }).data, [0.25, 0.25, 0.25, 0.25]);
    }
    expectSameBits(engine.softmax([5, 5, 1], { temperature: 1e-39 }).data, [0.5, 0.5, 0]);
    const masked = engine.softmax([1, -INF], { temperature: 1e-39 }).data;
    expectSameBits(masked, [1, 0]);
  });

  it("a tiny temperature sees the whole row, also in segments", () => {
    const x = new Random(21).normals(5000);
    x[4321] = 40;
    const hot = x.map((_, j) => Number(j === 4321));
    for (const temperature of [1e-39, 1e-25, 1e-3]) {
      for (const each of [engine, segments, tiles]) {
        expectSameBits(each.softmax(x, { temperature }).data, hot, `T = ${temperature}`);
        const logs = each.logSoftmax(x, { temperature }).data;
        expect(logs[4321]).toBe(0);
        expect(Math.max(...logs.subarray(0, 4000))).toBeLessThan(-1e4);
      }
    }
  });
});

describe("softmax: identities", () => {
  it("shift by a constant that is exact: the same probabilities within the bound", () => {
    const x = new Random(7).normals(300, 4).map((z) => Math.round(z * 1024) / 1024);
    for (const shift of [64, -512, 1024, 4096]) {
      const moved = engine.softmax(x.map((z) => z + shift)).data;
      expectClose(moved, reference(x), bound);
    }
  });

  it("permuting rows permutes results; duplicated rows agree, bit for bit", () => {
    const x = new Random(9).normals(7 * 37, 5);
    const p = engine.softmax({ data: x, shape: [7, 37] }).data;
    for (let row = 0; row < 7; row++) {
      const alone = x.slice(row * 37, row * 37 + 37);
      const twice = Float32Array.of(...alone, ...alone);
      const expected = p.subarray(row * 37, row * 37 + 37);
      const got = engine.softmax({ data: twice, shape: [2, 37] }).data;
      expectSameBits(got, [...expected, ...expected]);
    }
  });

  it("permuting classes permutes probabilities within the bound", () => {
    const x = new Random(10).normals(129, 5);
    const truth = reference(x);
    expectClose(engine.softmax(x.toReversed()).data, truth.toReversed(), bound);
  });

  it("padding with −∞ columns: 0 there, the rest within the bound", () => {
    const x = new Random(12).normals(61, 5);
    for (const padding of [1, 3, 4, 67, 2000]) {
      const padded = new Float32Array(61 + padding).fill(-INF);
      padded.set(x);
      const p = engine.softmax(padded).data;
      expectClose(p.subarray(0, 61), reference(x), bound);
      expectSameBits(p.subarray(61), new Float32Array(padding));
    }
  });

  it("two classes are sigmoid of the difference, within both bounds", () => {
    for (const d of new Random(13).normals(500, 20)) {
      const [p] = engine.softmax([d, 0]).data;
      const [s] = engine.sigmoid([d]).data;
      expectClose(p, s, { name: "8 ULP", allowed: (t) => Math.max(8 * t * 2 ** -23, 2 ** -126) });
    }
  });

  it("any rows, with specials: as the reference, and as exp(logSoftmax)", () => {
    const value = fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom(...SPECIALS.map(Math.fround)) },
      { weight: 3, arbitrary: fc.float({ min: -2000, max: 2000, noNaN: true }) },
      { weight: 3, arbitrary: fc.float({ min: -4, max: 4, noNaN: true }) },
    );
    const rows = fc.integer({ min: 1, max: 40 }).chain((classes) =>
      fc.array(fc.array(value, { minLength: classes, maxLength: classes }), {
        minLength: 1,
        maxLength: 5,
      }),
    );
    fc.assert(
      fc.property(rows, fc.constantFrom("nan", "zero"), (z, allMasked) => {
        const shape = [z.length, z[0].length];
        const truth = reference(z.flat(), shape, { allMasked });
        expectClose(engine.softmax(z, { allMasked }).data, truth, bound);
        const logs = logSoftmaxReference(z.flat(), shape, { allMasked });
        expectClose(truth, logs.map(Math.exp), { name: "1e-12", allowed: () => 1e-12 });
      }),
      { numRuns: 300 },
    );
  });
});

describe("softmax: the same bits", () => {
  it.each([
    [1, 9],
    [3, 7],
    [10, 6],
    [67, 5],
    [1024, 3],
    [1025, 3],
    [3000, 3],
    [5003, 2],
  ])("C = %d whatever the batch, tile, memory, address or axis", (classes, rows) => {
    const random = new Random(classes);
    const x = random.normals(rows * classes, 6, classes % 2 ? 700 : 0);
    // The first row has a spread that one shared exponent shift would flush.
    x[0] = 80;
    if (classes > 2) x[1] = -20;
    const whole = engine.softmax({ data: x, shape: [rows, classes] }).data;
    forEachVariant(x, rows, classes, (variant) => {
      const expected = rowsOfVariant(variant, whole, classes);
      const { logits, axis } = variant;
      const got = variant.engine.softmax(logits, { axis }).data;
      expectSameBits(inRows(variant, got), expected, variant.name);
    });
  });

  it("many rows of few classes, in tiles of any size", () => {
    const x = new Random(30).normals(5000 * 10, 3);
    const logits = { data: x, shape: [5000, 10] };
    const whole = engine.softmax(logits).data;
    expectSameBits(tiles.softmax(logits).data, whole);
    expectSameBits(segments.softmax(logits).data, whole);
    expectClose(whole, reference(x, [5000, 10]), bound);
  });
});

describe("softmax: errors", () => {
  it("wrong arguments", () => {
    const forms =
      "must be a Tensor, { data, shape }, a Float32Array or Float64Array, or an array of numbers";
    const bad = engine.softmax as (...given: unknown[]) => unknown;
    const cases: [unknown[], Parameters<typeof expectError>[1], string][] = [
      [[5], "ERR_ARGUMENT_TYPE", `softmax: logits ${forms}, got 5`],
      [[undefined], "ERR_ARGUMENT_TYPE", `softmax: logits ${forms}, got undefined`],
      [[["1"]], "ERR_ARGUMENT_TYPE", 'softmax: logits[0] must be a number, got "1"'],
      [[[1, , 3]], "ERR_ARGUMENT_TYPE", "softmax: logits[1] must be a number, got undefined"], // eslint-disable-line no-sparse-arrays
      [
        [[[1, 2], [3]]],
        "ERR_SHAPE",
        "softmax: logits[1] must be an array of length 2, got an array of length 1",
      ],
      [
        [[1, 2], { axis: 1 }],
        "ERR_ARGUMENT_VALUE",
        "softmax: axis must be in [-1, 1) for shape [2], got 1",
      ],
      [[[1, 2], { axis: 0.5 }], "ERR_ARGUMENT_VALUE", "softmax: axis must be an integer, got 0.5"],
      [[[1, 2], { axis: "0" }], "ERR_ARGUMENT_TYPE", 'softmax: axis must be an integer, got "0"'],
      [
        [[1, 2], { temperature: 0 }],
        "ERR_ARGUMENT_VALUE",
        "softmax: temperature must be a finite number above 0, got 0",
      ],
      [
        [[1, 2], { temperature: -1 }],
        "ERR_ARGUMENT_VALUE",
        "softmax: temperature must be a finite number above 0, got -1",
      ],
      [
        [[1, 2], { temperature: NaN }],
        "ERR_ARGUMENT_VALUE",
        "softmax: temperature must be a finite number above 0, got NaN",
      ],
      [
        [[1, 2], { temperature: INF }],
        "ERR_ARGUMENT_VALUE",
        "softmax: temperature must be a finite number above 0, got Infinity",
      ],
      [
        [[1, 2], { allMasked: "one" }],
        "ERR_ARGUMENT_VALUE",
        'softmax: allMasked must be "nan" or "zero", got "one"',
      ],
      [
        [[1, 2], { temprature: 2 }],
        "ERR_ARGUMENT_TYPE",
        'softmax: temprature must be a known option, got "temprature"; did you mean temperature?',
      ],
      [
        [[1, 2], { qqqqqqqq: 2 }],
        "ERR_ARGUMENT_TYPE",
        'softmax: qqqqqqqq must be a known option, got "qqqqqqqq"; known: axis, temperature, allMasked, out',
      ],
      [[[1, 2], 5], "ERR_ARGUMENT_TYPE", "softmax: options must be an object, got 5"],
      [
        [{ data: new Float32Array(5), shape: [2, 3] }],
        "ERR_SHAPE",
        "softmax: logits.data.length must be the product of shape [2, 3] = 6, got 5",
      ],
      [
        [[1, 2], { out: new Float32Array(1) }],
        "ERR_SHAPE",
        "softmax: out must be a Float32Array or float32 Tensor of at least 2 elements, got Float32Array of length 1",
      ],
      [
        [[1, 2], { out: new Float64Array(2) }],
        "ERR_ARGUMENT_TYPE",
        "softmax: out must be a Float32Array or float32 Tensor of at least 2 elements, got Float64Array of length 2",
      ],
    ];
    for (const [given, code, message] of cases) expectError(() => bad(...given), code, message);
  });

  it("an error writes nothing", () => {
    const out = new Float32Array(3).fill(-7);
    for (const options of [{ axis: 3 }, { temperature: -1 }, { tmperature: 1 }]) {
      expect(() => engine.softmax([1, 2, 3], { out, ...options })).toThrow("softmax: ");
    }
    expect(() => engine.softmax([1, 2, 3, 4], { out })).toThrow("softmax: out");
    expect(() =>
      engine.softmax(
        [
          [1, 2],
          ["3", 4],
        ] as never,
        { out },
      ),
    ).toThrow("logits[1][0]");
    expectSameBits(out, [-7, -7, -7]);
  });
});

describe("softmax: memory", () => {
  it("in place over a JavaScript array, a Tensor, and a strided axis", () => {
    const x = new Random(40).normals(6 * 11 * 5, 4);
    const shape = [6, 11, 5];
    for (const each of [engine, segments, tiles]) {
      for (const axis of [0, 1, 2]) {
        const expected = engine.softmax({ data: x, shape }, { axis }).data;
        const own = x.slice();
        const { data } = each.softmax({ data: own, shape }, { axis, out: own });
        expect(data).toBe(own);
        expectSameBits(own, expected);
        each.scope(() => {
          const tensor = each.tensor(shape);
          tensor.data.set(x);
          expect(each.softmax(tensor, { axis, out: tensor })).toBe(tensor);
          expectSameBits(tensor.data, expected);
        });
      }
    }
  });

  it("partial overlap of out and logits is refused, and writes nothing", () => {
    const memory = Float32Array.of(1, 2, 3, 4, 5);
    expectError(
      () => engine.softmax(memory.subarray(0, 4), { out: memory.subarray(1) }),
      "ERR_ARGUMENT_VALUE",
      "softmax: out must not overlap the logits partly, got memory that both share; pass an array of its own, or the logits array itself",
    );
    expectSameBits(memory, [1, 2, 3, 4, 5]);
  });

  it("an out that is longer keeps its rest; logits are never changed", () => {
    const x = Float32Array.of(1, 2, 3);
    const out = new Float32Array(5).fill(9);
    engine.softmax(x, { out });
    expectSameBits(out.subarray(3), [9, 9]);
    expectSameBits(x, [1, 2, 3]);
    engine.softmax(Object.freeze([1, 2, 3]), Object.freeze({ axis: 0 }));
  });

  it("a Tensor of logits gives a Tensor, an array with a Tensor as out that Tensor", () => {
    engine.scope(() => {
      const x = engine.tensor([2, 2]);
      const p = engine.softmax(x);
      expect([p.shape, p.dtype, ...p.data]).toEqual([[2, 2], "float32", 0.5, 0.5, 0.5, 0.5]);
      expect(
        engine.softmax(
          [
            [1, 1],
            [1, 1],
          ],
          { out: x },
        ),
      ).toBe(x);
      expectSameBits(x.data, [0.5, 0.5, 0.5, 0.5]);
    });
  });

  it("empty inputs give empty results", () => {
    for (const shape of [[0], [2, 0], [0, 3], [0, 0], [3, 0, 0]]) {
      const { data, shape: given } = engine.softmax({ data: new Float32Array(0), shape });
      expect([data.length, given]).toEqual([0, shape]);
    }
  });
});

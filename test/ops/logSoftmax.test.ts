import { describe, expect, it } from "vitest";
import { logSoftmax as reference } from "../reference/index.ts";
import { engine, segments, tiles } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { LENGTHS, SEGMENT_LENGTHS, VOCABULARIES } from "../support/lengths.ts";
import { expectClose, expectSameBits } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { logSoftmax as bound } from "../support/tolerance.ts";
import { forEachVariant, inRows, rowsOfVariant } from "../support/variants.ts";

const INF = Infinity;

describe(`logSoftmax: reference, at most ${bound.name}`, () => {
  it.each([0, 300, -1000, 1900, 1e4, 1e7])("offset %d", (offset) => {
    for (const deviation of [1, 10]) {
      const x = new Random(1).normals(40 * 65, deviation, offset);
      const got = engine.logSoftmax({ data: x, shape: [40, 65] }).data;
      expectClose(got, reference(x, [40, 65]), bound, { input: x });
    }
  });

  it.each(VOCABULARIES)("C = %d", (classes) => {
    for (const deviation of [1, 10]) {
      const x = new Random(classes).normals(classes, deviation);
      expectClose(engine.logSoftmax(x).data, reference(x), bound);
    }
  });

  it("every axis and a temperature", () => {
    const shape = [3, 5, 7];
    const x = new Random(2).normals(105, 8);
    for (const axis of [0, 1, 2, -3, -2, -1]) {
      const options = { axis, temperature: 0.5 };
      const got = engine.logSoftmax({ data: x, shape }, options).data;
      expectClose(got, reference(x, shape, options), bound);
    }
  });
});

describe(`logSoftmax: lengths, at most ${bound.name}`, () => {
  it("every C, odd rows at every alignment", () => {
    for (const classes of [...LENGTHS, ...SEGMENT_LENGTHS]) {
      const x = new Random(classes).normals(4 * classes, 5);
      const got = engine.logSoftmax({ data: x, shape: [4, classes] }).data;
      expectClose(got, reference(x, [4, classes]), bound, { context: `C = ${classes}` });
    }
  });

  it("one class, in more rows than fit a chunk: 0", () => {
    const x = new Random(1).normals(2001, 4);
    expectSameBits(engine.logSoftmax({ data: x, shape: [2001, 1] }).data, new Float32Array(2001));
  });
});

describe("logSoftmax: extremes", () => {
  it("no underflow: −1000 beside 0", () => {
    const x = [-1000, -104, -5, 0];
    expectClose(engine.logSoftmax(x).data, reference(x), bound);
  });

  it("NaN, +∞ or −∞ only: that row NaN; −∞ beside a finite logit −∞", () => {
    const rows = [
      [NaN, 1],
      [INF, 1],
      [-INF, -INF],
      [-INF, 3],
    ];
    const got = engine.logSoftmax(rows).data;
    expectSameBits(got, [NaN, NaN, NaN, NaN, NaN, NaN, -INF, 0]);
    const zero = engine.logSoftmax(rows, { allMasked: "zero" }).data;
    expectSameBits(zero, [NaN, NaN, NaN, NaN, -INF, -INF, -INF, 0]);
  });

  it("a confident row keeps its relative accuracy: −2e^−g", () => {
    for (const g of [5, 17, 40, 80]) {
      const [first] = engine.logSoftmax([g, 0, 0]).data;
      const truth = -Math.log1p(2 * Math.exp(-g));
      expect(Math.abs(first / truth - 1)).toBeLessThan(1e-6);
    }
  });
});

describe("logSoftmax: the same bits", () => {
  it.each([
    [3, 7],
    [67, 5],
    [1025, 3],
    [3000, 2],
  ])("C = %d whatever the batch, tile, memory, address or axis", (classes, rows) => {
    const x = new Random(classes).normals(rows * classes, 6);
    const whole = engine.logSoftmax({ data: x, shape: [rows, classes] }).data;
    forEachVariant(x, rows, classes, (variant) => {
      const { logits, axis } = variant;
      const got = variant.engine.logSoftmax(logits, { axis }).data;
      expectSameBits(inRows(variant, got), rowsOfVariant(variant, whole, classes), variant.name);
    });
  });
});

describe("logSoftmax: errors and memory", () => {
  it("names itself in messages", () => {
    expectError(
      () => engine.logSoftmax([1], { axis: -2 }),
      "ERR_ARGUMENT_VALUE",
      "logSoftmax: axis must be in [-1, 1) for shape [1], got -2",
    );
  });

  it("in place", () => {
    const x = new Random(5).normals(3 * 1030, 3);
    const expected = engine.logSoftmax({ data: x, shape: [3, 1030] }).data;
    for (const each of [engine, segments, tiles]) {
      const own = x.slice();
      each.logSoftmax({ data: own, shape: [3, 1030] }, { out: own });
      expectSameBits(own, expected);
    }
  });
});

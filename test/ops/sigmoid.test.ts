import { describe, expect, it } from "vitest";
import { sigmoid as reference } from "../reference/index.ts";
import { engine, segments, tiles } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { LENGTHS } from "../support/lengths.ts";
import { expectClose, expectSameBits } from "../support/matchers.ts";
import { Random, SPECIALS } from "../support/random.ts";
import { sigmoid as bound } from "../support/tolerance.ts";

const INF = Infinity;

describe("sigmoid: values", () => {
  it("known values", () => {
    expectClose(
      engine.sigmoid([1.2, 0, -20]).data,
      [0.7685247834990175, 0.5, 2.0611536181902037e-9],
      bound,
    );
  });
});

describe(`sigmoid: reference, at most ${bound.name}`, () => {
  it("[−110, 110] in steps of 1/512", () => {
    const x = Float32Array.from({ length: 220 * 512 + 1 }, (_, i) => i / 512 - 110);
    expectClose(engine.sigmoid(x).data, reference(x), bound, { input: x });
  });

  it("near 0, and where e^−|x| leaves float32's grid", () => {
    const random = new Random(1);
    for (const scale of [1e-38, 1e-20, 1e-6, 0.1, 1, 20]) {
      const x = random.normals(20000, scale);
      expectClose(engine.sigmoid(x).data, reference(x), bound, { input: x });
    }
  });
});

describe(`sigmoid: lengths, at most ${bound.name}`, () => {
  it("every length, the same bits at every alignment and in every tile", () => {
    for (const length of LENGTHS) {
      const x = new Random(length).normals(length, 8);
      const got = engine.sigmoid(x).data;
      expectClose(got, reference(x), bound, { input: x });
      expectSameBits(tiles.sigmoid(x).data, got);
      expectSameBits(segments.sigmoid({ data: x, shape: [1, length, 1] }).data, got);
      engine.scope(() => {
        for (const offset of [0, 1, 2, 3]) {
          const view = engine.tensor([length + offset]).data.subarray(offset);
          view.set(x);
          const out = engine.tensor([length + 4]);
          out.data.fill(-7);
          engine.sigmoid({ data: view, shape: [length] }, { out });
          expectSameBits(out.data, [...got, -7, -7, -7, -7]);
        }
      });
    }
  });
});

describe("sigmoid: extremes", () => {
  it("NaN, infinities, ±FLT_MAX and subnormals, in every lane", () => {
    const specials = SPECIALS.map(Math.fround);
    for (let lead = 0; lead < 4; lead++) {
      const x = Float32Array.from([...Array(lead).fill(1), ...specials]);
      expectClose(engine.sigmoid(x).data, reference(x), bound, { input: x });
    }
  });

  it("−17, −18, −20, −88, −103: relative, never negative; ±∞ give 1 and 0", () => {
    const x = [-17, -18, -20, -87];
    expectClose(engine.sigmoid(x).data, reference(x), bound, { input: x });
    expect(engine.sigmoid([-88]).data[0] > 0 && engine.sigmoid([-103]).data[0] >= 0).toBe(true);
    expectSameBits(engine.sigmoid([INF, -INF, NaN]).data, [1, 0, NaN]);
  });

  it("σ(x) + σ(−x) = 1, and σ grows with x up to the bound", () => {
    const x = new Random(9).normals(5000, 6);
    const up = engine.sigmoid(x).data;
    const down = engine.sigmoid(x.map((z) => -z)).data;
    up.forEach((p, i) => {
      expect(p >= 0 && p <= 1).toBe(true);
      expect(Math.abs(p + down[i] - 1)).toBeLessThan(3e-7);
    });
  });
});

describe("sigmoid: errors and memory", () => {
  it("takes out and nothing else", () => {
    expectError(
      () => engine.sigmoid([1], { axis: 0 } as never),
      "ERR_ARGUMENT_TYPE",
      'sigmoid: axis must be a known option, got "axis"; known: out',
    );
    const out = Float32Array.of(-7);
    expect(() => engine.sigmoid([1, 2], { out })).toThrow("sigmoid: out must be");
    expectSameBits(out, [-7]);
  });

  it("in place, over an array and a Tensor; the shape stays, empty too", () => {
    const x = new Random(3).normals(130, 5);
    const expected = engine.sigmoid(x).data;
    const own = x.slice();
    expect(engine.sigmoid(own, { out: own }).data).toBe(own);
    expectSameBits(own, expected);
    engine.scope(() => {
      const tensor = engine.tensor([13, 10]);
      tensor.data.set(x);
      expect(engine.sigmoid(tensor, { out: tensor })).toBe(tensor);
      expectSameBits(tensor.data, expected);
    });
    expect(engine.sigmoid({ data: x, shape: [5, 2, 13] }).shape).toEqual([5, 2, 13]);
    expect(engine.sigmoid([]).data.length).toBe(0);
  });
});

import { describe, expect, it } from "vitest";
import { softplus as reference } from "../reference/index.ts";
import { engine, segments, tiles } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { LENGTHS } from "../support/lengths.ts";
import { expectClose, expectSameBits } from "../support/matchers.ts";
import { Random, SPECIALS } from "../support/random.ts";
import { softplus as bound } from "../support/tolerance.ts";

const INF = Infinity;

describe("softplus: values", () => {
  it("known values", () => {
    expectClose(
      engine.softplus([0, 100, 1000, -20]).data,
      [Math.LN2, 100, 1000, 2.0611536181902037e-9],
      bound,
    );
  });
});

describe(`softplus: reference, at most ${bound.name}`, () => {
  it("[−110, 110] in steps of 1/512", () => {
    const x = Float32Array.from({ length: 220 * 512 + 1 }, (_, i) => i / 512 - 110);
    expectClose(engine.softplus(x).data, reference(x), bound, { input: x });
  });

  it("near 0, and where e^−|x| leaves float32's grid", () => {
    const random = new Random(1);
    for (const scale of [1e-38, 1e-20, 1e-6, 0.1, 1, 20]) {
      const x = random.normals(20000, scale);
      expectClose(engine.softplus(x).data, reference(x), bound, { input: x });
    }
  });
});

describe(`softplus: lengths, at most ${bound.name}`, () => {
  it("every length, the same bits at every alignment and in every tile", () => {
    for (const length of LENGTHS) {
      const x = new Random(length).normals(length, 8);
      const got = engine.softplus(x).data;
      expectClose(got, reference(x), bound, { input: x });
      expectSameBits(tiles.softplus(x).data, got);
      expectSameBits(segments.softplus({ data: x, shape: [1, length, 1] }).data, got);
      engine.scope(() => {
        for (const offset of [0, 1, 2, 3]) {
          const view = engine.tensor([length + offset]).data.subarray(offset);
          view.set(x);
          const out = engine.tensor([length + 4]);
          out.data.fill(-7);
          engine.softplus({ data: view, shape: [length] }, { out });
          expectSameBits(out.data, [...got, -7, -7, -7, -7]);
        }
      });
    }
  });
});

describe("softplus: extremes", () => {
  it("NaN, infinities, ±FLT_MAX and subnormals, in every lane", () => {
    const specials = SPECIALS.map(Math.fround);
    for (let lead = 0; lead < 4; lead++) {
      const x = Float32Array.from([...Array(lead).fill(1), ...specials]);
      expectClose(engine.softplus(x).data, reference(x), bound, { input: x });
    }
  });

  it("±∞, NaN and overflow of e^x", () => {
    expectSameBits(
      engine.softplus([INF, -INF, NaN, 3e38]).data,
      [INF, 0, NaN, 3e38].map(Math.fround),
    );
  });
});

describe("softplus: errors and memory", () => {
  it("takes out and nothing else", () => {
    expectError(
      () => engine.softplus([1], { axis: 0 } as never),
      "ERR_ARGUMENT_TYPE",
      'softplus: axis must be a known option, got "axis"; known: out',
    );
    const out = Float32Array.of(-7);
    expect(() => engine.softplus([1, 2], { out })).toThrow("softplus: out must be");
    expectSameBits(out, [-7]);
  });

  it("in place, over an array and a Tensor; the shape stays, empty too", () => {
    const x = new Random(3).normals(130, 5);
    const expected = engine.softplus(x).data;
    const own = x.slice();
    expect(engine.softplus(own, { out: own }).data).toBe(own);
    expectSameBits(own, expected);
    engine.scope(() => {
      const tensor = engine.tensor([13, 10]);
      tensor.data.set(x);
      expect(engine.softplus(tensor, { out: tensor })).toBe(tensor);
      expectSameBits(tensor.data, expected);
    });
    expect(engine.softplus({ data: x, shape: [5, 2, 13] }).shape).toEqual([5, 2, 13]);
    expect(engine.softplus([]).data.length).toBe(0);
  });
});

import { describe, expect, it } from "vitest";
import { logSigmoid as reference } from "../reference/index.ts";
import { engine, segments, tiles } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { LENGTHS } from "../support/lengths.ts";
import { expectClose, expectSameBits } from "../support/matchers.ts";
import { Random, SPECIALS } from "../support/random.ts";
import { logSigmoid as bound } from "../support/tolerance.ts";

const INF = Infinity;

describe("logSigmoid: values", () => {
  it("known values", () => {
    expectClose(
      engine.logSigmoid([20, -100, 0]).data,
      [-2.0611536181902037e-9, -100, -Math.LN2],
      bound,
    );
  });
});

describe(`logSigmoid: reference, at most ${bound.name}`, () => {
  it("[−110, 110] in steps of 1/512", () => {
    const x = Float32Array.from({ length: 220 * 512 + 1 }, (_, i) => i / 512 - 110);
    expectClose(engine.logSigmoid(x).data, reference(x), bound, { input: x });
  });

  it("near 0, and where e^−|x| leaves float32's grid", () => {
    const random = new Random(1);
    for (const scale of [1e-38, 1e-20, 1e-6, 0.1, 1, 20]) {
      const x = random.normals(20000, scale);
      expectClose(engine.logSigmoid(x).data, reference(x), bound, { input: x });
    }
  });
});

describe(`logSigmoid: lengths, at most ${bound.name}`, () => {
  it("every length, the same bits at every alignment and in every tile", () => {
    for (const length of LENGTHS) {
      const x = new Random(length).normals(length, 8);
      const got = engine.logSigmoid(x).data;
      expectClose(got, reference(x), bound, { input: x });
      expectSameBits(tiles.logSigmoid(x).data, got);
      expectSameBits(segments.logSigmoid({ data: x, shape: [1, length, 1] }).data, got);
      engine.scope(() => {
        for (const offset of [0, 1, 2, 3]) {
          const view = engine.tensor([length + offset]).data.subarray(offset);
          view.set(x);
          const out = engine.tensor([length + 4]);
          out.data.fill(-7);
          engine.logSigmoid({ data: view, shape: [length] }, { out });
          expectSameBits(out.data, [...got, -7, -7, -7, -7]);
        }
      });
    }
  });
});

describe("logSigmoid: extremes", () => {
  it("NaN, infinities, ±FLT_MAX and subnormals, in every lane", () => {
    const specials = SPECIALS.map(Math.fround);
    for (let lead = 0; lead < 4; lead++) {
      const x = Float32Array.from([...Array(lead).fill(1), ...specials]);
      expectClose(engine.logSigmoid(x).data, reference(x), bound, { input: x });
    }
  });

  it("±1000 and ±∞: x itself below, 0 above", () => {
    expectSameBits(engine.logSigmoid([-1000, -INF, NaN]).data, [-1000, -INF, NaN]);
    expect(engine.logSigmoid([1000, INF]).data.every((value) => value === 0)).toBe(true);
  });

  it("is −softplus(−x), bit for bit", () => {
    const x = new Random(9).normals(3000, 9);
    const mirrored = engine.softplus(x.map((z) => -z)).data;
    expectSameBits(
      engine.logSigmoid(x).data,
      mirrored.map((value) => -value),
    );
  });
});

describe("logSigmoid: errors and memory", () => {
  it("takes out and nothing else", () => {
    expectError(
      () => engine.logSigmoid([1], { axis: 0 } as never),
      "ERR_ARGUMENT_TYPE",
      'logSigmoid: axis must be a known option, got "axis"; known: out',
    );
    const out = Float32Array.of(-7);
    expect(() => engine.logSigmoid([1, 2], { out })).toThrow("logSigmoid: out must be");
    expectSameBits(out, [-7]);
  });

  it("in place, over an array and a Tensor; the shape stays, empty too", () => {
    const x = new Random(3).normals(130, 5);
    const expected = engine.logSigmoid(x).data;
    const own = x.slice();
    expect(engine.logSigmoid(own, { out: own }).data).toBe(own);
    expectSameBits(own, expected);
    engine.scope(() => {
      const tensor = engine.tensor([13, 10]);
      tensor.data.set(x);
      expect(engine.logSigmoid(tensor, { out: tensor })).toBe(tensor);
      expectSameBits(tensor.data, expected);
    });
    expect(engine.logSigmoid({ data: x, shape: [5, 2, 13] }).shape).toEqual([5, 2, 13]);
    expect(engine.logSigmoid([]).data.length).toBe(0);
  });
});

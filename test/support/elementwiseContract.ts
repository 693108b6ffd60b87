/** What every operation on single logits keeps: its bound, its bits wherever a logit lies, `out`. */
import { describe, expect, it } from "vitest";
import { engine, segments, tiles } from "./engine.ts";
import { expectError } from "./expectError.ts";
import { LENGTHS } from "./lengths.ts";
import { expectClose, expectSameBits } from "./matchers.ts";
import { Random, SPECIALS } from "./random.ts";
import type { Bound } from "./tolerance.ts";

type Name = "sigmoid" | "logSigmoid" | "softplus";
type Reference = (x: Float32Array) => ArrayLike<number>;

/** Chapters between "values" and an operation's own. */
export function describeElementwise(name: Name, reference: Reference, bound: Bound): void {
  describeReference(name, reference, bound);
  describeLengths(name, reference, bound);
  describeMemory(name);
}

function describeReference(name: Name, reference: Reference, bound: Bound): void {
  describe(`${name}: reference, at most ${bound.name}`, () => {
    it("[−110, 110] in steps of 1/512", () => {
      const x = Float32Array.from({ length: 220 * 512 + 1 }, (_, i) => i / 512 - 110);
      expectClose(engine[name](x).data, reference(x), bound, { input: x });
    });

    it("near 0, and where e^−|x| leaves float32's grid", () => {
      const random = new Random(1);
      for (const scale of [1e-38, 1e-20, 1e-6, 0.1, 1, 20]) {
        const x = random.normals(20000, scale);
        expectClose(engine[name](x).data, reference(x), bound, { input: x });
      }
    });

    it("NaN, infinities, ±FLT_MAX and subnormals, in every lane", () => {
      const specials = SPECIALS.map(Math.fround);
      for (let lead = 0; lead < 4; lead++) {
        const x = Float32Array.from([...Array(lead).fill(1), ...specials]);
        expectClose(engine[name](x).data, reference(x), bound, { input: x });
      }
    });
  });
}

function describeLengths(name: Name, reference: Reference, bound: Bound): void {
  describe(`${name}: lengths, at most ${bound.name}`, () => {
    it("every length, the same bits at every alignment and in every tile", () => {
      for (const length of LENGTHS) {
        const x = new Random(length).normals(length, 8);
        const got = engine[name](x).data;
        expectClose(got, reference(x), bound, { input: x });
        expectSameBits(tiles[name](x).data, got);
        expectSameBits(segments[name]({ data: x, shape: [1, length, 1] }).data, got);
        engine.scope(() => {
          for (const offset of [0, 1, 2, 3]) {
            const view = engine.tensor([length + offset]).data.subarray(offset);
            view.set(x);
            const out = engine.tensor([length + 4]);
            out.data.fill(-7);
            engine[name]({ data: view, shape: [length] }, { out });
            expectSameBits(out.data, [...got, -7, -7, -7, -7]);
          }
        });
      }
    });
  });
}

function describeMemory(name: Name): void {
  describe(`${name}: errors and memory`, () => {
    it("takes out and nothing else", () => {
      expectError(
        () => engine[name]([1], { axis: 0 } as never),
        "ERR_ARGUMENT_TYPE",
        `${name}: axis must be a known option, got "axis"; known: out`,
      );
      const out = Float32Array.of(-7);
      expect(() => engine[name]([1, 2], { out })).toThrow(`${name}: out must be`);
      expectSameBits(out, [-7]);
    });

    it("in place, over an array and a Tensor; the shape stays, empty too", () => {
      const x = new Random(3).normals(130, 5);
      const expected = engine[name](x).data;
      const own = x.slice();
      expect(engine[name](own, { out: own }).data).toBe(own);
      expectSameBits(own, expected);
      engine.scope(() => {
        const tensor = engine.tensor([13, 10]);
        tensor.data.set(x);
        expect(engine[name](tensor, { out: tensor })).toBe(tensor);
        expectSameBits(tensor.data, expected);
      });
      expect(engine[name]({ data: x, shape: [5, 2, 13] }).shape).toEqual([5, 2, 13]);
      expect(engine[name]([]).data.length).toBe(0);
    });
  });
}

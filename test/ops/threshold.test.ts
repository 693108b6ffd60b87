import { describe, expect, it } from "vitest";
import { threshold as reference } from "../reference/index.ts";
import { engine, segments, tiles } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { LENGTHS } from "../support/lengths.ts";
import { expectSameBits } from "../support/matchers.ts";
import { Random } from "../support/random.ts";

describe("threshold: values", () => {
  it("0.5 is x ≥ 0; NaN no; p = 0 takes every number, p = 1 only +∞", () => {
    const x = [1.2, -0.3, 0, -0, NaN, Infinity, -Infinity];
    const decide = (probability?: number) => [...engine.threshold(x, { probability }).data];
    expect(decide()).toEqual([1, 0, 1, 1, 0, 1, 0]);
    expect(decide(0)).toEqual([1, 1, 1, 1, 0, 1, 1]);
    expect(decide(1)).toEqual([0, 0, 0, 0, 0, 1, 0]);
    const got = engine.threshold([[1], [2]]);
    expect([got.shape, got.dtype, got.data.constructor]).toEqual([[2, 1], "uint8", Uint8Array]);
  });
});

describe("threshold: reference, exact", () => {
  it("every length, tile and Tensor", () => {
    for (const length of LENGTHS) {
      const x = new Random(length).normals(length, 2);
      for (const probability of [0.1, 0.5, 0.9, 1e-30]) {
        const truth = reference(x, { probability });
        for (const each of [engine, segments, tiles]) {
          expectSameBits(each.threshold(x, { probability }).data, truth);
        }
        engine.scope(() => {
          const tensor = engine.tensor([length]);
          tensor.data.set(x);
          expectSameBits(engine.threshold(tensor, { probability }).data, truth);
        });
      }
    }
  });

  it("the float32 logits on both sides of logit(p)", () => {
    for (const probability of [0.3, 0.7, 0.9999, 1e-9, 0.5 + 2 ** -40]) {
      const near = new Float32Array([Math.log(probability) - Math.log1p(-probability)]);
      const bits = new Int32Array(near.buffer)[0];
      const x = new Float32Array(Int32Array.from([-2, -1, 0, 1, 2], (d) => bits + d).buffer);
      expectSameBits(engine.threshold(x, { probability }).data, reference(x, { probability }));
    }
  });
});

describe("threshold: errors", () => {
  it("a probability outside [0, 1]", () => {
    for (const probability of [-0.1, 1.1, NaN]) {
      expectError(
        () => engine.threshold([1], { probability }),
        "ERR_ARGUMENT_VALUE",
        `threshold: probability must be a finite number in [0, 1], got ${probability}`,
      );
    }
  });
});

import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import { float16Of, bfloat16Of } from "../../src/memory/half.ts";
import { expectSameBits } from "../support/matchers.ts";
import { OFFSETS } from "../support/lengths.ts";
import { Random } from "../support/random.ts";

const random = new Random(8);
const engine = createEngine();

describe("elements are read as float32 from", () => {
  const data = random.normals(60, 10);
  const shape = [3, 4, 5];
  const truth = engine.softmax({ data, shape, dtype: "float32" }, { axis: 1 }).data;

  it("float64, rounded, and beyond float32 infinite", () => {
    const doubles = Float64Array.from(data, (x) => x * (1 + 1e-12));
    expectSameBits(engine.softmax({ data: doubles, shape }, { axis: 1 }).data, truth);
    expectSameBits(engine.softmax(Float64Array.of(-1e300, 0)).data, [0, 1]);
    expectSameBits(engine.softmax(Float64Array.of(1e300, 0)).data, [NaN, NaN]);
  });

  it("number[], nested number[], frozen arrays, subarrays, shared memory, Float32Array subclasses", () => {
    const list = Array.from(data);
    const nested = shape
      .map((_, i) => i)
      .slice(0, 3)
      .map((o) => [0, 1, 2, 3].map((c) => list.slice((o * 4 + c) * 5, (o * 4 + c + 1) * 5)));
    const shared = new Float32Array(new SharedArrayBuffer(260)).subarray(5, 65);
    shared.set(data);
    class Named extends Float32Array {}
    const padded = new Float32Array(70);
    padded.set(data, 7);
    const forms = [
      { data: list, shape },
      nested,
      Object.freeze({ data: Object.freeze(list), shape: Object.freeze([...shape]) }),
      { data: padded.subarray(7, 67), shape },
      { data: shared, dims: shape, type: "float32" },
      { data: Named.from(data), shape },
    ];
    for (const form of forms) expectSameBits(engine.softmax(form, { axis: 1 }).data, truth);
  });

  it.each(["float16", "bfloat16"] as const)("%s bits in an array or a tensor", (dtype) => {
    const bits = Uint16Array.from({ length: 60 }, () => random.integer(65536));
    const wide = Float32Array.from(bits, dtype === "float16" ? float16Of : bfloat16Of);
    const tensor = engine.tensor(shape, dtype);
    tensor.data.set(bits);
    for (const axis of [0, 1, 2]) {
      const expected = engine.softmax({ data: wide, shape }, { axis }).data;
      expectSameBits(engine.softmax({ data: bits, shape, dtype }, { axis }).data, expected);
      expectSameBits(engine.softmax(tensor, { axis }).data, expected);
      const summed = engine.logSumExp({ data: wide, shape }, { axis: [0, 2] }).data;
      expectSameBits(engine.logSumExp(tensor, { axis: [0, 2] }).data, summed);
    }
    tensor.dispose();
  });

  it("a view of part of a tensor, at every alignment", () => {
    const tensor = engine.tensor([64]);
    for (const offset of OFFSETS) {
      tensor.data.set(data, offset / 4);
      const view = tensor.data.subarray(offset / 4, offset / 4 + 60);
      expectSameBits(engine.softmax({ data: view, shape }, { axis: 1 }).data, truth);
      expectSameBits(
        engine.softmax({ data: view, shape }).data,
        engine.softmax({ data, shape }).data,
      );
    }
    tensor.dispose();
  });
});

it("inputs are left as they are", () => {
  const logits = random.normals(40);
  const targets = new Int32Array([1, 2, 0, 3]);
  const weight = random.uniforms(10);
  const copies = [logits.slice(), targets.slice(), weight.slice()];
  engine.crossEntropy({ data: logits, shape: [4, 10] }, targets, { weight, grad: true });
  engine.softmax({ data: logits, shape: [4, 10] }, { axis: 0, temperature: 3 });
  expect([logits, targets, weight]).toEqual(copies);
});

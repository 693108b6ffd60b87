import vm from "node:vm";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import { expectSameBits } from "../support/matchers.ts";
import { failureOf } from "../support/operations.ts";

const engine = createEngine();
const softmax = (value: unknown) => engine.softmax(value as number[]);

describe("refused, with the argument named", () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  // eslint-disable-next-line no-sparse-arrays
  const hole = [1, , 3];
  const huge = Object.assign([], { length: 2 ** 32 - 1 });
  const view = new DataView(new ArrayBuffer(8));
  const wide: unknown[] = [];
  wide.push(...Array.from({ length: 1000 }, () => wide));

  it.each<[string, unknown, string, string]>([
    ["null", null, "ERR_ARGUMENT_TYPE", "logits"],
    ["undefined", undefined, "ERR_ARGUMENT_TYPE", "logits"],
    ["a string", "123", "ERR_ARGUMENT_TYPE", "logits"],
    ["a number", 3, "ERR_ARGUMENT_TYPE", "logits"],
    ["a function", () => 1, "ERR_ARGUMENT_TYPE", "logits"],
    ["an ArrayBuffer", new ArrayBuffer(8), "ERR_ARGUMENT_TYPE", "logits"],
    ["a DataView", view, "ERR_ARGUMENT_TYPE", "logits"],
    ["integers", Int32Array.of(1), "ERR_ARGUMENT_TYPE", "logits"],
    ["clamped integers", Uint8ClampedArray.of(1), "ERR_ARGUMENT_TYPE", "logits"],
    ["big integers", BigInt64Array.of(1n), "ERR_ARGUMENT_TYPE", "logits"],
    [
      "a Buffer at an odd offset",
      Buffer.from("abcdefgh").subarray(1),
      "ERR_ARGUMENT_TYPE",
      "logits",
    ],
    ["bits without dtype", { data: Uint16Array.of(1), shape: [1] }, "ERR_ARGUMENT_TYPE", "logits"],
    ["a DataView as data", { data: view, shape: [2] }, "ERR_ARGUMENT_TYPE", "logits"],
    ["data without shape", { data: [1] }, "ERR_ARGUMENT_TYPE", "logits"],
    ["shape without data", { shape: [1] }, "ERR_ARGUMENT_TYPE", "logits"],
    ["a string in it", [1, "2"], "ERR_ARGUMENT_TYPE", "logits[1]"],
    [
      "null in it",
      [
        [1, 2],
        [3, null],
      ],
      "ERR_ARGUMENT_TYPE",
      "logits[1][1]",
    ],
    ["a hole", hole, "ERR_ARGUMENT_TYPE", "logits[1]"],
    [
      "a hole for a row",
      Object.assign([], { 0: [1], 2: [1], length: 3 }),
      "ERR_SHAPE",
      "logits[1]",
    ],
    ["rows of two lengths", [[1, 2], [3]], "ERR_SHAPE", "logits[1]"],
    ["a number among rows", [[1], 2], "ERR_SHAPE", "logits[1]"],
    ["rows among numbers", [1, [2]], "ERR_ARGUMENT_TYPE", "logits[1]"],
    ["an array in itself", cyclic, "ERR_ARGUMENT_TYPE", `logits${"[0]".repeat(33)}`],
    ["too few elements", { data: [1, 2, 3], shape: [2, 2] }, "ERR_SHAPE", "logits.data.length"],
    [
      "too many elements",
      { data: Float32Array.of(1, 2), shape: [1] },
      "ERR_SHAPE",
      "logits.data.length",
    ],
    ["a negative dimension", { data: [1], shape: [-1] }, "ERR_ARGUMENT_VALUE", "logits.shape[0]"],
    [
      "a fractional dimension",
      { data: [1], shape: [0.5] },
      "ERR_ARGUMENT_VALUE",
      "logits.shape[0]",
    ],
    ["NaN as dimension", { data: [1], shape: [NaN] }, "ERR_ARGUMENT_VALUE", "logits.shape[0]"],
    ["a string as dimension", { data: [1], shape: ["1"] }, "ERR_ARGUMENT_TYPE", "logits.shape[0]"],
    ["a string as shape", { data: [1], shape: "1" }, "ERR_ARGUMENT_TYPE", "logits.shape"],
    [
      "more than 2^53 elements",
      { data: [1], shape: [2 ** 30, 2 ** 30] },
      "ERR_SHAPE",
      "logits.shape",
    ],
  ])("%s", (_title, value, code, argument) => {
    const error = failureOf(() => softmax(value));
    expect([error.code, error.argument]).toEqual([code, argument]);
    expect(error.message.startsWith(`softmax: ${argument} must `)).toBe(true);
    expect(error.message).toContain(", got ");
  });

  it("what JavaScript memory cannot hold", () => {
    expect(failureOf(() => softmax(huge)).code).toMatch(/ERR_OUT_OF_MEMORY|ERR_ARGUMENT_TYPE/);
    expect(failureOf(() => softmax(wide)).code).toBe("ERR_OUT_OF_MEMORY");
    const endless = { data: [], shape: [2 ** 50, 0] };
    expect(failureOf(() => engine.logSumExp(endless)).code).toBe("ERR_OUT_OF_MEMORY");
    expect(softmax([0, 0]).data).toEqual(Float32Array.of(0.5, 0.5));
  });

  it("in full words", () => {
    expect(failureOf(() => softmax([1, "x"])).message).toBe(
      'softmax: logits[1] must be a number, got "x"',
    );
    expect(failureOf(() => softmax({ data: Float32Array.of(1), shape: [32, 10] })).message).toBe(
      "softmax: logits.data.length must be the product of shape [32, 10] = 320, got 1",
    );
  });
});

describe("buffers that went away", () => {
  it("transferred: refused, bare and with a shape", () => {
    const data = Float32Array.of(1, 2);
    structuredClone(data, { transfer: [data.buffer] });
    expect(failureOf(() => softmax(data)).message).toBe(
      "softmax: logits must have its buffer, got a view whose buffer was transferred away or shrunk",
    );
    expect(failureOf(() => softmax({ data, shape: [2] })).argument).toBe("logits");
    expect(failureOf(() => engine.sigmoid([1, 2], { out: data })).code).toBe("ERR_SHAPE");
    const targets = Uint8Array.of(0);
    structuredClone(targets, { transfer: [targets.buffer] });
    expect(failureOf(() => engine.crossEntropy([[1, 2]], targets)).code).toBe("ERR_SHAPE");
  });

  it("shrunk below the view: refused; an empty array is not", () => {
    const buffer = new ArrayBuffer(16, { maxByteLength: 32 });
    const fixed = new Float32Array(buffer, 8, 2);
    const tracking = new Float32Array(buffer);
    buffer.resize(8);
    expect(failureOf(() => softmax(fixed)).argument).toBe("logits");
    expect(softmax(tracking).data.length).toBe(2);
    expect(failureOf(() => softmax({ data: tracking, shape: [4] })).code).toBe("ERR_SHAPE");
    expect(engine.sigmoid(new Float32Array(0)).data.length).toBe(0);
    expect(engine.sigmoid([]).data.length).toBe(0);
  });

  it("a view of linear memory that growth has detached: refused", () => {
    const own = createEngine();
    const view = own.tensor([2]).data;
    own.tensor([2 ** 20]);
    expect(failureOf(() => own.softmax(view)).argument).toBe("logits");
  });
});

describe("arrays of another realm", () => {
  const make = <T>(code: string): T => vm.runInNewContext(code) as T;

  it("are logits, targets, weights, shapes, options and results like our own", () => {
    const expected = engine.crossEntropy([[1, 2, 4]], [1], { grad: true, weight: [1, 2, 3] });
    const forms = ["[[1, 2, 4]]", "({ data: new Float32Array([1, 2, 4]), shape: [1, 3] })"];
    for (const form of forms) {
      for (const targets of ["[1]", "new Int32Array([1])", "new BigInt64Array([1n])"]) {
        const options = make<object>("({ grad: true, weight: [1, 2, 3], reduction: 'mean' })");
        const got = engine.crossEntropy(make<number[][]>(form), make<number[]>(targets), options);
        expect(got).toEqual(expected);
      }
    }
    const out = make<Float32Array>("new Float32Array(3)");
    expect(engine.softmax([1, 2, 4], { out }).data).toBe(out);
    expectSameBits(out, engine.softmax([1, 2, 4]).data);
  });
});

describe("proxies and getters", () => {
  it("a Proxy of an array is an array", () => {
    expect(softmax(new Proxy([1, 1], {})).data).toEqual(Float32Array.of(0.5, 0.5));
    expect(engine.crossEntropy([[1, 1]], new Proxy([0], {})).loss).toBeCloseTo(Math.LN2);
  });

  it("each property is read once", () => {
    const reads: string[] = [];
    const counting = <T extends object>(target: T): T =>
      new Proxy(target, {
        get(object, name, receiver) {
          reads.push(String(name));
          return Reflect.get(object, name, receiver);
        },
      });
    softmax(counting({ data: Float32Array.of(1, 2), shape: [2], dtype: "float32" }));
    engine.softmax([1], counting({ axis: 0, temperature: 2 }));
    engine.tensor(counting([2, 3])).dispose();
    for (const name of ["data", "shape", "dtype", "axis", "temperature", "0", "1"]) {
      expect(reads.filter((read) => read === name)).toEqual([name]);
    }
  });

  it("a length that changes is refused or read once, never out of bounds", () => {
    let length = 3;
    const growing = new Proxy([1, 2], {
      get: (target, name) => (name === "length" ? length++ : Reflect.get(target, name)),
    });
    expect(failureOf(() => softmax(growing)).code).toMatch(/ERR_SHAPE|ERR_ARGUMENT_TYPE/);
  });
});

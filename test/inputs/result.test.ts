import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import { expectSameBits } from "../support/matchers.ts";
import { failureOf } from "../support/operations.ts";
import { Random } from "../support/random.ts";

const engine = createEngine();
const SHAPE = [3, 4];
const data = new Random(6).normals(12);
const logits = { data, shape: SHAPE };

/** Every call with a place to write; `others` are further arguments it reads. */
const calls = [
  { title: "softmax", argument: "out", call: (x: never, out: never) => engine.softmax(x, { out }) },
  {
    title: "logSoftmax",
    argument: "out",
    call: (x: never, out: never) => engine.logSoftmax(x, { out, axis: 0 }),
  },
  { title: "sigmoid", argument: "out", call: (x: never, out: never) => engine.sigmoid(x, { out }) },
  {
    title: "logSigmoid",
    argument: "out",
    call: (x: never, out: never) => engine.logSigmoid(x, { out }),
  },
  {
    title: "softplus",
    argument: "out",
    call: (x: never, out: never) => engine.softplus(x, { out }),
  },
  {
    title: "crossEntropy",
    argument: "grad",
    call: (x: never, grad: never) => engine.crossEntropy(x, [0, 1, 2], { grad }),
  },
  {
    title: "nllLoss",
    argument: "grad",
    call: (x: never, grad: never) => engine.nllLoss(x, [0, 1, 2], { grad }),
  },
  {
    title: "binaryCrossEntropyWithLogits",
    argument: "grad",
    call: (x: never, grad: never) => engine.binaryCrossEntropyWithLogits(x, data, { grad }),
  },
];

describe.each(calls)("$title: $argument", ({ title, argument, call }) => {
  const expectFailure = (x: unknown, out: unknown, code: string) => {
    const before = ArrayBuffer.isView(out) ? (out as Float32Array).slice() : undefined;
    const error = failureOf(() => call(x as never, out as never));
    expect([error.code, error.argument]).toEqual([code, argument]);
    expect(error.message.startsWith(`${title}: ${argument} must `)).toBe(true);
    if (before) expect(out).toEqual(before);
  };

  it("of a wrong kind or too small is refused and untouched", () => {
    for (const out of [new Float64Array(12), new Int32Array(12), [], "out", {}, Buffer.alloc(48)]) {
      expectFailure(logits, out, "ERR_ARGUMENT_TYPE");
    }
    expectFailure(logits, new Float32Array(11), "ERR_SHAPE");
    engine.scope(() => {
      expectFailure(logits, engine.tensor([11]), "ERR_SHAPE");
      expectFailure(logits, engine.tensor([12], "int32"), "ERR_ARGUMENT_TYPE");
      expectFailure(logits, engine.tensor([12], "float16"), "ERR_ARGUMENT_TYPE");
      expectFailure(logits, engine.tensor([12]).data, "ERR_ARGUMENT_VALUE");
    });
  });

  it("overlapping the logits partly is refused; beside them is not", () => {
    const buffer = new Float32Array(40);
    const x = { data: buffer.subarray(14, 26), shape: SHAPE };
    for (const start of [3, 13, 15, 25]) {
      expectFailure(x, buffer.subarray(start, start + 12), "ERR_ARGUMENT_VALUE");
    }
    for (const start of [2, 26]) call(x as never, buffer.subarray(start, start + 12) as never);
  });

  it("over halves, doubles or integers of the same buffer is refused", () => {
    const buffer = new ArrayBuffer(96);
    const out = new Float32Array(buffer, 0, 12);
    const half = { data: new Uint16Array(buffer, 0, 12), shape: SHAPE, dtype: "float16" };
    expectFailure(half, out, "ERR_ARGUMENT_VALUE");
    expectFailure({ data: new Float64Array(buffer), shape: SHAPE }, out, "ERR_ARGUMENT_VALUE");
  });

  it("in shared memory is written", () => {
    const out = new Float32Array(new SharedArrayBuffer(48));
    call(logits as never, out as never);
    const plain = new Float32Array(12);
    call(logits as never, plain as never);
    expectSameBits(out, plain);
  });
});

it("a gradient over labels, probabilities or element weights is refused", () => {
  const shared = data.slice();
  const bce =
    (options: object, targets: Float32Array = data) =>
    () =>
      engine.binaryCrossEntropyWithLogits(logits, targets, { grad: shared, ...options });
  for (const call of [
    bce({}, shared),
    bce({ weight: { data: shared.fill(1), shape: SHAPE } }),
    bce({ posWeight: { data: shared.fill(1), shape: SHAPE } }),
    () => engine.crossEntropy(logits, shared, { grad: shared }),
    () => engine.crossEntropy(logits, logits, { grad: "inPlace" }),
  ]) {
    const error = failureOf(call);
    expect([error.code, error.argument]).toEqual(["ERR_ARGUMENT_VALUE", "grad"]);
  }
});

it('"inPlace" needs float32 logits, and a gradient is true, "inPlace" or an array', () => {
  const half = { data: new Uint16Array(12), shape: SHAPE, dtype: "bfloat16" };
  for (const x of [half, { data: Float64Array.from(data), shape: SHAPE }]) {
    const error = failureOf(() => engine.crossEntropy(x, [0, 1, 2], { grad: "inPlace" }));
    expect([error.code, error.argument]).toEqual(["ERR_ARGUMENT_VALUE", "grad"]);
  }
  for (const grad of ["inplace", 1, null]) {
    const call = () => engine.crossEntropy(logits, [0, 1, 2], { grad: grad as never });
    expect(failureOf(call).argument).toBe("grad");
  }
});

it("results are Tensors where the logits or `out` are, else arrays of their own", () => {
  const tensor = engine.tensor(SHAPE);
  tensor.data.set(data);
  const out = engine.tensor(SHAPE);
  const array = new Float32Array(12);
  expect(engine.softmax(logits, { out })).toBe(out);
  expect((engine.softmax(tensor, { out: array as never }) as { data: unknown }).data).toBe(array);
  expectSameBits(out.data, array);
  expect(engine.softmax(tensor).data).toEqual(array);
  expect(engine.softmax(logits)).toEqual({ data: array, shape: SHAPE, dtype: "float32" });
  expect(engine.crossEntropy(tensor, [0, 1, 2], { grad: true }).grad.dtype).toBe("float32");
});

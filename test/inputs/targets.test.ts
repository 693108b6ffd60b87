import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import { failureOf } from "../support/operations.ts";

const engine = createEngine();
const logits = [
  [1, 2, 3],
  [0, 0, 0],
];
const { loss } = engine.crossEntropy(logits, [0, 2]);

it("every integer array names the same classes", () => {
  const arrays = [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
  ].map((Kind) => Kind.of(0, 2));
  const odd = Buffer.from([9, 0, 2]).subarray(1);
  const shared = new Int32Array(new SharedArrayBuffer(8));
  shared[1] = 2;
  const tensor = engine.tensor([2], "int32");
  tensor.data.set([0, 2]);
  const bytes = engine.tensor([2], "uint8");
  bytes.data.set([0, 2]);
  for (const targets of [
    ...arrays,
    BigInt64Array.of(0n, 2n),
    BigUint64Array.of(0n, 2n),
    odd,
    shared,
    tensor,
    tensor.data,
    bytes,
    Object.freeze([0, 2]),
    { data: Int32Array.of(0, 2), shape: [2] },
    { data: BigInt64Array.of(0n, 2n), dims: [2, 1], type: "int64" },
  ]) {
    expect(engine.crossEntropy(logits, targets).loss).toBe(loss);
    expect(engine.nllLoss(engine.logSoftmax(logits), targets).count).toBe(2);
  }
});

const losses = { crossEntropy: engine.crossEntropy, nllLoss: engine.nllLoss };

describe.each(["crossEntropy", "nllLoss"] as const)("%s refuses", (name) => {
  const grad = new Float32Array(6).fill(42);
  const call = (targets: unknown, options: object = {}) =>
    (losses[name] as typeof engine.nllLoss)(logits, targets as number[], { grad, ...options });

  // eslint-disable-next-line no-sparse-arrays
  const hole = [, 1];
  it.each<[string, unknown, string, number | undefined]>([
    ["−1", [0, -1], "ERR_TARGET_RANGE", 1],
    ["C", [0, 3], "ERR_TARGET_RANGE", 1],
    ["2^31", [2 ** 31, 0], "ERR_TARGET_RANGE", 0],
    ["2^40", [0, 2 ** 40], "ERR_TARGET_RANGE", 1],
    ["−99", Int32Array.of(0, -99), "ERR_TARGET_RANGE", 1],
    ["255", Uint8Array.of(255, 0), "ERR_TARGET_RANGE", 0],
    ["−100 wrapped", Uint32Array.of(0, 4294967196), "ERR_TARGET_RANGE", 1],
    ["big integers beyond 2^53", BigInt64Array.of(0n, 2n ** 60n), "ERR_TARGET_RANGE", 1],
    ["1.5", [0, 1.5], "ERR_ARGUMENT_VALUE", 1],
    ["NaN", [NaN, 1], "ERR_ARGUMENT_VALUE", 0],
    ["a string", [0, "1"], "ERR_ARGUMENT_TYPE", 1],
    ["null", [0, null], "ERR_ARGUMENT_TYPE", 1],
    ["true", [0, true], "ERR_ARGUMENT_TYPE", 1],
    ["a big integer in a list", [0, 1n], "ERR_ARGUMENT_TYPE", 1],
    ["a hole", hole, "ERR_ARGUMENT_TYPE", 0],
    ["too few", [0], "ERR_SHAPE", undefined],
    ["too many", [0, 1, 2], "ERR_SHAPE", undefined],
    [
      "a shape that is not the data's",
      { data: Int32Array.of(0, 1), shape: [3] },
      "ERR_SHAPE",
      undefined,
    ],
    ["a shape of strings", { data: Int32Array.of(0, 1), shape: ["2"] }, "ERR_ARGUMENT_TYPE", 0],
    ["a DataView", new DataView(new ArrayBuffer(2)), "ERR_ARGUMENT_TYPE", undefined],
    ["nothing", undefined, "ERR_ARGUMENT_TYPE", undefined],
  ])("%s, before anything is written", (_title, targets, code, index) => {
    for (const reduction of ["none", "mean", "sum"]) {
      const error = failureOf(() => call(targets, { reduction }));
      expect([error.code, error.index]).toEqual([code, index]);
      expect(error.argument).toMatch(/^targets/);
      expect(error.message.startsWith(`${name}: ${error.argument} must `)).toBe(true);
    }
    expect(grad).toEqual(new Float32Array(6).fill(42));
  });

  it("a gradient over the targets", () => {
    const buffer = new ArrayBuffer(64);
    const over = new Int32Array(buffer, 20, 2);
    const overlapping = () => call(over, { grad: new Float32Array(buffer, 0, 6) });
    expect(failureOf(overlapping).message).toContain("must not overlap another argument");
    call(over, { grad: new Float32Array(buffer, 28, 6) });
    const tensor = engine.tensor([8], "int32");
    const view = tensor.data.subarray(2, 4);
    expect(failureOf(() => call(view, { grad: tensor as never })).code).toBe("ERR_ARGUMENT_TYPE");
    tensor.dispose();
  });
});

it("what was checked is what is used: targets that change between reads stay in bounds", () => {
  let reads = 0;
  const shifty = new Proxy([0, 2], {
    get: (target, name) =>
      typeof name === "string" && /^\d+$/.test(name) && reads++ >= 3
        ? 1e9
        : Reflect.get(target, name),
  });
  expect(engine.crossEntropy(logits, shifty, { grad: true }).loss).toBe(loss);
});

it("ignoreIndex: −100 by default for signed arrays only, a list, a real class, none", () => {
  const rows = engine.crossEntropy(logits, [0, 2], { reduction: "none" }).loss;
  expect(engine.crossEntropy(logits, [0, -100]).loss).toBeCloseTo(rows[0], 6);
  expect(engine.crossEntropy(logits, BigInt64Array.of(-100n, 2n)).loss).toBeCloseTo(rows[1], 6);
  expect(engine.crossEntropy(logits, [0, 2], { ignoreIndex: 2 }).count).toBe(1);
  expect(engine.crossEntropy(logits, [-1, -2], { ignoreIndex: [-1, -2] }).count).toBe(0);
  expect(engine.crossEntropy(logits, Uint8Array.of(255, 2), { ignoreIndex: 255 }).count).toBe(1);
  const refused = () => engine.crossEntropy(logits, [0, -100], { ignoreIndex: null });
  expect(failureOf(refused).message).toBe("crossEntropy: targets[1] must be in [0, 3), got -100");
});

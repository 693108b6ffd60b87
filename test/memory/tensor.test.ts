import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import { failureOf } from "../support/operations.ts";

describe("a tensor", () => {
  it("is zeros of its shape and dtype, also in memory used before", () => {
    const engine = createEngine();
    const used = engine.tensor([2, 3]);
    used.data.fill(7);
    used.dispose();
    const tensor = engine.tensor([2, 3]);
    expect(tensor.data).toEqual(new Float32Array(6));
    expect([tensor.shape, tensor.dtype, tensor.length]).toEqual([[2, 3], "float32", 6]);
    expect(engine.tensor([2], "float16").data).toEqual(new Uint16Array(2));
    expect(engine.tensor([2], "bfloat16").data).toEqual(new Uint16Array(2));
    expect(engine.tensor([2], "int32").data).toEqual(new Int32Array(2));
    expect(engine.tensor([2], "uint8").data).toEqual(new Uint8Array(2));
    expect(engine.tensor([]).data).toEqual(new Float32Array(1));
    expect(engine.tensor([0, 3]).data).toEqual(new Float32Array(0));
  });

  it("shows its elements through a new view after growth; the old view is dead", () => {
    const engine = createEngine();
    const tensor = engine.tensor([3]);
    const view = tensor.data;
    view.set([1, 2, 3]);
    expect(tensor.data).toBe(view);
    engine.tensor([2 ** 20]);
    expect(view.length).toBe(0);
    expect(tensor.data).toEqual(Float32Array.of(1, 2, 3));
  });

  it("cannot be given another shape than its block has room for", () => {
    const tensor = createEngine().tensor([3]);
    const loose = tensor as unknown as Record<string, unknown>;
    for (const name of ["shape", "dtype", "length", "data"]) {
      expect(() => (loose[name] = 9)).toThrow(TypeError);
    }
    expect(() => ((tensor.shape as number[])[0] = 9)).toThrow(TypeError);
  });

  it("disposed twice is disposed once", () => {
    const engine = createEngine();
    const tensor = engine.tensor([3]);
    tensor.dispose();
    const next = engine.tensor([3]); // in the same block
    tensor.dispose();
    tensor[Symbol.dispose]();
    next.data.fill(1);
    expect(engine.memory.liveBytes).toBe(64);
    expect(engine.softmax(next).data[0]).toBeCloseTo(1 / 3);
  });

  it("disposed is refused by name, also where its block was handed out again", () => {
    const engine = createEngine();
    const dead = engine.tensor([3]);
    dead.dispose();
    const alive = engine.tensor([3]);
    const uses: [string, () => unknown][] = [
      ["logits", () => engine.softmax(dead)],
      ["logits", () => engine.topK(dead, 1)],
      ["targets", () => engine.binaryCrossEntropyWithLogits(alive, dead)],
      ["targets", () => engine.crossEntropy(alive, dead)],
      ["weight", () => engine.crossEntropy(alive, [0], { weight: dead })],
      ["grad", () => engine.crossEntropy(alive, [0], { grad: dead })],
      ["out", () => engine.sigmoid(alive, { out: dead })],
    ];
    for (const [argument, use] of uses) {
      const error = failureOf(use);
      expect([error.code, error.argument]).toEqual(["ERR_STATE", argument]);
    }
    expect(failureOf(() => dead.data).code).toBe("ERR_STATE");
    expect(dead.disposed).toBe(true);
    const indices = engine.tensor([1], "int32");
    indices.dispose();
    expect(failureOf(() => engine.crossEntropy(alive, indices)).argument).toBe("targets");
  });

  it("of another engine is refused by name", () => {
    const engine = createEngine();
    const own = engine.tensor([3]);
    const other = createEngine();
    const foreign = other.tensor([3]);
    const indices = other.tensor([1], "int32");
    const uses: [string, () => unknown][] = [
      ["logits", () => engine.softmax(foreign)],
      ["out", () => engine.softmax(own, { out: foreign })],
      ["targets", () => engine.crossEntropy(own, indices)],
      ["targets", () => engine.nllLoss(own, indices)],
    ];
    for (const [argument, use] of uses) {
      const error = failureOf(use);
      expect([error.code, error.argument]).toEqual(["ERR_STATE", argument]);
      expect(error.message).toContain("of another engine");
    }
  });

  it.each([
    [[-1], "ERR_ARGUMENT_VALUE"],
    [[1.5], "ERR_ARGUMENT_VALUE"],
    [[NaN], "ERR_ARGUMENT_VALUE"],
    [["3"], "ERR_ARGUMENT_TYPE"],
    // eslint-disable-next-line no-sparse-arrays
    [[2, , 3], "ERR_ARGUMENT_TYPE"],
    [3, "ERR_ARGUMENT_TYPE"],
    ["33", "ERR_ARGUMENT_TYPE"],
    [undefined, "ERR_ARGUMENT_TYPE"],
    [[2 ** 30, 2 ** 30], "ERR_SHAPE"],
    [[2 ** 30 + 1], "ERR_OUT_OF_MEMORY"],
    [[2 ** 40], "ERR_OUT_OF_MEMORY"],
  ])("of shape %s is %s and allocates nothing", (shape, code) => {
    const engine = createEngine();
    expect(failureOf(() => engine.tensor(shape as number[])).code).toBe(code);
    expect(engine.memory).toEqual({ heldBytes: 2 ** 20, liveBytes: 0 });
  });

  it("of an unknown dtype is refused", () => {
    const error = failureOf(() => createEngine().tensor([1], "float64" as "float32"));
    expect([error.code, error.argument]).toEqual(["ERR_ARGUMENT_VALUE", "dtype"]);
  });
});

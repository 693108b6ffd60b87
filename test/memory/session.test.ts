import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import type { Kernels } from "../../src/wasm/exports.ts";
import {
  LOGITS,
  OPERATIONS,
  engineOver,
  engineParts,
  failureOf,
  inArrays,
  inTensors,
} from "../support/operations.ts";

describe("scope", () => {
  it("disposes what was made inside and keeps what is returned, alone, in arrays, in objects", () => {
    const engine = createEngine();
    const results = [
      engine.scope(() => engine.tensor([1])),
      ...engine.scope(() => [engine.tensor([1]), engine.tensor([1])]),
      engine.scope(() => {
        engine.tensor([9]);
        return { deep: { kept: engine.softmax(engine.tensor([3])) } };
      }).deep.kept,
    ];
    expect(results.map(({ disposed }) => disposed)).toEqual([false, false, false, false]);
    expect(engine.memory.liveBytes).toBe(4 * 64);
  });

  it("inside a scope passes its result outward; the outer one disposes it", () => {
    const engine = createEngine();
    const outer = engine.tensor([1]);
    const inner = engine.scope(() => {
      const kept = engine.scope(() => engine.tensor([1]));
      expect(kept.disposed).toBe(false);
      return [kept];
    })[0];
    expect(inner.disposed).toBe(false);
    const lost = engine
      .scope(() => {
        const kept = engine.scope(() => engine.tensor([1]));
        return {
          get later() {
            return undefined;
          },
          kept: undefined,
          at: () => kept,
        };
      })
      .at();
    expect(lost.disposed).toBe(true);
    expect(outer.disposed).toBe(false);
    expect(engine.memory.liveBytes).toBe(128);
  });

  it("passes on what its body throws, with everything disposed", () => {
    const engine = createEngine();
    const mistake = new Error("mine");
    expect(() =>
      engine.scope(() => {
        engine.tensor([100]);
        engine.scope(() => engine.tensor([100]));
        throw mistake;
      }),
    ).toThrow(mistake);
    expect(engine.memory.liveBytes).toBe(0);
    expect(engine.scope(() => 5)).toBe(5);
  });

  it("keeps tensors of outside, and forgets those disposed by hand", () => {
    const engine = createEngine();
    const outer = engine.tensor([3]);
    engine.scope(() => {
      engine.tensor([3]).dispose();
      engine.softmax(outer);
    });
    expect(outer.disposed).toBe(false);
    engine.scope(() => outer.dispose());
    expect(engine.memory.liveBytes).toBe(0);
  });

  it("refuses promises and what is no function", () => {
    const engine = createEngine();
    const error = failureOf(() => engine.scope(async () => engine.tensor([3])));
    expect([error.code, error.message]).toEqual([
      "ERR_ARGUMENT_TYPE",
      "scope: body must be synchronous, got a promise",
    ]);
    expect(engine.memory.liveBytes).toBe(0);
    expect(failureOf(() => engine.scope(3 as never)).code).toBe("ERR_ARGUMENT_TYPE");
  });
});

describe("dispose", () => {
  it("makes every call ERR_STATE and every tensor dead; twice does nothing", () => {
    const engine = createEngine();
    const place = inTensors(engine);
    const tensor = engine.tensor([3]);
    engine.dispose();
    engine.dispose();
    engine[Symbol.dispose]();
    expect([engine.disposed, tensor.disposed]).toEqual([true, true]);
    tensor.dispose();
    for (const { call } of OPERATIONS) {
      expect(failureOf(() => call(engine, inArrays(LOGITS), inArrays)).code).toBe("ERR_STATE");
    }
    expect(failureOf(() => place(LOGITS)).code).toBe("ERR_STATE");
    expect(failureOf(() => engine.scope(() => 1)).code).toBe("ERR_STATE");
    expect(failureOf(() => tensor.data).code).toBe("ERR_STATE");
  });

  it("inside a scope ends quietly", () => {
    const engine = createEngine();
    engine.scope(() =>
      engine.scope(() => {
        engine.tensor([3]);
        engine.dispose();
      }),
    );
    expect(engine.disposed).toBe(true);
  });

  it("one engine's end leaves another alone", () => {
    const [one, two] = [createEngine(), createEngine()];
    const kept = two.tensor([2]);
    one.dispose();
    expect(two.softmax(kept).data).toEqual(Float32Array.of(0.5, 0.5));
  });
});

describe("re-entrant calls from getters", () => {
  it("of operations work", () => {
    const engine = createEngine();
    const expected = engine.softmax([1, 2, 4]).data;
    const inner: Float32Array[] = [];
    const logits = {
      get data() {
        inner.push(engine.softmax([1, 2, 4]).data);
        return [1, 2, 4];
      },
      shape: [3],
    };
    const options = {
      get axis() {
        inner.push(engine.softmax([1, 2, 4]).data);
        return 0;
      },
    };
    expect(engine.softmax(logits, options).data).toEqual(expected);
    expect(inner).toEqual([expected, expected]);
    expect(engine.memory.liveBytes).toBe(0);
  });

  it("that dispose a tensor in use, or the engine, are ERR_STATE", () => {
    const engine = createEngine();
    const logits = engine.tensor([1, 3]);
    const hostile = (act: () => void) =>
      new Proxy([1, 1, 1], {
        get(target, name, receiver) {
          if (name === "0") act();
          return Reflect.get(target, name, receiver);
        },
      });
    const call = (act: () => void) => () =>
      engine.crossEntropy(logits, [0], { weight: hostile(act), grad: "inPlace" });
    expect(failureOf(call(() => logits.dispose())).code).toBe("ERR_STATE");
    expect(engine.memory.liveBytes).toBe(0);
    const other = engine.tensor([1, 3]);
    const disposing = () =>
      engine.crossEntropy(other, [0], { weight: hostile(() => engine.dispose()), grad: true });
    expect(failureOf(disposing).code).toBe("ERR_STATE");
  });

  it("that throw pass through, and the engine is as before", () => {
    const engine = createEngine();
    const mistake = new Error("mine");
    const throwing = () => {
      throw mistake;
    };
    const hostile = new Proxy([1, 2], { get: throwing });
    expect(() => engine.softmax(hostile)).toThrow(mistake);
    expect(() => engine.crossEntropy([[1, 2]], hostile)).toThrow(mistake);
    expect(() =>
      engine.softmax([1, 2], {
        get axis() {
          return throwing();
        },
      }),
    ).toThrow(mistake);
    const x = engine.tensor([1, 2]);
    expect(() => engine.crossEntropy(x, [0], { weight: hostile, grad: true })).toThrow(mistake);
    expect(engine.memory.liveBytes).toBe(64);
    expect(engine.argmax([1, 2]).data[0]).toBe(1);
  });
});

describe("a trap", () => {
  it("is ERR_TRAP with its cause, and breaks the engine; data can still be read", () => {
    const parts = engineParts();
    const trap = new WebAssembly.RuntimeError("unreachable");
    const kernels: Kernels = {
      ...parts.kernels,
      softmaxRows() {
        throw trap;
      },
    };
    const engine = engineOver({ ...parts, kernels });
    const tensor = engine.tensor([2]);
    tensor.data.set([1, 2]);
    expect(engine.argmax([1, 3]).data[0]).toBe(1);
    const error = failureOf(() => engine.softmax(tensor));
    expect([error.code, error.cause]).toEqual(["ERR_TRAP", trap]);
    expect(error.message).toBe(
      "softmax: WebAssembly trapped (RuntimeError: unreachable); make a new engine",
    );
    for (const use of [
      () => engine.argmax([1, 3]),
      () => engine.tensor([1]),
      () => engine.scope(() => 1),
    ]) {
      const later = failureOf(use);
      expect([later.code, later.cause]).toEqual(["ERR_TRAP", trap]);
    }
    expect(tensor.data).toEqual(Float32Array.of(1, 2));
    tensor.dispose();
    engine.dispose();
    expect(createEngine().softmax([1, 1]).data[0]).toBe(0.5);
  });

  it("of a real out-of-bounds access is told apart from a caller's error", () => {
    const parts = engineParts();
    const engine = engineOver({
      ...parts,
      kernels: { ...parts.kernels, sigmoid: (x, out) => parts.kernels.sigmoid(x, out, 2 ** 29) },
    });
    expect(failureOf(() => engine.sigmoid([1])).code).toBe("ERR_TRAP");
  });
});

it("20,000 cycles of create, use and free: held and live bytes stop growing", () => {
  const engine = createEngine();
  const held: number[] = [];
  for (let i = 0; i < 20000; i++) {
    using x = engine.tensor([1 + (i % 40), 1 + (i % 17)]);
    using p = engine.softmax(x);
    engine.scope(() => void engine.crossEntropy(p, new Uint8Array(1 + (i % 40)), { grad: true }));
    if (i % 1000 === 0) engine.softmax({ data: new Float32Array(40000), shape: [10, 4000] });
    if (i === 2000 || i === 19999) held.push(engine.memory.heldBytes);
  }
  expect(held[1]).toBe(held[0]);
  expect(engine.memory.liveBytes).toBe(0);
});

// @ts-check
/**
 * What every runtime must do beside computing: typed errors, growth of the memory, its limits,
 * options. Each throws a plain Error where it is not so.
 */
import { bells, halves } from "./numbers.mjs";

/** @typedef {{ readonly name: string, readonly check: (logits: any) => void }} Behaviour */

/** @type {readonly Behaviour[]} */
export const BEHAVIOURS = [
  throws("a wrong length", "ERR_SHAPE", "shape", ({ createEngine }) =>
    createEngine().softmax({ data: new Float32Array(5), shape: [2, 3] }),
  ),
  throws("a target out of range", "ERR_TARGET_RANGE", "targets[1]", ({ createEngine }) =>
    createEngine().crossEntropy({ data: new Float32Array(6), shape: [2, 3] }, [0, 3]),
  ),
  throws("an unknown option", "ERR_ARGUMENT_TYPE", "did you mean temperature?", (logits) =>
    logits.createEngine().softmax([1, 2], { temprature: 2 }),
  ),
  throws("an option of createEngine", "ERR_ARGUMENT_VALUE", "numerics", ({ createEngine }) =>
    createEngine({ numerics: "exact" }),
  ),
  throws("a module that is none", "ERR_ARGUMENT_TYPE", "module", ({ createEngine }) =>
    createEngine({ module: {} }),
  ),
  throws("a disposed engine", "ERR_STATE", "softmax", ({ createEngine }) => {
    const engine = createEngine();
    engine.dispose();
    engine.softmax([1, 2]);
  }),
  throws("a disposed tensor", "ERR_STATE", "disposed", ({ createEngine }) => {
    const engine = createEngine();
    const tensor = engine.tensor([4]);
    tensor.dispose();
    engine.softmax(tensor);
  }),
  throws("memory past its limit", "ERR_OUT_OF_MEMORY", "bytes asked", ({ createEngine }) =>
    createEngine({ maximumBytes: 2 ** 21 }).tensor([2 ** 20]),
  ),
  {
    name: "memory grows under a live tensor",
    check({ createEngine }) {
      const engine = createEngine();
      const before = engine.memory.heldBytes;
      const small = engine.tensor([1000]);
      small.data.set(bells(1000));
      const view = small.data;
      const large = engine.tensor([2 ** 20]);
      equal("bytes held", engine.memory.heldBytes > before, true);
      equal("length of a view from before", view.length, 0);
      equal("elements kept", same(small.data, bells(1000)), true);
      equal(
        "zeros",
        large.data.every((/** @type {number} */ x) => x === 0),
        true,
      );
      equal("result", engine.softmax(small).data.length, 1000);
    },
  },
  {
    name: "memory of a failed call is given back",
    check({ createEngine }) {
      const engine = createEngine();
      for (let i = 0; i < 50; i++) {
        try {
          engine.crossEntropy(
            { data: bells(1000), shape: [10, 100] },
            new Int32Array(10).fill(100),
          );
        } catch {
          continue;
        }
        equal("a call with wrong targets", "returned", "threw");
      }
      equal("bytes of live tensors", engine.memory.liveBytes, 0);
    },
  },
  {
    name: "results outlive the call and the next one",
    check({ createEngine }) {
      const engine = createEngine();
      const first = engine.softmax([1, 2, 3]).data;
      const copy = Float32Array.from(first);
      engine.softmax(bells(100_000));
      equal("first result", same(first, copy), true);
    },
  },
  {
    name: "two engines do not meet",
    check({ createEngine }) {
      const [one, other] = [createEngine(), createEngine({ numerics: "strict" })];
      one.dispose();
      equal("argmax", other.argmax([1, 3, 2]).data[0], 1);
    },
  },
  {
    name: "softmax in place over float32",
    check({ createEngine }) {
      const engine = createEngine();
      const data = bells(12);
      const expected = engine.softmax({ data: bells(12), shape: [3, 4] }).data;
      engine.softmax({ data, shape: [3, 4] }, { out: data });
      equal("bits", same(data, expected), true);
    },
  },
  {
    name: "Float16Array, where there is one, is read as its bits",
    check({ createEngine }) {
      if (!("Float16Array" in globalThis)) return;
      const engine = createEngine();
      const bits = halves(40, "float16");
      const native = new Float16Array(bits.buffer);
      const expected = engine.softmax({ data: bits, shape: [40], dtype: "float16" }).data;
      equal("bits", same(engine.softmax({ data: native, shape: [40] }).data, expected), true);
    },
  },
  {
    name: "numerics is what was asked for, or a typed error",
    check({ createEngine, LogitsError }) {
      equal("strict", createEngine({ numerics: "strict" }).numerics, "strict");
      const auto = createEngine().numerics;
      try {
        equal("fma", createEngine({ numerics: "fma" }).numerics, "fma");
        equal("auto", auto, "fma");
      } catch (error) {
        equal("a LogitsError", error instanceof LogitsError, true);
        equal("code", /** @type {any} */ (error).code, "ERR_UNSUPPORTED");
        equal("auto", auto, "strict");
      }
    },
  },
];

/**
 * @param {string} name
 * @param {string} code
 * @param {string} words that the message has
 * @param {(logits: any) => unknown} call
 * @returns {Behaviour}
 */
function throws(name, code, words, call) {
  return {
    name: `${code} for ${name}`,
    check(logits) {
      let thrown;
      try {
        call(logits);
      } catch (error) {
        thrown = /** @type {any} */ (error);
      }
      equal("a LogitsError", thrown instanceof logits.LogitsError, true);
      equal("its code", thrown.code, code);
      equal(`"${words}" in "${thrown.message}"`, thrown.message.includes(words), true);
    },
  };
}

function equal(
  /** @type {string} */ what,
  /** @type {unknown} */ got,
  /** @type {unknown} */ expected,
) {
  if (!Object.is(got, expected)) throw new Error(`${what}: got ${got}, expected ${expected}`);
}

/** Same length and bits, NaN being one value. */
function same(/** @type {ArrayLike<number>} */ a, /** @type {ArrayLike<number>} */ b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

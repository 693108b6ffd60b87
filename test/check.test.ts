import { describe, expect, it } from "vitest";
import { checkNumber, checkOptions, checkShape, describe as described } from "../src/check.ts";
import { createEngine } from "../src/index.ts";
import { failureOf } from "./support/operations.ts";

const engine = createEngine();
const logits = [
  [1, 2],
  [3, 4],
];

/** Every operation called with `options` last, and the options it knows. */
const loss = ["reduction", "divisor", "onEmpty", "weight", "ignoreIndex", "upstream", "grad"];
const operations: Record<string, { call: (options: object) => unknown; known: string[] }> = {
  softmax: {
    call: (o) => engine.softmax(logits, o),
    known: ["axis", "temperature", "allMasked", "out"],
  },
  logSoftmax: {
    call: (o) => engine.logSoftmax(logits, o),
    known: ["axis", "temperature", "allMasked", "out"],
  },
  logSumExp: { call: (o) => engine.logSumExp(logits, o), known: ["axis", "keepDims", "out"] },
  sigmoid: { call: (o) => engine.sigmoid(logits, o), known: ["out"] },
  logSigmoid: { call: (o) => engine.logSigmoid(logits, o), known: ["out"] },
  softplus: { call: (o) => engine.softplus(logits, o), known: ["out"] },
  argmax: { call: (o) => engine.argmax(logits, o), known: ["axis", "keepDims"] },
  topK: { call: (o) => engine.topK(logits, 1, o), known: ["axis", "largest"] },
  threshold: { call: (o) => engine.threshold(logits, o), known: ["probability"] },
  crossEntropy: {
    call: (o) => engine.crossEntropy(logits, [0, 1], o),
    known: ["axis", "labelSmoothing", "zLoss", "softcap", "temperature", ...loss],
  },
  nllLoss: { call: (o) => engine.nllLoss(logits, [0, 1], o), known: ["axis", ...loss] },
  binaryCrossEntropyWithLogits: {
    call: (o) => engine.binaryCrossEntropyWithLogits(logits, logits, o),
    known: ["posWeight", "labelSmoothing", ...loss],
  },
  createEngine: {
    call: (o) => createEngine(o),
    known: ["numerics", "module", "initialBytes", "maximumBytes"],
  },
};

describe.each(Object.entries(operations))("%s: options", (name, { call, known }) => {
  it("a slip is refused with the name that was meant", () => {
    for (const option of known) {
      for (const slip of new Set([option.toLowerCase(), `${option}s`, option.slice(0, -1)])) {
        if (known.includes(slip)) continue;
        const error = failureOf(() => call({ [slip]: undefined }));
        expect([error.code, error.argument]).toEqual(["ERR_ARGUMENT_TYPE", slip]);
        expect(error.message).toBe(
          `${name}: ${slip} must be a known option, got "${slip}"; did you mean ${option}?`,
        );
      }
    }
  });

  it("a strange name is refused with all that are known", () => {
    const { message } = failureOf(() => call({ somethingElse: 1 }));
    expect(message).toMatch(`${name}: somethingElse must be a known option`);
    for (const option of known) expect(message).toContain(option);
  });

  it("__proto__ and constructor from JSON are unknown names, and change no prototype", () => {
    for (const json of ['{"__proto__":{"axis":7}}', '{"constructor":{"prototype":{"axis":7}}}']) {
      expect(failureOf(() => call(JSON.parse(json) as object)).code).toBe("ERR_ARGUMENT_TYPE");
    }
    expect(Reflect.get({}, "axis")).toBeUndefined();
  });

  it("are an object", () => {
    for (const bad of [null, 1, "axis", [], true, () => 1]) {
      const error = failureOf(() => call(bad as object));
      expect([error.code, error.argument]).toEqual(["ERR_ARGUMENT_TYPE", "options"]);
    }
  });

  it("frozen, without prototype, undefined, or inherited from a polluted Object.prototype", () => {
    const expected = JSON.stringify(call({}));
    const same = (options: object | undefined) =>
      expect(JSON.stringify(call(options as object))).toBe(expected);
    same(undefined);
    same(Object.freeze({}));
    same(Object.create(null) as object);
    same(Object.fromEntries(known.map((option) => [option, undefined])));
    same(Object.create(Object.fromEntries(known.map((option) => [option, "poison"]))) as object);
    const all = Object.values(operations).flatMap((operation) => operation.known);
    try {
      for (const option of all) {
        Reflect.defineProperty(Object.prototype, option, {
          value: "poison",
          configurable: true,
          writable: true,
        });
      }
      same({});
      same(undefined);
    } finally {
      for (const option of all) Reflect.deleteProperty(Object.prototype, option);
    }
  });
});

it("options are copied, and inherit nothing", () => {
  const read = checkOptions("f", { axis: 1, out: undefined }, ["axis", "out"]);
  const prototype = Object.getPrototypeOf(read) as object;
  expect(Reflect.ownKeys(prototype)).toEqual([]);
  expect(Object.getPrototypeOf(prototype)).toBe(null);
  expect(Object.keys(read)).toEqual(["axis"]);
});

it.each([
  [{ min: 0, max: 1 }, 2, "must be a finite number in [0, 1], got 2"],
  [{ min: 0, above: true }, 0, "must be a finite number above 0, got 0"],
  [{ min: 0, integer: true }, 0.5, "must be an integer of at least 0, got 0.5"],
  [{}, NaN, "must be a finite number, got NaN"],
  [{}, 1n, "must be a finite number, got 1n"],
])("numbers: %j refuses %s", (rule, value, message) => {
  expect(failureOf(() => checkNumber("f", "a", value, rule)).message).toBe(`f: a ${message}`);
});

it("shapes: typed arrays and big integers are read, what does not fit is named", () => {
  expect(checkShape("f", "shape", Int32Array.of(2, 3))).toEqual([2, 3]);
  expect(checkShape("f", "shape", BigInt64Array.of(2n, 3n))).toEqual([2, 3]);
  expect(failureOf(() => checkShape("f", "shape", [1, 2n ** 60n])).argument).toBe("shape[1]");
  expect(failureOf(() => checkShape("f", "shape", [2 ** 27, 2 ** 27])).message).toBe(
    "f: shape must have at most 2^53 elements, got [134217728, 134217728]",
  );
});

it("any value is described in few words", () => {
  const words: [unknown, string][] = [
    [null, "null"],
    [undefined, "undefined"],
    ["x".repeat(100), `"${"x".repeat(40)}"`],
    [5n, "5n"],
    [-0, "0"],
    [() => 1, "a function"],
    [Symbol("s"), "a symbol"],
    [[1, 2], "an array of length 2"],
    [new Float64Array(3), "Float64Array of length 3"],
    [new DataView(new ArrayBuffer(1)), "a DataView"],
    [{}, "an object"],
    [true, "true"],
  ];
  for (const [value, text] of words) expect(described(value)).toBe(text);
});

import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import { failureOf } from "../support/operations.ts";

const engine = createEngine();
const logits = [
  [1, 2, 3],
  [0, 0, 0],
];
const call = (options: object) => engine.crossEntropy(logits, [0, 2], options);

// eslint-disable-next-line no-sparse-arrays
const hole = [1, , 1];
const TYPE = "ERR_ARGUMENT_TYPE";
const VALUE = "ERR_ARGUMENT_VALUE";

it.each<[string, unknown, string, string]>([
  ["reduction", "avg", VALUE, "reduction"],
  ["reduction", null, TYPE, "reduction"],
  ["divisor", 0, VALUE, "divisor"],
  ["divisor", "batch", VALUE, "divisor"],
  ["onEmpty", true, TYPE, "onEmpty"],
  ["labelSmoothing", -0.1, VALUE, "labelSmoothing"],
  ["labelSmoothing", 1.1, VALUE, "labelSmoothing"],
  ["labelSmoothing", NaN, VALUE, "labelSmoothing"],
  ["labelSmoothing", "0.1", TYPE, "labelSmoothing"],
  ["zLoss", -1, VALUE, "zLoss"],
  ["temperature", 0, VALUE, "temperature"],
  ["temperature", Infinity, VALUE, "temperature"],
  ["softcap", -1, VALUE, "softcap"],
  ["ignoreIndex", "0", TYPE, "ignoreIndex"],
  ["ignoreIndex", NaN, TYPE, "ignoreIndex"],
  ["ignoreIndex", hole, TYPE, "ignoreIndex"],
  ["weight", [1, 2], "ERR_SHAPE", "weight.length"],
  ["weight", [1, NaN, 1], VALUE, "weight[1]"],
  ["weight", [1, 1e39, 1], VALUE, "weight[1]"],
  ["weight", hole, TYPE, "weight[1]"],
  ["weight", [1, "1", 1], TYPE, "weight[1]"],
  ["weight", 2, TYPE, "weight"],
  ["upstream", NaN, VALUE, "upstream"],
  ["upstream", [1, 1], TYPE, "upstream"],
  ["upstream", "1", TYPE, "upstream"],
])("%s = %j is refused as %s of %s", (option, value, code, argument) => {
  const error = failureOf(() => call({ [option]: value }));
  expect([error.code, error.argument]).toEqual([code, argument]);
  expect(error.message.startsWith(`crossEntropy: ${argument} must `)).toBe(true);
});

describe("upstream per loss", () => {
  const none = (upstream: unknown) => call({ reduction: "none", upstream, grad: true });

  it.each<[unknown, string, string]>([
    [[1], "ERR_SHAPE", "upstream.length"],
    [[1, "0.5"], TYPE, "upstream[1]"],
    [[null, 1], TYPE, "upstream[0]"],
    [Object.assign([], { 0: 1, length: 2 }), TYPE, "upstream[1]"],
    [Float32Array.of(1, NaN), VALUE, "upstream[1]"],
    [Int32Array.of(1, 1), TYPE, "upstream"],
  ])("%j is refused", (upstream, code, argument) => {
    const error = failureOf(() => none(upstream));
    expect([error.code, error.argument]).toEqual([code, argument]);
  });

  it("is a list, float32 or float64", () => {
    const expected = none([2, 0]).grad;
    for (const upstream of [Float32Array.of(2, 0), Float64Array.of(2, 0)]) {
      expect(none(upstream).grad).toEqual(expected);
    }
  });
});

import { expect, it } from "vitest";
import { LogitsError, createEngine } from "../src/index.ts";
import { failureOf } from "./support/operations.ts";

it("a LogitsError is an Error with name, code, argument, index and cause", () => {
  const cause = new Error("below");
  const error = new LogitsError("ERR_SHAPE", "words", { argument: "logits", index: 3, cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: "LogitsError",
    code: "ERR_SHAPE",
    message: "words",
    argument: "logits",
    index: 3,
    cause,
  });
  expect(String(error)).toBe("LogitsError: words");
  expect(error.stack).toContain("errors.test.ts");
  expect("cause" in new LogitsError("ERR_STATE", "words")).toBe(false);
});

it("a call's error names function, argument, place, what came and the remedy", () => {
  const engine = createEngine();
  const error = failureOf(() => engine.crossEntropy([[1, 2]], [12]));
  expect(error.message).toBe(
    "crossEntropy: targets[0] must be in [0, 2) or ignoreIndex (-100), got 12",
  );
  expect(error).toMatchObject({ code: "ERR_TARGET_RANGE", argument: "targets[0]", index: 0 });
  expect(failureOf(() => engine.softmax([1], { out: new Float64Array(1) as never })).message).toBe(
    "softmax: out must be a Float32Array or float32 Tensor of at least 1 elements, got Float64Array of length 1",
  );
});

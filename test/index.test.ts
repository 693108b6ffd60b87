import { expect, it } from "vitest";
import * as front from "../src/index.ts";
import * as train from "../src/train/index.ts";

it("the front door exports createEngine, LogitsError and SCORE_FLAGS", () => {
  expect(Object.keys(front).sort()).toEqual(["LogitsError", "SCORE_FLAGS", "createEngine"]);
});

it("logits/train exports functions and classes", () => {
  for (const [name, value] of Object.entries(train))
    expect([name, typeof value]).toEqual([name, "function"]);
  expect(Object.keys(train)).toEqual(expect.arrayContaining(["Adam", "linear", "linearGradients"]));
});

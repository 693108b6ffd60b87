/**
 * The conformance cases on this Node: near their oracles, and with the bits that expected.json names
 * for every runtime. `npm run conformance:update` writes that file, after the oracles have agreed.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as logits from "../../src/index.ts";
import type { Numerics } from "../../src/types.ts";
import { BEHAVIOURS } from "./conformance/behaviours.mjs";
import { CASES, runCase } from "./conformance/cases.mjs";
import { hashesOf } from "./conformance/conformance.mjs";
import { hashOf, leavesOf } from "./conformance/hash.mjs";
import { expectOracle } from "./oracles.ts";

const EXPECTED = new URL("./expected.json", import.meta.url);
const isUpdate = process.env.CONFORMANCE_UPDATE === "1";
const isFused = logits.createEngine().numerics === "fma";

test("cases have names of their own", () => {
  expect(new Set(CASES.map((one) => one.name)).size).toBe(CASES.length);
});

describe.each<Numerics>(isFused ? ["strict", "fma"] : ["strict"])("the %s build", (numerics) => {
  const engine = logits.createEngine({ numerics });

  test.each(CASES)("$name: near its oracle", (one) => {
    runCase(engine, one, (result) => expectOracle(one, result));
  });

  test.skipIf(isUpdate)("has the expected bits; else run npm run conformance:update", () => {
    const expected = JSON.parse(readFileSync(EXPECTED, "utf8"));
    expect(hashesOf(engine)).toEqual(expected[numerics]);
  });
});

test.skipIf(!isUpdate)("writes expected.json", ({ task }) => {
  expect(isFused, "relaxed SIMD is needed for the fma build").toBe(true);
  const failed = task.file.tasks.some((one) => one.result?.state === "fail");
  expect(failed, "a case is not near its oracle").toBe(false);
  const builds = ["strict", "fma"] as const;
  const hashes = builds.map((numerics) => [numerics, hashesOf(logits.createEngine({ numerics }))]);
  writeFileSync(EXPECTED, `${JSON.stringify(Object.fromEntries(hashes), null, 2)}\n`);
});

test.each(BEHAVIOURS)("$name", ({ check }) => {
  check(logits);
});

describe("the hash", () => {
  const hash = (result: unknown) => hashOf(leavesOf(result));

  test("sees every bit of a number but those of NaN", () => {
    const bits = new Uint32Array([0x7fc00000, 0x7fc00001]);
    expect(hash(new Float32Array([1, 2]))).not.toBe(hash(new Float32Array([1, 2 + 2 ** -22])));
    expect(hash(new Float32Array([0]))).not.toBe(hash(new Float32Array([-0])));
    const [one, other] = [0, 1].map((i) => new Float32Array(bits.buffer, 4 * i, 1));
    expect(hash(one)).toBe(hash(other));
  });

  test("sees names, lengths and shapes", () => {
    expect(hash({ a: 1, b: 2 })).not.toBe(hash({ a: 2, b: 1 }));
    expect(hash({ a: 1, b: 2 })).toBe(hash({ b: 2, a: 1 }));
    const data = new Float32Array(6);
    expect(hash({ data, shape: [2, 3] })).not.toBe(hash({ data, shape: [3, 2] }));
    expect(hash(new Float32Array(1))).not.toBe(hash(new Float32Array(2)));
  });
});

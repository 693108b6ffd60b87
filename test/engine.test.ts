import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createEngine } from "../src/index.ts";
import { hasRelaxedSimd } from "../src/wasm/features.ts";
import { signaturesOf } from "../src/wasm/moduleBytes.ts";
import { unpack } from "../src/wasm/unpack.ts";
import { inlineModule } from "../src/wasm/inline.ts";
import { failureOf } from "./support/operations.ts";

const PAGE = 65536;
// The smallest module: a header.
const EMPTY = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));

it("engines are independent", () => {
  const [one, two] = [createEngine(), createEngine()];
  const a = one.tensor([2]);
  const b = two.tensor([2]);
  a.data.set([1, 2]);
  b.data.set([3, 3]);
  one.softmax(a, { out: a });
  expect(b.data).toEqual(Float32Array.of(3, 3));
  expect(two.softmax(b).data).toEqual(Float32Array.of(0.5, 0.5));
});

describe("numerics", () => {
  it.runIf(hasRelaxedSimd())('"auto" and "fma" take the fused build', () => {
    expect(createEngine().numerics).toBe("fma");
    expect(createEngine({ numerics: "fma" }).numerics).toBe("fma");
  });

  it.skipIf(hasRelaxedSimd())(
    'without relaxed SIMD "fma" is ERR_UNSUPPORTED, "auto" strict',
    () => {
      const error = failureOf(() => createEngine({ numerics: "fma" }));
      expect(error.code).toBe("ERR_UNSUPPORTED");
      expect(error.message).toContain('use "auto" or "strict"');
      expect(createEngine().numerics).toBe("strict");
    },
  );

  it('"strict" is always there; other words are refused', () => {
    expect(createEngine({ numerics: "strict" }).numerics).toBe("strict");
    const error = failureOf(() => createEngine({ numerics: "fast" as never }));
    expect([error.code, error.argument]).toEqual(["ERR_ARGUMENT_VALUE", "numerics"]);
  });
});

describe("module", () => {
  it("one of this version is used", () => {
    const module = inlineModule("strict");
    const engine = createEngine({ module });
    expect(engine.numerics).toBe("strict");
    expect(engine.softmax([0, 0]).data).toEqual(Float32Array.of(0.5, 0.5));
    expect(createEngine({ module, numerics: "strict" }).numerics).toBe("strict");
    const error = failureOf(() => createEngine({ module, numerics: "fma" }));
    expect([error.code, error.argument]).toEqual(["ERR_ARGUMENT_VALUE", "numerics"]);
  });

  it("what is no module is refused", () => {
    for (const module of [null, 0, "", {}, new Uint8Array(8), readFileSync]) {
      const error = failureOf(() => createEngine({ module: module as never }));
      expect([error.code, error.argument]).toEqual(["ERR_ARGUMENT_TYPE", "module"]);
    }
  });

  it("a module of another program or version is refused", () => {
    const error = failureOf(() => createEngine({ module: EMPTY }));
    expect([error.code, error.argument]).toEqual(["ERR_FILE", "module"]);
    expect(error.message).toMatch(
      /module must be a wasm file of logits .*, got another wasm file;/,
    );
  });

  it("both builds export the same kernels", () => {
    const names = (numerics: "strict" | "fma"): string[] =>
      signaturesOf(unpack(numerics)).map(({ name }) => name);
    expect(names("fma")).toEqual(names("strict"));
    expect(names("strict")).toContain("crossEntropyRows");
  });
});

describe("memory", () => {
  it("starts at initialBytes, in whole pages", () => {
    expect(createEngine().memory.heldBytes).toBe(16 * PAGE);
    expect(createEngine({ initialBytes: 0 }).memory.heldBytes).toBe(PAGE);
    expect(createEngine({ initialBytes: PAGE + 1 }).memory.heldBytes).toBe(2 * PAGE);
    expect(createEngine({ maximumBytes: 3 * PAGE }).memory.heldBytes).toBe(3 * PAGE);
  });

  it("ends at maximumBytes: ERR_OUT_OF_MEMORY with bytes asked and held, then works", () => {
    const engine = createEngine({ maximumBytes: 32 * PAGE });
    const error = failureOf(() => engine.tensor([2 ** 20]));
    expect(error.code).toBe("ERR_OUT_OF_MEMORY");
    expect(error.message).toContain(`${2 ** 22} bytes asked, ${16 * PAGE} bytes held`);
    expect(engine.memory).toEqual({ heldBytes: 16 * PAGE, liveBytes: 0 });
    expect(engine.tensor([2 ** 18]).length).toBe(2 ** 18);
    expect(engine.memory.heldBytes).toBeLessThanOrEqual(32 * PAGE);
  });

  it.each([
    ["initialBytes", -1],
    ["initialBytes", 1.5],
    ["initialBytes", 2 ** 32 + 1],
    ["maximumBytes", NaN],
    ["maximumBytes", "1e6"],
    ["maximumBytes", 2 ** 33],
  ])("%s %s is refused", (option, value) => {
    expect(failureOf(() => createEngine({ [option]: value })).argument).toBe(option);
  });

  it("initialBytes above maximumBytes is refused", () => {
    const error = failureOf(() => createEngine({ initialBytes: 2, maximumBytes: 1 }));
    expect([error.code, error.argument]).toEqual(["ERR_ARGUMENT_VALUE", "initialBytes"]);
  });
});

/** Runtimes that lack or forbid something: importing never throws, createEngine says what to do. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const real = WebAssembly;

beforeEach(() => void vi.resetModules());
afterEach(() => void vi.unstubAllGlobals());

/** WebAssembly with some members replaced. */
const withMembers = (members: object): object =>
  Object.create(real, Object.getOwnPropertyDescriptors(members)) as object;

async function failureWith(stub: unknown, options?: object) {
  vi.stubGlobal("WebAssembly", stub);
  const { createEngine, LogitsError } = await import("../../src/index.ts");
  try {
    createEngine(options);
  } catch (error) {
    expect(error).toBeInstanceOf(LogitsError);
    return error as InstanceType<typeof LogitsError>;
  }
  throw new Error("did not throw");
}

describe("ERR_UNSUPPORTED", () => {
  it("no WebAssembly", async () => {
    const error = await failureWith(undefined);
    expect([error.code, error.message]).toEqual([
      "ERR_UNSUPPORTED",
      "createEngine: this runtime has no WebAssembly; use a runtime that provides it",
    ]);
  });

  it("no SIMD", async () => {
    const error = await failureWith(withMembers({ validate: () => false }));
    expect(error.code).toBe("ERR_UNSUPPORTED");
    expect(error.message).toMatch(/no WebAssembly SIMD; use Node 16\.4, .* or later/);
  });

  it("compiling forbidden by a Content-Security-Policy, and a later try where it is not", async () => {
    const refusal = new real.CompileError("Refused to compile: wasm-unsafe-eval");
    function Module() {
      throw refusal;
    }
    const error = await failureWith(withMembers({ Module }));
    expect([error.code, error.cause]).toEqual(["ERR_UNSUPPORTED", refusal]);
    expect(error.message).toContain("'wasm-unsafe-eval'");
    expect(error.message).toContain("{ module }");
    vi.unstubAllGlobals();
    const { createEngine } = await import("../../src/index.ts");
    expect(createEngine().argmax([1, 2]).data[0]).toBe(1);
  });

  it("an instance refused by the host", async () => {
    function Instance() {
      throw new real.LinkError("no");
    }
    const error = await failureWith(withMembers({ Instance }));
    expect(error.code).toBe("ERR_UNSUPPORTED");
    expect(error.message).toContain("could not be instantiated");
  });
});

it("ERR_OUT_OF_MEMORY where the host refuses the first memory", async () => {
  function Memory() {
    throw new RangeError("could not allocate memory");
  }
  const error = await failureWith(withMembers({ Memory }), { initialBytes: 2 ** 27 });
  expect(error.code).toBe("ERR_OUT_OF_MEMORY");
  expect(error.message).toContain(`${2 ** 27} bytes asked, 0 bytes held`);
});

it("a compiled module is kept: engines share it", async () => {
  const { inlineModule } = await import("../../src/wasm/inline.ts");
  expect(inlineModule("strict")).toBe(inlineModule("strict"));
});

it("with relaxed SIMD but no fused multiply-add, auto falls back to strict", async () => {
  const { instantiateKernels } = await import("../../src/wasm/instantiate.ts");
  const { inlineModule } = await import("../../src/wasm/inline.ts");
  vi.stubGlobal("WebAssembly", withMembers({ validate: () => true }));
  // The strict build in the place of an fma build: its probe says that nothing is fused.
  const asked: string[] = [];
  const source = (numerics: "strict" | "fma") => {
    asked.push(numerics);
    return inlineModule("strict");
  };
  const memory = new real.Memory({ initial: 1 });
  expect(instantiateKernels(source, memory, "auto").numerics).toBe("strict");
  expect(asked).toEqual(["fma", "strict"]);
  const forced = () => instantiateKernels(source, memory, "fma");
  expect(() => forced()).toThrow(/needs relaxed SIMD with a fused multiply-add/);
});

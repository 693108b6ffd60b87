import { afterEach, expect, it, vi } from "vitest";
import { hasRelaxedSimd, hasSimd, hasWebAssembly } from "../../src/wasm/features.ts";

afterEach(() => void vi.unstubAllGlobals());

it("this runtime has WebAssembly and SIMD", () => {
  expect([hasWebAssembly(), hasSimd()]).toEqual([true, true]);
});

it("without WebAssembly, or with a stub of it, every answer is no", () => {
  for (const missing of [undefined, null, {}, 5]) {
    vi.stubGlobal("WebAssembly", missing);
    expect([hasWebAssembly(), hasSimd(), hasRelaxedSimd()]).toEqual([false, false, false]);
  }
});

it("a runtime that validates nothing has no SIMD", () => {
  vi.stubGlobal("WebAssembly", { validate: () => false });
  expect([hasWebAssembly(), hasSimd(), hasRelaxedSimd()]).toEqual([true, false, false]);
});

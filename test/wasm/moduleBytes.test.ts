/** Reading and rewriting the kernels' module. */
import { expect, test } from "vitest";
import { inlineBytes } from "../../src/wasm/inline.ts";
import { signaturesOf, withSharedMemory } from "../../src/wasm/moduleBytes.ts";

const bytes = inlineBytes("strict");

test.each([1, 127, 128, 65536])("asks for shared memory of at most %i pages", (maximum) => {
  const module = new WebAssembly.Module(withSharedMemory(bytes, maximum));
  const memory = new WebAssembly.Memory({ initial: 1, maximum, shared: true });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  expect((exports["heapBase"] as () => number)()).toBeGreaterThan(0);
  const wrong = new WebAssembly.Memory({ initial: 1, maximum });
  expect(() => new WebAssembly.Instance(module, { env: { memory: wrong } })).toThrow(
    WebAssembly.LinkError,
  );
});

test("names the kernels in the order of the module's exports, with their parameters", () => {
  const names = WebAssembly.Module.exports(new WebAssembly.Module(bytes))
    .filter(({ kind }) => kind === "function")
    .map(({ name }) => name);
  const signatures = signaturesOf(bytes);
  expect(signatures.map(({ name }) => name)).toEqual(names);
  const integersOf = (name: string) =>
    signatures.find((signature) => signature.name === name)?.integers;
  expect(integersOf("heapBase")).toEqual([]);
  expect(integersOf("softmaxRows")).toEqual([true, true, true, true, true, true]);
  // (zPtr, ePtr, rows, classes, targetsPtr, weightPtr, smoothing, zLoss, scale, upstreamPtr, …)
  expect(integersOf("crossEntropyRows")).toEqual([
    true,
    true,
    true,
    true,
    true,
    true,
    false,
    false,
    false,
    true,
    true,
    true,
  ]);
});

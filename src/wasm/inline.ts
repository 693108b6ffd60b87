/**
 * The module source of the default entry: both builds carried inline, compiled on first use and kept.
 */
import type { Numerics } from "../types.js";
// First, here and in createEngine.ts, so that a bundle begins with the packed text: gzip codes it and
// the scripts by blocks, and a block of both costs more.
import { unpack } from "./unpack.js";
import { compileBytes } from "./instantiate.js";
import { withSharedMemory } from "./moduleBytes.js";

const compiled = new Map<Numerics, WebAssembly.Module>();
const shared = new Map<string, WebAssembly.Module>();

export function inlineModule(numerics: Numerics): WebAssembly.Module {
  const kept = compiled.get(numerics);
  if (kept) return kept;
  const module = compileBytes(unpack(numerics));
  compiled.set(numerics, module);
  return module;
}

/** The same build over shared memory of at most `maximumPages`. */
export function inlineSharedModule(numerics: Numerics, maximumPages: number): WebAssembly.Module {
  const key = `${numerics} ${maximumPages}`;
  const known = shared.get(key);
  if (known) return known;
  const module = compileBytes(withSharedMemory(unpack(numerics), maximumPages));
  shared.set(key, module);
  return module;
}

/** The bytes of a build, for those who read them. */
export function inlineBytes(numerics: Numerics): Uint8Array<ArrayBuffer> {
  return unpack(numerics);
}

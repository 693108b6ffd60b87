/**
 * From compiled module to kernels over one linear memory. The only importer of
 * @assemblyscript/loader, and the only place that chooses between the two numeric builds.
 */
import { demangle } from "@assemblyscript/loader";
import { fail, failState } from "../check.js";
import type { Numerics } from "../types.js";
import type { Kernels } from "./exports.js";
import { hasRelaxedSimd, hasSimd, hasWebAssembly } from "./features.js";

/** Gives the compiled module of a build; entries differ in where it comes from. `fma` may be absent. */
export type ModuleSource = (numerics: Numerics) => WebAssembly.Module | undefined;

export interface Instance {
  readonly kernels: Kernels;
  readonly numerics: Numerics;
}

/** Throws ERR_UNSUPPORTED, naming what is missing, where the kernels cannot run. */
export function requireSimd(): void {
  if (!hasWebAssembly()) {
    failState(
      "ERR_UNSUPPORTED",
      "createEngine: this runtime has no WebAssembly; use a runtime that provides it",
    );
  }
  if (!hasSimd()) {
    failState(
      "ERR_UNSUPPORTED",
      "createEngine: this runtime has no WebAssembly SIMD; use Node 16.4, Chrome 91, Firefox 89, Safari 16.4 or later",
    );
  }
}

/**
 * Instantiates the kernels over `memory`. "auto" takes the `fma` build where relaxed SIMD exists and
 * multiply-add is really fused, else `strict`.
 */
export function instantiateKernels(
  source: ModuleSource,
  memory: WebAssembly.Memory,
  numerics: Numerics | "auto",
): Instance {
  requireSimd();
  if (numerics !== "strict" && hasRelaxedSimd()) {
    const module = source("fma");
    const kernels = module && instantiateModule(module, memory);
    if (kernels?.isFused()) return { kernels, numerics: "fma" };
  }
  if (numerics === "fma") {
    failState(
      "ERR_UNSUPPORTED",
      'createEngine: numerics "fma" needs relaxed SIMD with a fused multiply-add, which this runtime lacks; use "auto" or "strict"',
    );
  }
  return { kernels: instantiateModule(source("strict")!, memory), numerics: "strict" };
}

const PAGE = 65536;

/** A linear memory of `bytes`, in whole pages and at least one. */
export function makeMemory(bytes: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / PAGE)) });
  } catch (cause) {
    return failState(
      "ERR_OUT_OF_MEMORY",
      `createEngine: the host refused a linear memory, ${bytes} bytes asked, 0 bytes held; lower initialBytes`,
      cause,
    );
  }
}

/** A compiled module; its stamp tells whether it is one of ours (stamp.ts). */
export function checkModule(fn: string, module: unknown): asserts module is WebAssembly.Module {
  try {
    WebAssembly.Module.exports(module as WebAssembly.Module);
  } catch {
    fail("ERR_ARGUMENT_TYPE", {
      fn,
      argument: "module",
      expected: "must be a WebAssembly.Module",
      got: module,
      remedy: "pass dist/wasm/strict.wasm or fma.wasm of this version of logits, compiled",
    });
  }
}

/** Instantiates a compiled module, one of the builds for instance, over `memory`. */
export function instantiateModule<Exports = Kernels>(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Exports {
  try {
    // Not the loader's instantiateSync: that takes a module of another realm, as development servers of
    // edge runtimes hand over, for bytes, and brings strings and arrays of a runtime we do not have.
    return demangle<Exports & Record<string, unknown>>(
      new WebAssembly.Instance(module, { env: { memory } }).exports,
    );
  } catch (cause) {
    failState(
      "ERR_UNSUPPORTED",
      `createEngine: the module could not be instantiated (${String(cause)}); pass a module of this version of logits`,
      cause,
    );
  }
}

/** Compiles bytes synchronously; a Content-Security-Policy may forbid it. */
export function compileBytes(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  requireSimd();
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    compileFailed(cause);
  }
}

/** Throws the error of bytes that are sound and yet may not be compiled. */
export function compileFailed(cause: unknown): never {
  failState(
    "ERR_UNSUPPORTED",
    `createEngine: WebAssembly could not be compiled (${String(cause)}); allow 'wasm-unsafe-eval' in the Content-Security-Policy, or pass a compiled { module }`,
    cause,
  );
}

/** Whether multiply-add is really fused in a compiled `fma` build. */
export function isFusedModule(module: WebAssembly.Module): boolean {
  const kernels = instantiateModule(module, new WebAssembly.Memory({ initial: 1 }));
  return Boolean(kernels.isFused());
}

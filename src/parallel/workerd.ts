/**
 * `logits/parallel` for Cloudflare Workers: no workers there and nothing is compiled, so the same
 * promises on the calling thread.
 */
import fma from "../wasm/fma.wasm";
import strict from "../wasm/strict.wasm";
import type { ParallelEngine, ParallelEngineOptions } from "./parallelEngine.js";
import { startFrom } from "./startFrom.js";

const BUILDS = { own: (numerics: "strict" | "fma") => (numerics === "fma" ? fma : strict) };

/** As the default entry's createParallelEngine, with `threads` 1. */
export function createParallelEngine(options?: ParallelEngineOptions): Promise<ParallelEngine> {
  return startFrom(BUILDS, options, {});
}

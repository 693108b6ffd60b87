/**
 * `logits/parallel` for the edge runtime of Vercel and Next.js: no workers there and nothing is
 * compiled, so the same promises on the calling thread. See ../edgeLight.ts.
 */
import strict from "../wasm/strict.wasm?module";
import type { ParallelEngine, ParallelEngineOptions } from "./parallelEngine.js";
import { startFrom } from "./startFrom.js";

const BUILDS = { own: (numerics: string) => (numerics === "strict" ? strict : undefined) };

/** As the default entry's createParallelEngine, with `threads` 1. */
export function createParallelEngine(options?: ParallelEngineOptions): Promise<ParallelEngine> {
  return startFrom(BUILDS, options, {});
}

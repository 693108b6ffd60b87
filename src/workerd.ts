/**
 * The entry for Cloudflare Workers, which may not compile WebAssembly inside a request: both builds
 * are imported as modules that the deployment has compiled.
 */
import { type Engine, type EngineOptions, engineFactory } from "./engine.js";
import fma from "./wasm/fma.wasm";
import strict from "./wasm/strict.wasm";

export { LogitsError } from "./errors.js";
export { SCORE_FLAGS } from "./inputs/scoreColumns.js";
export type * from "./index.js";

const make = engineFactory((numerics) => (numerics === "fma" ? fma : strict));

/** As the default entry's createEngine; nothing is compiled. */
export function createEngine(options?: EngineOptions): Engine {
  return make(options);
}

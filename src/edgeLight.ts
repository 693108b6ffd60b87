/**
 * The entry for the edge runtime of Vercel and Next.js, which may not compile WebAssembly: the module
 * is imported as the deployment has compiled it, in its own spelling (`?module`). Only `strict` is:
 * a development server on Node 20 could not compile `fma`, and the import would fail as a whole.
 */
import { type Engine, type EngineOptions, engineFactory } from "./engine.js";
import strict from "./wasm/strict.wasm?module";

export { LogitsError } from "./errors.js";
export { SCORE_FLAGS } from "./inputs/scoreColumns.js";
export type * from "./index.js";

const make = engineFactory((numerics) => (numerics === "strict" ? strict : undefined));

/** As the default entry's createEngine; nothing is compiled. */
export function createEngine(options?: EngineOptions): Engine {
  return make(options);
}

import { inlineModule } from "./wasm/inline.js";
import { type Engine, type EngineOptions, engineFactory } from "./engine.js";

const make = engineFactory(inlineModule);

/**
 * Makes an engine, synchronously: the WebAssembly travels inside this module and is compiled on
 * first use. Engines are independent of each other.
 *
 * @throws {LogitsError} ERR_UNSUPPORTED, naming cause and remedy, where WebAssembly or SIMD is
 *   missing or compiling is forbidden; ERR_ARGUMENT_TYPE or ERR_ARGUMENT_VALUE for wrong options.
 * @example
 * const engine = createEngine();
 * engine.softmax([2.5, 0.3, -1.2]).data; // Float32Array [0.8806, 0.0976, 0.0218]
 */
export function createEngine(options?: EngineOptions): Engine {
  return make(options);
}

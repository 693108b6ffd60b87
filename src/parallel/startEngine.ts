/**
 * createParallelEngine with its tuning, from the builds that travel inline.
 */
import { inlineBytes, inlineModule, inlineSharedModule } from "../wasm/inline.js";
import { signaturesOf } from "../wasm/moduleBytes.js";
import type { ParallelEngine, ParallelEngineOptions } from "./parallelEngine.js";
import { type Builds, type Tuning, startFrom } from "./startFrom.js";

const BUILDS: Builds = {
  own: inlineModule,
  shared: {
    module: inlineSharedModule,
    signatures: (numerics) => signaturesOf(inlineBytes(numerics)),
  },
};

export function startEngine(
  options?: ParallelEngineOptions,
  tuning: Partial<Tuning> = {},
): Promise<ParallelEngine> {
  return startFrom(BUILDS, options, tuning);
}

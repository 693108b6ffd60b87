/**
 * Engines under test.
 *
 * A vitest project chooses the numeric build (vitest.config.ts): "strict", or "auto" in a runtime
 * that was started with relaxed SIMD, which is `fma` wherever multiply-add is fused.
 *
 *   engine     as callers get it
 *   segments   rows of more than 1024 classes are fed in segments of 1024; tiles of 1024 elements
 *   tiles      tiles of 96 elements: a few rows, or one
 */
import process from "node:process";
import { type Engine, engineFactory } from "../../src/engine.ts";
import { inlineModule } from "../../src/wasm/inline.ts";

const numerics = process.env["LOGITS_NUMERICS"] === "auto" ? "auto" : "strict";

/** Makes an engine of the build under test. */
export const makeEngine = engineFactory(inlineModule);

export const engine: Engine = makeEngine({ numerics });
export const segments: Engine = makeEngine({ numerics }, { tileElements: 1024, rowElements: 1024 });
export const tiles: Engine = makeEngine({ numerics }, { tileElements: 96, rowElements: 524288 });

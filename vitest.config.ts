import { defineConfig } from "vitest/config";
import { hasRelaxedSimd } from "./src/wasm/features.ts";

// Node 20 has relaxed SIMD behind a flag, later versions always.
const relaxedSimd = hasRelaxedSimd() ? [] : ["--experimental-wasm-relaxed-simd"];

export default defineConfig({
  test: {
    environment: "node",
    // By itself vitest leaves one core free, which is half of a small machine.
    maxWorkers: "100%",
    // Accuracy sweeps and property tests take seconds on a slow machine, and the suite may share it.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "strict",
          include: ["test/**/*.test.ts"],
          env: { LOGITS_NUMERICS: "strict" },
        },
      },
      {
        // The operations again, on the numeric build with fused multiply-add.
        extends: true,
        test: {
          name: "fma",
          include: [
            "test/ops/**/*.test.ts",
            "test/train/**/*.test.ts",
            "test/runtimes/conformance.test.ts",
          ],
          env: { LOGITS_NUMERICS: "auto" },
          pool: "forks",
          execArgv: relaxedSimd,
        },
      },
    ],
  },
});

// @ts-check
/**
 * Writes expected.json anew: `npm run conformance:update`. The cases are first held against their
 * oracles, in both builds, so it needs a Node with relaxed SIMD, by itself or by a flag.
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { status } = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "test/runtimes/conformance.test.ts", "--project=fma"],
  { cwd: root, stdio: "inherit", env: { ...process.env, CONFORMANCE_UPDATE: "1" } },
);
process.exitCode = status ?? 1;

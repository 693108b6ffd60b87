// @ts-check
/**
 * `npm test`: the vitest suite, then every runtime and bundler found on this machine
 * (test/runtimes/run.mjs), which ends with a table of what ran and what was not found.
 *
 *   npm test                                 all of it
 *   npm test -- test/ops                     vitest on a part, and no runtimes
 *   npm test -- --require --results FOLDER   what .ci/run does: a runtime that is not found is a
 *                                            failure; vitest.json and runtimes.json go to FOLDER
 */
import { spawnSync } from "node:child_process";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  options: { require: { type: "boolean", default: false }, results: { type: "string" } },
  allowPositionals: true,
});
const { results } = values;
const root = fileURLToPath(new URL("..", import.meta.url));

const reporters = results
  ? [
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${path.resolve(results, "vitest.json")}`,
    ]
  : [];
// Tests that need what may be missing elsewhere (Chromium, Redis) then fail without it.
if (values.require) process.env.LOGITS_REQUIRE = "1";
node("node_modules/vitest/vitest.mjs", ["run", ...positionals, ...reporters]);
if (positionals.length === 0) {
  node("test/runtimes/run.mjs", [
    ...(values.require ? ["--require"] : []),
    ...(results ? ["--json", path.resolve(results, "runtimes.json")] : []),
  ]);
}

/** Runs a script and remembers its failure. */
function node(/** @type {string} */ script, /** @type {string[]} */ args) {
  const { status } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
}

// @ts-check
/**
 * Runs the packed package in every runtime and bundler that is found here, and ends with a table of
 * what ran and what was not found:
 *
 *   node test/runtimes/run.mjs [--require] [--json FILE] [NAME…]
 *
 *   --require    what is not found is a failure
 *   --json FILE  writes { passed, failed } there, for scripts/test-count.mjs
 *   NAME…        only targets whose name contains one of these, in any case
 *
 * Exits 1 when anything failed.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { judge } from "./judge.mjs";
import { unpackPackage } from "./package.mjs";
import { printTable } from "./report.mjs";
import { startServer } from "./server.mjs";
import { TARGETS } from "./targets.mjs";

/**
 * @typedef {object} Context
 * @property {string} root of the repository
 * @property {string} folder with the unpacked package in its node_modules, and the test's programs
 * @property {string} modules node_modules of test/runtimes
 * @property {string} bundlers node_modules of test/bundlers
 * @property {string} origin of the server
 * @property {import("./server.mjs").Server} server
 */

/**
 * @typedef {object} Outcome
 * @property {string} version
 * @property {import("./conformance/suite.mjs").SuiteReport} [report]
 * @property {import("./judge.mjs").Check[]} [checks] beside the report's
 * @property {string} [note]
 */

/**
 * @typedef {object} Target
 * @property {string} name
 * @property {string} install command that gets it
 * @property {(context: Context) => any} find what run needs; undefined where it is not here
 * @property {(context: Context, found: any) => Promise<Outcome>} run
 */

/** @typedef {{ target: Target, outcome?: Outcome, checks: import("./judge.mjs").Check[], seconds: number }} Row */

const { values, positionals } = parseArgs({
  options: { require: { type: "boolean", default: false }, json: { type: "string" } },
  allowPositionals: true,
});
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = path.join(root, "build/runtimes");
const unpacked = unpackPackage(root, folder);
const server = await startServer(folder);
/** @type {Context} */
const context = {
  root,
  folder,
  modules: path.join(root, "test/runtimes/node_modules"),
  bundlers: path.join(root, "test/bundlers/node_modules"),
  origin: server.origin,
  server,
};
const wanted = TARGETS.filter(
  ({ name }) =>
    positionals.length === 0 ||
    positionals.some((part) => name.toLowerCase().includes(part.toLowerCase())),
);

/** @type {Row[]} */
const rows = [];
for (const target of wanted) rows.push(await rowOf(target));
server.close();

const { passed, failed } = printTable(rows, { ...unpacked, isRequired: values.require });
if (values.json) writeFileSync(values.json, JSON.stringify({ passed, failed }));
if (failed > 0) process.exitCode = 1;

/** @returns {Promise<Row>} */
async function rowOf(/** @type {Target} */ target) {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const found = target.find(context);
  if (found === undefined) return { target, checks: [], seconds: 0 };
  try {
    const outcome = await target.run(context, found);
    const judged = outcome.report ? judge(outcome.report) : [];
    return { target, outcome, checks: [...judged, ...(outcome.checks ?? [])], seconds: seconds() };
  } catch (error) {
    const checks = [{ name: "runs", error: String(error) }];
    return { target, outcome: { version: "?" }, checks, seconds: seconds() };
  }
}

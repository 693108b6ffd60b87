// @ts-check
/**
 * The first answer of a fresh process: import, create, first softmax, each in milliseconds.
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { median } from "./harness/race.mjs";
import { digits, textTable } from "./harness/table.mjs";

const SCRIPT = fileURLToPath(new URL("coldStart/process.mjs", import.meta.url));
const STEPS = ["import", "createEngine", "first softmax", "second softmax"];

/**
 * @param {import("./harness/race.mjs").Effort} effort
 * @param {readonly import("./harness/workload.ts").Build[]} builds
 */
export async function report({ rounds }, builds) {
  console.log("\ncold start   (a fresh Node process; softmax of 64×1000)");
  const rows = builds.map((numerics) => {
    const runs = Array.from({ length: rounds }, () => timesOf(numerics));
    return [numerics, ...STEPS.map((_, at) => digits(median(runs.map((times) => times[at]))))];
  });
  console.log(textTable(["", ...STEPS.map((step) => `${step}, ms`)], rows, new Set([0])));
}

/** @param {string} numerics @returns {number[]} */
function timesOf(numerics) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, numerics], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`cold start: ${stderr}`);
  return JSON.parse(stdout);
}

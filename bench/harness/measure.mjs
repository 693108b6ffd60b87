// @ts-check
/**
 * Measures a workload: for every case, opens the contenders on the same inputs, checks what each
 * computes, and races them.
 */
import { createEngine } from "../../dist/index.js";
import { checkOutcome } from "./check.mjs";
import { availableBuilds } from "./environment.mjs";
import { inputsOf } from "./inputs.mjs";
import { race } from "./race.mjs";

/**
 * @typedef {import("./workload.ts").Workload} Workload
 * @typedef {import("./workload.ts").Case} Case
 * @typedef {import("./workload.ts").Contender} Contender
 * @typedef {import("./workload.ts").Build} Build
 *
 * @typedef {object} Measurement
 * @property {string} name of the contender
 * @property {number} nanoseconds a logit
 * @property {number} gigabytes a second, by the workload's byte formula
 * @property {number} ratio its time over ours
 * @property {import("./check.mjs").Errors} errors a wrong result is not timed: its times are NaN
 */

/**
 * Our own builds, as contenders.
 *
 * @param {Workload} workload
 * @param {readonly Build[]} builds
 * @returns {Contender[]}
 */
export function ourContenders(workload, builds) {
  return builds.map((numerics) => ({
    name: `logits, ${numerics}`,
    open(inputs) {
      const engine = createEngine({ numerics });
      return { ...workload.ours(engine, inputs), close: () => engine.dispose() };
    },
  }));
}

/** @param {Build | undefined} wanted undefined for all that run here */
export function chosenBuilds(wanted) {
  const builds = availableBuilds();
  if (wanted === undefined) return builds;
  if (!builds.includes(wanted)) throw new Error(`the ${wanted} build does not run on this Node`);
  return [wanted];
}

/**
 * @param {Workload} workload
 * @param {Case} given
 * @param {readonly Contender[]} contenders the first is what the others are compared with
 * @param {import("./race.mjs").Effort} effort
 * @returns {Promise<Measurement[]>}
 */
export async function measure(workload, given, contenders, effort) {
  const inputs = inputsOf(given);
  for (const each of inputs) workload.adjust?.(each);
  const truth = workload.reference(inputs[0]);
  /** @type {(import("./workload.ts").Prepared & { name: string })[]} */
  const open = [];
  try {
    for (const { name, open: start } of contenders) {
      const prepared = await start(inputs);
      if (prepared) open.push({ name, ...prepared });
    }
    /** @type {import("./check.mjs").Errors[]} */
    const checks = [];
    for (const { outcome } of open) checks.push(checkOutcome(await outcome(0), truth));
    const [{ refused }] = checks;
    if (refused) throw new Error(`${open[0].name}, ${workload.name}: ${refused}`);
    const runners = open.filter((_, at) => !checks[at].refused);
    const timings = await race(runners, inputs.length, effort);
    const { length } = inputs[0].logits;
    return open.map(({ name }, at) => {
      const timing = timings[runners.indexOf(open[at])];
      const nanoseconds = timing ? (timing.milliseconds * 1e6) / length : NaN;
      const gigabytes = workload.bytesPerLogit / nanoseconds;
      return { name, nanoseconds, gigabytes, ratio: timing?.ratio ?? NaN, errors: checks[at] };
    });
  } finally {
    for (const { close } of open) await close?.();
  }
}

// @ts-check
/**
 * Times contenders against each other: A B C, A B C, … in one process. A round is a short tinybench
 * run of each; what counts is the median over rounds, of times and of ratios, so that a slow phase of
 * the machine meets all of them.
 */
import { Bench } from "tinybench";

/**
 * @typedef {Pick<import("./workload.ts").Prepared, "run" | "measure"> & { name: string }} Runner
 *
 * @typedef {object} Effort
 * @property {number} rounds
 * @property {number} milliseconds of one contender in one round
 * @property {number} warmup milliseconds
 *
 * @typedef {object} Timing
 * @property {number} milliseconds of one call, median
 * @property {number} ratio to the first contender, median of the rounds' ratios
 */

/**
 * @param {readonly Runner[]} runners
 * @param {number} sets number of sets of inputs, used in turn
 * @param {Effort} effort
 * @returns {Promise<Timing[]>}
 */
export async function race(runners, sets, effort) {
  for (const runner of runners) await round(runner, sets, effort.warmup);
  /** @type {number[][]} */
  const rounds = [];
  for (let i = 0; i < effort.rounds; i++) {
    /** @type {number[]} */
    const times = [];
    for (const runner of runners) times.push(await round(runner, sets, effort.milliseconds));
    rounds.push(times);
  }
  return runners.map((_, at) => ({
    milliseconds: median(rounds.map((times) => times[at])),
    ratio: median(rounds.map((times) => times[at] / times[0])),
  }));
}

/**
 * The median time of one call within a round.
 *
 * @param {Runner} runner
 * @param {number} sets
 * @param {number} time
 */
async function round({ name, run, measure }, sets, time) {
  if (measure) return measure(time);
  if (!run) throw new Error(`${name}: nothing to run`);
  const async = isAsync.get(run) ?? (await findAsync(run));
  let index = 0;
  const bench = new Bench({ time, iterations: 1, warmup: false, throws: true });
  bench.add(name, () => run((index = (index + 1) % sets)), { async });
  const [task] = async ? await bench.run() : bench.runSync();
  const { result } = task;
  if (!("latency" in result)) throw new Error(`${name}: tinybench measured nothing`);
  return result.latency.p50;
}

/** Whether a contender's call returns a promise, so that each is called for it only once. @type {WeakMap<Function, boolean>} */
const isAsync = new WeakMap();

/** @param {(index: number) => unknown} run */
async function findAsync(run) {
  const first = run(0);
  const async = first instanceof Promise;
  if (async) await first;
  isAsync.set(run, async);
  return async;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// @ts-check
/**
 * Rounds on a machine that may have other work. Several threads are measured only where the cores are
 * free, so a round in which other programs computed is thrown away and made again.
 */
import { cpus } from "node:os";
import process from "node:process";
import { median } from "./race.mjs";

/** Of one core, in the time of a round, beside two ticks of the clock that cores are counted in. */
const MOST_SHARE = 0.1;
const TICKS = 20; // ms
/** Rounds thrown away for each that is kept; beyond that, disturbed ones are kept and named. */
const MOST_AGAIN = 6;

/** Milliseconds of all cores that other processes have used so far. */
function others() {
  let all = 0;
  for (const { times } of cpus()) all += times.user + times.nice + times.sys + times.irq;
  const { user, system } = process.cpuUsage();
  return all - (user + system) / 1000;
}

/**
 * @template Round
 * @param {number} count
 * @param {() => Promise<Round>} round
 * @param {() => number} [own] milliseconds that the measured processes have used, if not in this one
 * @returns {Promise<{ rounds: Round[], note: string }>}
 */
export async function undisturbed(count, round, own = () => 0) {
  const rounds = [];
  let again = 0;
  let disturbed = 0;
  while (rounds.length < count) {
    const before = others() - own();
    const start = performance.now();
    const got = await round();
    const used = others() - own() - before;
    if (used <= MOST_SHARE * (performance.now() - start) + TICKS) rounds.push(got);
    else if (again++ >= MOST_AGAIN * count) {
      rounds.push(got);
      disturbed++;
    }
  }
  const note = disturbed === 0 ? "" : `   DISTURBED by other programs in ${disturbed} of ${count}`;
  return { rounds, note };
}

/**
 * Median time of a call, µs, of as many as go into some milliseconds.
 *
 * @param {() => unknown} call
 * @param {number} milliseconds
 * @param {number} [idle] ms of spinning before each call
 */
export async function timeOf(call, milliseconds, idle = 0) {
  const times = [];
  const end = performance.now() + milliseconds;
  do {
    const until = performance.now() + idle;
    while (performance.now() < until);
    const start = performance.now();
    const result = call();
    if (result instanceof Promise) await result;
    times.push(performance.now() - start);
  } while (performance.now() < end);
  return median(times) * 1000;
}

/**
 * Races calls in rounds: the median of each one's times, and of the first one's time over each, round
 * by round.
 *
 * @param {readonly (() => unknown)[]} calls
 * @param {import("./race.mjs").Effort} effort
 * @param {number} [idle]
 */
export async function raceUndisturbed(calls, effort, idle = 0) {
  for (const call of calls) await timeOf(call, effort.warmup);
  const { rounds, note } = await undisturbed(effort.rounds, async () => {
    const times = [];
    for (const call of calls) times.push(await timeOf(call, effort.milliseconds, idle));
    return times;
  });
  const column = (/** @type {(times: number[]) => number} */ pick) => median(rounds.map(pick));
  return {
    times: calls.map((_, at) => column((times) => times[at])),
    gains: calls.map((_, at) => column((times) => times[0] / times[at])),
    note,
  };
}

/**
 * Learning rates that change with the step: functions from the number of steps taken to a rate.
 */
import { checkNumber, fail } from "../check.js";

/** The learning rate of the step after `steps` steps. */
export type Schedule = (steps: number) => number;

/** A rate that stays. */
export function constantSchedule(learningRate: number): Schedule {
  const rate = checkRate("constantSchedule", "learningRate", learningRate);
  return () => rate;
}

/**
 * Half a cosine from `learningRate` down to `least` (default 0) in `steps` steps; it stays there.
 *
 *   least + (learningRate − least) · (1 + cos(π · t / steps)) / 2
 */
export function cosineSchedule(learningRate: number, steps: number, least = 0): Schedule {
  const fn = "cosineSchedule";
  const rate = checkRate(fn, "learningRate", learningRate);
  const end = checkRate(fn, "least", least);
  const length = checkNumber(fn, "steps", steps, { min: 1, integer: true });
  return (t) => end + ((rate - end) * (1 + Math.cos((Math.PI * Math.min(t, length)) / length))) / 2;
}

/** Grows from rate / steps to the rate in `steps` steps, then goes on with `schedule` from its start. */
export function warmUpSchedule(steps: number, schedule: number | Schedule): Schedule {
  const fn = "warmUpSchedule";
  const length = checkNumber(fn, "steps", steps, { min: 0, integer: true });
  const then = readSchedule(fn, "schedule", schedule);
  return (t) => (t < length ? (then(0) * (t + 1)) / length : then(t - length));
}

/** A rate or schedule as a schedule that checks what it returns. */
export function readSchedule(fn: string, argument: string, value: unknown): Schedule {
  if (typeof value !== "function") {
    const rate = checkRate(fn, argument, value);
    return () => rate;
  }
  return (steps) => {
    const rate: unknown = (value as Schedule)(steps);
    if (typeof rate === "number" && Number.isFinite(rate) && rate >= 0) return rate;
    const expected = "must return finite numbers of at least 0";
    return fail("ERR_ARGUMENT_VALUE", { fn, argument, expected, got: rate });
  };
}

function checkRate(fn: string, argument: string, value: unknown): number {
  return checkNumber(fn, argument, value, { min: 0 });
}

/**
 * Which part of the rows one of several processes takes: shard i of n has rows
 * [⌊i N / n⌋, ⌊(i + 1) N / n⌋) of N. Indices count from 0.
 */
import { fail } from "../check.js";

export interface Shard {
  readonly index: number;
  readonly count: number;
}

export interface RowRange {
  readonly first: number;
  /** The row after the last. */
  readonly end: number;
}

export const WHOLE: Shard = { index: 0, count: 1 };

export function shardRange({ index, count }: Shard, rows: number): RowRange {
  const edge = (i: number): number => Number((BigInt(i) * BigInt(rows)) / BigInt(count));
  return { first: edge(index), end: edge(index + 1) };
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * "2/7", or "auto" and "auto/7": the index of a Slurm array task (SLURM_ARRAY_TASK_ID, _MIN, _STEP,
 * _COUNT) or of a pod of a Kubernetes Indexed Job (JOB_COMPLETION_INDEX), whose number of completions
 * Kubernetes does not tell.
 */
export function readShard(text: string, environment: Environment): Shard {
  const [, index, count] = /^(auto|\d{1,9})(?:\/(\d{1,9}))?$/.exec(text) ?? refuse(text);
  if (index !== "auto") {
    return count === undefined ? refuse(text) : checked(Number(index), Number(count), text);
  }
  const number = (name: string): number | undefined => {
    const value = environment[name];
    if (value === undefined || value === "") return undefined;
    if (!/^\d{1,9}$/.test(value)) refuse(`auto with ${name}=${value}`);
    return Number(value);
  };
  const given = count === undefined ? undefined : Number(count);
  const task = number("SLURM_ARRAY_TASK_ID");
  if (task !== undefined) {
    const [least, step] = [number("SLURM_ARRAY_TASK_MIN") ?? 0, number("SLURM_ARRAY_TASK_STEP")];
    const all = given ?? number("SLURM_ARRAY_TASK_COUNT");
    const place = (task - least) / (step || 1);
    return checked(place, all, `auto with SLURM_ARRAY_TASK_ID=${task}`);
  }
  const pod = number("JOB_COMPLETION_INDEX");
  if (pod !== undefined) return checked(pod, given, `auto with JOB_COMPLETION_INDEX=${pod}`);
  return refuse("auto with neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX");
}

function checked(index: number, count: number | undefined, text: string): Shard {
  if (count === undefined) return refuse(`${text} and no count: write auto/COUNT`);
  if (!Number.isInteger(index) || index < 0 || index >= count) refuse(`${text} of ${count}`);
  return { index, count };
}

function refuse(got: string): never {
  fail("ERR_ARGUMENT_VALUE", {
    fn: "shard",
    argument: "shard",
    expected: 'must be "INDEX/COUNT" with 0 <= INDEX < COUNT, "auto" or "auto/COUNT"',
    gotText: got.slice(0, 120),
  });
}

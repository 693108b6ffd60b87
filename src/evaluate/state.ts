/**
 * States of evaluators as they come back from JSON: read piece by piece, nothing taken on trust.
 */
import { fail } from "../check.js";

const fn = "fromJSON";

function refuse(place: string, expected: string, got: unknown): never {
  fail("ERR_ARGUMENT_VALUE", { fn, argument: place, expected, got });
}

export function readList(value: unknown, place: string, length?: number): readonly unknown[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) {
    refuse(place, length === undefined ? "must be a list" : `must be a list of ${length}`, value);
  }
  return value;
}

export function readNumber(value: unknown, place: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    refuse(place, "must be a finite number", value);
  }
  return value;
}

export function readCount(value: unknown, place: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    refuse(place, "must be an integer of at least 0", value);
  }
  return value as number;
}

/** An own property of an object. */
export function readField(state: unknown, name: string, place = "state"): unknown {
  if (typeof state !== "object" || state === null || !Object.hasOwn(state, name)) {
    refuse(place, `must be an object with ${name}`, state);
  }
  return (state as Record<string, unknown>)[name];
}

/** Non-zero counts as [index, count] pairs, flat. */
export function sparse(counts: ArrayLike<number>): number[] {
  const pairs: number[] = [];
  for (let i = 0; i < counts.length; i++) if (counts[i] !== 0) pairs.push(i, counts[i]!);
  return pairs;
}

/** Adds what `sparse` wrote. */
export function addSparse(counts: Float64Array, value: unknown, place: string): void {
  readSparse(counts.length, value, place, (index, count) => (counts[index]! += count));
}

/** Hands on what `sparse` wrote of `length` counts. */
export function readSparse(
  length: number,
  value: unknown,
  place: string,
  add: (index: number, count: number) => void,
): void {
  const pairs = readList(value, place);
  if (pairs.length % 2 !== 0) refuse(place, "must hold pairs", value);
  for (let i = 0; i < pairs.length; i += 2) {
    const index = readCount(pairs[i], `${place}[${i}]`);
    if (index >= length) refuse(`${place}[${i}]`, `must be below ${length}`, index);
    add(index, readCount(pairs[i + 1], `${place}[${i + 1}]`));
  }
}

/**
 * Targets of ctcLoss: a sequence of class indices for each sample, checked and laid end to end.
 */
import { fail, isList, sizeOf } from "../check.js";
import { checkLabel, readLengths } from "../inputs/labelLists.js";
import { indexArrayOf } from "../inputs/targets.js";
import type { Arena } from "../memory/arena.js";

export class Sequences {
  readonly labels: Int32Array;
  readonly #starts: readonly number[];

  constructor(labels: Int32Array, starts: readonly number[]) {
    this.labels = labels;
    this.#starts = starts;
  }

  startOf(n: number): number {
    return this.#starts[n]!;
  }

  lengthOf(n: number): number {
    return this.#starts[n + 1]! - this.#starts[n]!;
  }

  get longest(): number {
    let most = 0;
    for (let n = 0; n + 1 < this.#starts.length; n++) most = Math.max(most, this.lengthOf(n));
    return most;
  }
}

export function readSequences(
  fn: string,
  arena: Arena,
  targets: unknown,
  targetLengths: unknown,
  samples: number,
  classes: number,
  blank: number,
  positions: Int32Array | undefined,
): Sequences {
  if (positions && positions[blank]! < 0) {
    fail("ERR_ARGUMENT_VALUE", {
      fn,
      argument: "blank",
      expected: "must be a class that classMask keeps",
      got: blank,
    });
  }
  const lists = listsOf(fn, arena, targets, targetLengths, samples);
  const labels: number[] = [];
  const starts = [0];
  lists.forEach((list, n) => {
    for (let s = 0; s < list.length; s++) {
      const place = `targets[${n}][${s}]`;
      const at = checkLabel(fn, place, list[s], classes, positions, labels.length);
      if (Number(list[s]) === blank) {
        fail("ERR_TARGET_RANGE", {
          fn,
          argument: place,
          expected: `must not be the blank (${blank})`,
          gotText: String(blank),
          index: labels.length,
        });
      }
      labels.push(at);
    }
    starts.push(labels.length);
  });
  return new Sequences(Int32Array.from(labels), starts);
}

type List = ArrayLike<unknown>;

/** The labels of each sample, not yet checked one by one. */
function listsOf(
  fn: string,
  arena: Arena,
  targets: unknown,
  targetLengths: unknown,
  samples: number,
): List[] {
  const refuse = (expected: string, gotText: string): never =>
    fail("ERR_SHAPE", { fn, argument: "targets", expected, gotText });
  if (Array.isArray(targets) && targets.every(isList)) {
    if (targets.length !== samples) {
      refuse(`must hold a list for each of ${samples} samples`, `${targets.length} lists`);
    }
    const most = Math.max(0, ...targets.map((list) => list.length));
    const lengths = readLengths(fn, "targetLengths", targetLengths, samples, most);
    return targets.map((list: List, n) => {
      const length = lengths?.[n] ?? list.length;
      if (length > list.length) refuse(`must hold ${length} labels in list ${n}`, `${list.length}`);
      return Array.from({ length }, (_unused, s) => list[s]);
    });
  }
  const flat = indexArrayOf(fn, targets, arena) as List | undefined;
  if (flat === undefined) {
    return fail("ERR_ARGUMENT_TYPE", {
      fn,
      argument: "targets",
      expected: "must be lists of class indices, or an integer array",
      got: targets,
    });
  }
  const { shape, dims } = targets as { shape?: unknown; dims?: unknown };
  const given = Array.isArray(targets) ? undefined : (shape ?? dims);
  const lengths = readLengths(fn, "targetLengths", targetLengths, samples, flat.length);
  if (Array.isArray(given) && given.length === 2) {
    const [n, width] = given as [number, number];
    if (n !== samples || sizeOf(given) !== flat.length) {
      refuse(`must have shape (${samples}, S)`, `shape [${given.join(", ")}]`);
    }
    return Array.from({ length: samples }, (_unused, i) => {
      const length = lengths?.[i] ?? width;
      if (length > width) refuse(`must hold ${length} labels in row ${i}`, String(width));
      return Array.from({ length }, (_none, s) => flat[i * width + s]);
    });
  }
  if (lengths === undefined) {
    if (samples === 1) return [flat];
    return refuse("must come with targetLengths where it is one flat array", "none");
  }
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total !== flat.length) {
    refuse(`must hold Σ targetLengths = ${total} labels`, String(flat.length));
  }
  let next = 0;
  return Array.from(lengths, (length) => Array.from({ length }, () => flat[next++]));
}

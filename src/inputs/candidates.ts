/**
 * Candidates of a sampled softmax: the target of each row and the classes sampled for all rows, with
 * how often a sampler is expected to draw each.
 */
import { checkNumber } from "../check.js";
import type { Arena } from "../memory/arena.js";
import type { Operand } from "../memory/job.js";
import { checkLabel } from "./labelLists.js";
import { checkLength, checkList } from "./lists.js";

export type Sampler = "logUniform" | "uniform";

/**
 * Expected count of class k among `tries` draws without repetition, as TensorFlow's samplers:
 *
 *   1 − (1 − P(k))^tries,   P(k) = ln((k + 2) / (k + 1)) / ln(C + 1), or 1 / C
 */
export function expectedCount(k: number, classes: number, tries: number, sampler: Sampler): number {
  const p = sampler === "uniform" ? 1 / classes : Math.log1p(1 / (k + 1)) / Math.log1p(classes);
  return -Math.expm1(tries * Math.log1p(-p));
}

/** Sampled class ids, each in [0, classes). */
export function readSampled(fn: string, value: unknown, classes: number): Int32Array {
  const given = checkList(fn, "sampled", value, "class indices");
  return Int32Array.from({ length: given.length }, (_unused, j) =>
    checkLabel(fn, `sampled[${j}]`, given[j], classes, undefined, j),
  );
}

/** Counts above 0, one for each candidate; or undefined. */
export function readCounts(
  fn: string,
  argument: string,
  value: unknown,
  length: number,
): Float64Array | undefined {
  if (value === undefined) return undefined;
  const given = checkList(fn, argument, value, "numbers");
  checkLength(fn, argument, given, length);
  return Float64Array.from({ length }, (_unused, i) =>
    checkNumber(fn, `${argument}[${i}]`, given[i], { min: 0, above: true }),
  );
}

/** Logits of candidates less the logarithm of their counts; −∞ where a sampled class is the target. */
export class CandidateSource implements Operand {
  readonly resident = 0;
  readonly rowBytes: number;
  readonly classes: number;
  readonly #arena: Arena;
  readonly #source: Operand;
  readonly #targetLogs: Float64Array;
  readonly #sampledLogs: Float64Array;
  readonly #hit: (row: number, j: number) => boolean;

  /** `source` has the target's logit of each row first, then those of the sampled classes. */
  constructor(
    arena: Arena,
    source: Operand,
    targetLogs: Float64Array,
    sampledLogs: Float64Array,
    hit: (row: number, j: number) => boolean,
  ) {
    this.#arena = arena;
    this.#source = source;
    this.#targetLogs = targetLogs;
    this.#sampledLogs = sampledLogs;
    this.#hit = hit;
    this.classes = sampledLogs.length + 1;
    this.rowBytes = this.classes * 4;
  }

  load(row: number, rows: number, from: number, count: number, at: number, scratch: number): void {
    this.#source.load!(row, rows, from, count, at, scratch);
    const { f32 } = this.#arena.views;
    let place = at / 4;
    for (let r = row; r < row + rows; r++) {
      for (let c = from; c < from + count; c++) {
        const log = c === 0 ? this.#targetLogs[r]! : this.#sampledLogs[c - 1]!;
        f32[place] = c > 0 && this.#hit(r, c - 1) ? -Infinity : f32[place]! - log;
        place++;
      }
    }
  }
}

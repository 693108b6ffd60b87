/**
 * Area under the ROC curve from counts of scores, one pair of histograms for each class.
 *
 *   AUROC = P(score of a positive > score of a negative) + ½ P(equal)
 *
 * A score is counted by the upper 16 bits of its float32 (steps of 1/128 of its size), in order. Two
 * scores of one step count as equal: `resolution` is half of the probability of that, the greatest
 * error. Counts are integers, so any split and merge gives the same area to the last bit.
 */
import { addSparse, readField, readList, sparse } from "./state.js";

const STEPS = 65536;
const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

export interface Auroc {
  /** One-vs-rest, by class; NaN where a class has no positives or no negatives. */
  readonly perClass: number[];
  /** Mean over the classes that have one. */
  readonly mean: number;
  /** Greatest error of any of them. */
  readonly resolution: number;
}

export class RankCounts {
  readonly #positives: Float64Array[];
  readonly #negatives: Float64Array[];

  constructor(classes: number) {
    this.#positives = Array.from({ length: classes }, () => new Float64Array(STEPS));
    this.#negatives = Array.from({ length: classes }, () => new Float64Array(STEPS));
  }

  add(c: number, score: number, positive: boolean): void {
    float[0] = score + 0; // −0 becomes 0
    const b = bits[0]!;
    // Order-preserving: negative numbers are turned round, positive ones follow.
    const step = (b & 0x80000000 ? ~b : b | 0x80000000) >>> 16;
    (positive ? this.#positives : this.#negatives)[c]![step]!++;
  }

  /** Counts n rows with targets ys, whose steps, one for each class, begin at the places. */
  addSteps(steps: Int32Array, places: Int32Array, ys: Int32Array, n: number): void {
    // Class by class: one histogram at a time is in use, and rows of a block stay in cache.
    this.#negatives.forEach((counts, c) => addColumn(counts, steps, places, c, n));
    for (let i = 0; i < n; i++) {
      const y = ys[i]!;
      const step = steps[places[i]! + y]!;
      this.#negatives[y]![step]!--;
      this.#positives[y]![step]!++;
    }
  }

  /** Adds `length` steps from 0 on of every class: tables of all scores, then of the positives. */
  addTables(counts: Int32Array, length: number): void {
    this.#positives.forEach((positives, c) => {
      const negatives = this.#negatives[c]!;
      const all = c * length;
      const own = (this.#positives.length + c) * length;
      for (let step = 0; step < length; step++) {
        const count = counts[all + step]!;
        if (count === 0) continue;
        const positive = counts[own + step]!;
        positives[step]! += positive;
        negatives[step]! += count - positive;
      }
    });
  }

  result(): Auroc {
    const areas = this.#positives.map((_counts, c) => this.#area(c));
    const known = areas.filter(({ area }) => !Number.isNaN(area));
    return {
      perClass: areas.map(({ area }) => area),
      mean: known.reduce((sum, { area }) => sum + area, 0) / known.length,
      resolution: Math.max(0, ...known.map(({ tied }) => tied / 2)),
    };
  }

  #area(c: number): { area: number; tied: number } {
    const positives = this.#positives[c]!;
    const negatives = this.#negatives[c]!;
    let below = 0; // negatives with a lower score
    let above = 0; // positives so far
    let twice = 0; // 2 · pairs in order, equal ones once
    let tied = 0;
    for (let step = 0; step < STEPS; step++) {
      const p = positives[step]!;
      const n = negatives[step]!;
      twice += p * (2 * below + n);
      tied += p * n;
      below += n;
      above += p;
    }
    const pairs = above * below;
    return { area: pairs === 0 ? NaN : twice / 2 / pairs, tied: tied / pairs };
  }

  toJSON(): object {
    return { positives: this.#positives.map(sparse), negatives: this.#negatives.map(sparse) };
  }

  absorb(state: unknown, place: string): void {
    for (const [name, counts] of [
      ["positives", this.#positives],
      ["negatives", this.#negatives],
    ] as const) {
      const lists = readList(readField(state, name, place), `${place}.${name}`, counts.length);
      lists.forEach((list, c) => addSparse(counts[c]!, list, `${place}.${name}[${c}]`));
    }
  }
}

function addColumn(
  counts: Float64Array,
  steps: Int32Array,
  places: Int32Array,
  c: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) counts[steps[places[i]! + c]!]!++;
}

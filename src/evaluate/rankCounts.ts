/**
 * Area under the ROC curve from counts of scores, one pair of histograms for each class.
 *
 *   AUROC = P(score of a positive > score of a negative) + ½ P(equal)
 *
 * A score is counted by the upper 16 bits of its float32 (steps of 1/128 of its size), in order. Two
 * scores of one step count as equal: `resolution` is half of the probability of that, the greatest
 * error. Counts are integers, so any split and merge gives the same area to the last bit.
 */
import { readField, readList, readSparse } from "./state.js";

const STEPS = 65536;
/** Steps of scores < 0. */
const HALF = STEPS / 2;
const PAGE = 512;

/** Bytes from one table of assembly/kernels/scoreShort.ts to the next, and from its begin to step 0. */
export const TABLE_BYTES = 0x20100;
export const STEP_BYTES = HALF * 4;
/** What the address of step 0 of class 0 is, mod 256; it may stand for one where nothing is counted there. */
export const FIRST_STEP = 4;
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

/** Counts by step, in pages: scores use few of the steps. */
class Histogram {
  readonly #pages: (Float64Array | undefined)[] = [];

  add(step: number, count: number): void {
    const page = (this.#pages[step >> 9] ??= new Float64Array(PAGE));
    page[step & (PAGE - 1)]! += count;
  }

  /** Adds a table, in which 0 is the last step; those before it are steps of falling scores, from −1 / 4 B. */
  addTable(counts: Int32Array): void {
    if (counts[HALF] !== 0) this.add(HALF, counts[HALF]!);
    for (let from = 0; from < HALF; from += PAGE) {
      const some = counts.subarray(from, from + PAGE);
      if (isEmpty(some)) continue;
      const page = (this.#pages[(HALF - 1 - from) >> 9] ??= new Float64Array(PAGE));
      for (let i = 0; i < PAGE; i++) page[PAGE - 1 - i]! += some[i]!;
    }
  }

  /** Counts of the steps from page · 512 on; undefined for none. */
  page(page: number): Float64Array | undefined {
    return this.#pages[page];
  }

  /** As `sparse` of all steps. */
  toJSON(): number[] {
    const pairs: number[] = [];
    this.#pages.forEach((counts, page) =>
      counts?.forEach((count, i) => {
        if (count !== 0) pairs.push(page * PAGE + i, count);
      }),
    );
    return pairs;
  }

  absorb(state: unknown, place: string): void {
    readSparse(STEPS, state, place, (step, count) => this.add(step, count));
  }
}

const EMPTY = new Float64Array(PAGE);

export class RankCounts {
  readonly #positives: Histogram[];
  readonly #negatives: Histogram[];

  constructor(classes: number) {
    this.#positives = Array.from({ length: classes }, () => new Histogram());
    this.#negatives = Array.from({ length: classes }, () => new Histogram());
  }

  add(c: number, score: number, positive: boolean): void {
    float[0] = score + 0; // −0 becomes 0
    const b = bits[0]!;
    // Order-preserving: negative numbers are turned round, positive ones follow.
    const step = (b & 0x80000000 ? ~b : b | 0x80000000) >>> 16;
    (positive ? this.#positives : this.#negatives)[c]!.add(step, 1);
  }

  /**
   * Counts n rows with targets ys. What kernels leave of their scores, the upper bits with the sign,
   * begins at `places`, class c after c times `stride`; with `first` addresses where they are counted.
   */
  addSteps(
    steps: Int32Array,
    places: Int32Array,
    ys: Int32Array,
    n: number,
    stride: number,
    first = 0,
  ): void {
    const classes = this.#negatives.length;
    // Class by class: one histogram at a time is in use, and rows of a block stay in cache.
    this.#negatives.forEach((negatives, c) => {
      const positives = this.#positives[c]!;
      for (let i = 0; i < n; i++) {
        const positive = ys[i] === c;
        let upper = steps[places[i]! + c * stride]!;
        if (first > 0) upper = (upper - first - (positive ? c + classes : c) * TABLE_BYTES) / 4;
        (positive ? positives : negatives).add(upper < 0 ? ~upper : HALF, 1);
      }
    });
  }

  /** Adds the tables of assembly/kernels/tally.ts: of the negatives by class, then of the positives. */
  addTables(counts: Int32Array): void {
    [...this.#negatives, ...this.#positives].forEach((histogram, i) => {
      const at = (i * TABLE_BYTES) / 4;
      counts[at + HALF - 1] = 0; // rows that do not count
      histogram.addTable(counts.subarray(at, at + HALF + 1));
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
    let below = 0; // negatives with a lower score
    let above = 0; // positives so far
    let twice = 0; // 2 · pairs in order, equal ones once
    let tied = 0;
    for (let page = 0; page < STEPS / PAGE; page++) {
      const positives = this.#positives[c]!.page(page) ?? EMPTY;
      const negatives = this.#negatives[c]!.page(page) ?? EMPTY;
      if (positives === negatives) continue; // none
      for (let i = 0; i < PAGE; i++) {
        const p = positives[i]!;
        const n = negatives[i]!;
        twice += p * (2 * below + n);
        tied += p * n;
        below += n;
        above += p;
      }
    }
    const pairs = above * below;
    return { area: pairs === 0 ? NaN : twice / 2 / pairs, tied: tied / pairs };
  }

  toJSON(): object {
    const lists = (counts: readonly Histogram[]): number[][] => counts.map((own) => own.toJSON());
    return { positives: lists(this.#positives), negatives: lists(this.#negatives) };
  }

  absorb(state: unknown, place: string): void {
    for (const [name, counts] of [
      ["positives", this.#positives],
      ["negatives", this.#negatives],
    ] as const) {
      const lists = readList(readField(state, name, place), `${place}.${name}`, counts.length);
      lists.forEach((list, c) => counts[c]!.absorb(list, `${place}.${name}[${c}]`));
    }
  }
}

/** Eight at a time: most are. */
function isEmpty(counts: Int32Array): boolean {
  for (let i = 0; i < PAGE; i += 8) {
    const low = counts[i]! | counts[i + 1]! | counts[i + 2]! | counts[i + 3]!;
    if ((low | counts[i + 4]! | counts[i + 5]! | counts[i + 6]! | counts[i + 7]!) !== 0)
      return false;
  }
  return true;
}

/**
 * Calibration: confidences in equal bins, with what share of them was right.
 *
 *   ECE = Σ_b (n_b / n) · |accuracy_b − confidence_b|,   MCE = max_b |accuracy_b − confidence_b|
 *   ACE the same over groups of equal size; their bounds stand at steps of 1/128 of 1 − confidence.
 */
import { checkWord } from "../check.js";
import { ExactSum } from "./exactSum.js";
import { addSparse, readField, readList, sparse } from "./state.js";

/** Which end a bin includes; see EvaluatorOptions.edges. */
export type Edges = "high" | "low" | "lowAndOne";

export function readEdges(fn: string, value: unknown = "high"): Edges {
  return checkWord(fn, "edges", value, ["high", "low", "lowAndOne"]);
}

export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Mean confidence; NaN for an empty bin. */
  readonly confidence: number;
  /** Share that was right; NaN for an empty bin. */
  readonly accuracy: number;
}

/** 1 − confidence as float32, its upper 16 bits: 0 to those of 1. */
const FINE = 0x3f80 + 1;
const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

export class Reliability {
  readonly #bins: number;
  readonly #edges: Edges;
  readonly #counts: Float64Array;
  readonly #right: Float64Array;
  readonly #confidence: ExactSum[];
  readonly #fineCounts = new Float64Array(FINE);
  readonly #fineRight = new Float64Array(FINE);
  /** The edges b / bins. */
  readonly #bounds: Float64Array;

  constructor(bins: number, edges: Edges) {
    this.#bins = bins;
    this.#edges = edges;
    this.#bounds = Float64Array.from({ length: bins + 1 }, (_unused, b) => b / bins);
    const all = bins + (edges === "lowAndOne" ? 1 : 0);
    this.#counts = new Float64Array(all);
    this.#right = new Float64Array(all);
    this.#confidence = Array.from({ length: all }, () => new ExactSum());
  }

  add(confidence: number, right: boolean, doubt = 1 - confidence): void {
    const bin = this.#binOf(confidence);
    this.#counts[bin]!++;
    this.#confidence[bin]!.add(confidence);
    float[0] = doubt;
    const fine = bits[0]! >>> 16;
    this.#fineCounts[fine]!++;
    if (!right) return;
    this.#right[bin]!++;
    this.#fineRight[fine]!++;
  }

  /** How many bins there are, and fine ones. */
  get sizes(): { readonly bins: number; readonly fine: number } {
    return { bins: this.#counts.length, fine: FINE };
  }

  /** Least confidence of each bin, and +∞ after the last. */
  edges(): Float64Array {
    const high = this.#edges === "high";
    const { length } = this.#counts;
    return Float64Array.from({ length: length + 1 }, (_unused, b) => {
      if (b === 0 || b === length) return b === 0 ? -Infinity : Infinity;
      const edge = this.#bounds[b]!;
      return high ? nextUp(edge) : edge;
    });
  }

  /** Greatest float32 doubt of each bin, where the confidence is 1 − doubt, and −∞ after the last. */
  doubts(): Float32Array {
    return Float32Array.from(this.edges(), (edge) => {
      if (edge - edge !== 0) return -edge;
      let low = 0;
      for (let step = 1 << 29; step >= 1; step /= 2) {
        bits[0] = low + step;
        if (1 - float[0]! >= edge) low += step;
      }
      bits[0] = low;
      return float[0]!;
    });
  }

  /** Adds a bin: the sum of its confidences, how many there were, and were right. */
  addBin(b: number, hi: number, lo: number, count: number, right: number): void {
    this.#confidence[b]!.addSum(hi, lo);
    this.#counts[b]! += count;
    this.#right[b]! += right;
  }

  /** Adds the fine bins, wrong and right. */
  addFine(pairs: Int32Array): void {
    for (let i = 0; i < FINE; i++) {
      const right = pairs[2 * i + 1]!;
      this.#fineCounts[i]! += pairs[2 * i]! + right;
      this.#fineRight[i]! += right;
    }
  }

  #binOf(confidence: number): number {
    const bins = this.#bins;
    const bounds = this.#bounds;
    let bin = Math.min(bins - 1, Math.floor(confidence * bins));
    // The product is rounded: settle by comparing with the edges themselves.
    if (this.#edges === "high") {
      while (bin > 0 && confidence <= bounds[bin]!) bin--;
      while (bin < bins - 1 && confidence > bounds[bin + 1]!) bin++;
      return bin;
    }
    while (bin > 0 && confidence < bounds[bin]!) bin--;
    while (bin < bins - 1 && confidence >= bounds[bin + 1]!) bin++;
    return confidence >= 1 && this.#edges === "lowAndOne" ? bins : bin;
  }

  bins(): ReliabilityBin[] {
    return Array.from(this.#counts, (count, b) => ({
      low: b / this.#bins,
      high: Math.min(1, (b + 1) / this.#bins),
      count,
      confidence: count === 0 ? NaN : this.#confidence[b]!.value / count,
      accuracy: count === 0 ? NaN : this.#right[b]! / count,
    }));
  }

  /** NaN where nothing was counted. */
  errors(): { ece: number; mce: number; ace: number } {
    const groups = this.bins().filter(({ count }) => count > 0);
    const gaps = groups.map(({ accuracy, confidence }) => Math.abs(accuracy - confidence));
    const total = groups.reduce((sum, { count }) => sum + count, 0);
    const ece = groups.reduce((sum, { count }, b) => sum + count * gaps[b]!, 0) / total;
    return { ece, mce: total === 0 ? NaN : Math.max(...gaps), ace: this.#adaptive(total) };
  }

  /** Fine bins joined, most confident first, until a group holds its share of the rows. */
  #adaptive(total: number): number {
    let error = 0;
    let done = 0;
    let group = { count: 0, right: 0, confidence: 0 };
    for (let i = 0; i < FINE; i++) {
      const count = this.#fineCounts[i]!;
      if (count === 0) continue;
      bits[0] = (i << 16) | 0x8000; // the middle of the fine bin
      group.count += count;
      group.right += this.#fineRight[i]!;
      group.confidence += count * (1 - Math.min(1, float[0]!));
      if (
        done + group.count <
        (Math.floor((done * this.#bins) / total) + 1) * (total / this.#bins)
      ) {
        continue;
      }
      done += group.count;
      error += Math.abs(group.right - group.confidence);
      group = { count: 0, right: 0, confidence: 0 };
    }
    return (error + Math.abs(group.right - group.confidence)) / total;
  }

  toJSON(): object {
    return {
      counts: [...this.#counts],
      right: [...this.#right],
      confidence: this.#confidence.map((sum) => sum.toJSON()),
      fineCounts: sparse(this.#fineCounts),
      fineRight: sparse(this.#fineRight),
    };
  }

  absorb(state: unknown, place: string): void {
    const { length } = this.#counts;
    const list = (name: string): readonly unknown[] =>
      readList(readField(state, name, place), `${place}.${name}`, length);
    const pairs = (values: readonly unknown[]): unknown[] => values.flatMap((v, i) => [i, v]);
    addSparse(this.#counts, pairs(list("counts")), `${place}.counts`);
    addSparse(this.#right, pairs(list("right")), `${place}.right`);
    list("confidence").forEach((sum, b) =>
      this.#confidence[b]!.absorb(sum, `${place}.confidence[${b}]`),
    );
    addSparse(this.#fineCounts, readField(state, "fineCounts", place), `${place}.fineCounts`);
    addSparse(this.#fineRight, readField(state, "fineRight", place), `${place}.fineRight`);
  }
}

/** The next float64 above a positive one. */
function nextUp(value: number): number {
  const number = Float64Array.of(value);
  new BigUint64Array(number.buffer)[0]! += 1n;
  return number[0]!;
}

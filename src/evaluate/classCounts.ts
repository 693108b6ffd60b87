/**
 * What was predicted for each class, and precision, recall and F1 from it.
 *
 *   precision = tp / predicted,   recall = tp / support,   F1 = 2 tp / (predicted + support)
 *
 * A quotient over 0 is NaN: nothing was predicted, or there was nothing to find.
 */
import { addSparse, readField, sparse } from "./state.js";

export interface ClassResult {
  /** Rows with this target. */
  readonly support: number;
  /** Rows with this prediction. */
  readonly predicted: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export function classResult(support: number, predicted: number, hits: number): ClassResult {
  return {
    support,
    predicted,
    precision: hits / predicted,
    recall: hits / support,
    f1: (2 * hits) / (predicted + support),
  };
}

export class ClassCounts {
  readonly #classes: number;
  readonly #support: Float64Array;
  readonly #predicted: Float64Array;
  readonly #hits: Float64Array;
  readonly #confusion: Float64Array | undefined;

  constructor(classes: number, confusion: boolean) {
    this.#classes = classes;
    this.#support = new Float64Array(classes);
    this.#predicted = new Float64Array(classes);
    this.#hits = new Float64Array(classes);
    this.#confusion = confusion ? new Float64Array(classes * classes) : undefined;
  }

  /** Counts n rows; returns how many of them are right. */
  add(targets: Int32Array, predictions: Int32Array, n: number): number {
    const [support, predicted, hits] = [this.#support, this.#predicted, this.#hits];
    let right = 0;
    for (let i = 0; i < n; i++) {
      const target = targets[i]!;
      const prediction = predictions[i]!;
      support[target]!++;
      predicted[prediction]!++;
      if (target !== prediction) continue;
      hits[target]!++;
      right++;
    }
    const confusion = this.#confusion;
    const classes = this.#classes;
    if (confusion) {
      for (let i = 0; i < n; i++) confusion[targets[i]! * classes + predictions[i]!]!++;
    }
    return right;
  }

  /** Adds a confusion matrix; returns how many of its rows are right. */
  addMatrix(counts: Int32Array): number {
    const classes = this.#classes;
    let right = 0;
    for (let target = 0; target < classes; target++) {
      for (let prediction = 0; prediction < classes; prediction++) {
        const count = counts[target * classes + prediction]!;
        this.#support[target]! += count;
        this.#predicted[prediction]! += count;
        if (this.#confusion) this.#confusion[target * classes + prediction]! += count;
      }
      const hits = counts[target * classes + target]!;
      this.#hits[target]! += hits;
      right += hits;
    }
    return right;
  }

  perClass(): ClassResult[] {
    return Array.from(this.#support, (support, c) =>
      classResult(support, this.#predicted[c]!, this.#hits[c]!),
    );
  }

  /** Rows are targets, columns predictions. */
  confusion(): number[][] | undefined {
    const counts = this.#confusion;
    if (counts === undefined) return undefined;
    return Array.from({ length: this.#classes }, (_unused, c) => [
      ...counts.subarray(c * this.#classes, (c + 1) * this.#classes),
    ]);
  }

  toJSON(): object {
    return {
      support: sparse(this.#support),
      predicted: sparse(this.#predicted),
      hits: sparse(this.#hits),
      ...(this.#confusion && { confusion: sparse(this.#confusion) }),
    };
  }

  absorb(state: unknown, place: string): void {
    const add = (name: string, counts: Float64Array): void =>
      addSparse(counts, readField(state, name, place), `${place}.${name}`);
    add("support", this.#support);
    add("predicted", this.#predicted);
    add("hits", this.#hits);
    if (this.#confusion) add("confusion", this.#confusion);
  }
}

/**
 * What a block of rows adds to the totals, field by field.
 */
import type { Totals } from "./totals.js";
import type { EvaluatorSettings } from "./evaluatorOptions.js";

/** Most rows of a block. */
export const BLOCK = 1024;

/** Fields of rows with a target and a distribution. */
export class RowBlock {
  readonly loss = new Float64Array(BLOCK);
  readonly brier = new Float64Array(BLOCK);
  readonly confidence = new Float64Array(BLOCK);
  /** 1 − confidence. */
  readonly doubt = new Float32Array(BLOCK);
  readonly targets = new Int32Array(BLOCK);
  readonly predictions = new Int32Array(BLOCK);
  /** Classes before the target's. */
  readonly places = new Int32Array(BLOCK);
  /** Where the steps of each row's log-probabilities begin, in words. */
  readonly steps = new Int32Array(BLOCK);

  /** Adds the first n rows. */
  addTo(totals: Totals, settings: EvaluatorSettings, n: number): void {
    totals.count += n;
    totals.loss.addAll(this.loss, n);
    totals.brier.addAll(this.brier, n);
    totals.right += totals.classes.add(this.targets, this.predictions, n);
    for (let i = 0; i < n; i++) {
      const right = this.targets[i] === this.predictions[i];
      totals.reliability.add(this.confidence[i]!, right, this.doubt[i]!);
    }
    settings.topK.forEach((k, which) => (totals.topK[which]! += this.#countBelow(k, n)));
  }

  #countBelow(k: number, n: number): number {
    let count = 0;
    for (let i = 0; i < n; i++) if (this.places[i]! < k) count++;
    return count;
  }
}

/** The one that is filled and added at a time. */
export const block = new RowBlock();

/** Counts a row that is no number. */
export function addUndefined(totals: Totals, loss: number): void {
  totals.count++;
  totals.undefinedRows++;
  totals.loss.add(loss);
}

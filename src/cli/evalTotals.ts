/**
 * Sums of `logits eval`. Rows come in order and are added one by one, so the sums have the same bits
 * however the rows are cut into blocks.
 */
import type { Engine } from "../engine.js";
import type { RowBlock } from "../io/openRows.js";

export interface EvalSettings {
  readonly topK: readonly number[];
  readonly ignoreIndex: readonly number[];
  readonly temperature: number;
  readonly labelSmoothing: number;
  readonly weight: Float64Array | undefined;
}

export interface EvalResult {
  /** Rows not ignored. */
  readonly count: number;
  /** Rows in all. */
  readonly rows: number;
  /** Of `count`, rows whose loss is NaN. */
  readonly undefinedRows: number;
  /** Σ of the losses. */
  readonly lossSum: number;
  /** Denominator of `loss`: Σ of the targets' weights. */
  readonly weightSum: number;
  /** Mean cross entropy in nats. */
  readonly loss: number;
  /** e^loss. */
  readonly perplexity: number;
  readonly accuracy: number;
  /** By k: share of rows whose target is among the k greatest logits. */
  readonly topKAccuracy: Readonly<Record<string, number>>;
}

export class EvalTotals {
  #rows = 0;
  #count = 0;
  #undefined = 0;
  #right = 0;
  #weightSum = 0;
  readonly #loss = new OrderedSum();
  readonly #inTop: Float64Array;

  constructor(
    private readonly engine: Engine,
    private readonly settings: EvalSettings,
  ) {
    this.#inTop = new Float64Array(settings.topK.length);
  }

  get meanLoss(): number {
    return this.#loss.value / this.#weightSum;
  }

  add(logits: RowBlock, targets: Int32Array): void {
    const { topK, ignoreIndex, temperature, labelSmoothing, weight } = this.settings;
    const ignore = ignoreIndex.length === 0 ? null : ignoreIndex;
    const { loss } = this.engine.crossEntropy(logits, targets, {
      reduction: "none",
      ignoreIndex: ignore,
      temperature,
      labelSmoothing,
      weight,
    });
    const most = Math.max(1, ...topK);
    const best = this.engine.topK(logits, most).indices.data;
    for (let row = 0; row < targets.length; row++) {
      const target = targets[row]!;
      if (ignoreIndex.includes(target)) continue;
      this.#count++;
      this.#weightSum += weight === undefined ? 1 : weight[target]!;
      this.#loss.add(loss[row]!);
      if (Number.isNaN(loss[row]!)) {
        this.#undefined++;
        continue; // a row without a distribution is not right
      }
      const place = best.subarray(row * most, (row + 1) * most).indexOf(target);
      if (place === 0) this.#right++;
      for (let i = 0; i < topK.length; i++) {
        if (place >= 0 && place < topK[i]!) this.#inTop[i]!++;
      }
    }
    this.#rows += targets.length;
  }

  result(): EvalResult {
    const { topK } = this.settings;
    const count = this.#count;
    const loss = this.meanLoss;
    return {
      count,
      rows: this.#rows,
      undefinedRows: this.#undefined,
      lossSum: this.#loss.value,
      weightSum: this.#weightSum,
      loss,
      perplexity: Math.exp(loss),
      accuracy: this.#right / count,
      topKAccuracy: Object.fromEntries(topK.map((k, i) => [k, this.#inTop[i]! / count])),
    };
  }
}

/** Neumaier's sum: what float64 additions lose is kept beside it. Infinities stay infinities. */
class OrderedSum {
  #sum = 0;
  #lost = 0;

  add(value: number): void {
    const next = this.#sum + value;
    if (Number.isFinite(next)) {
      this.#lost +=
        Math.abs(this.#sum) >= Math.abs(value)
          ? this.#sum - next + value
          : value - next + this.#sum;
    }
    this.#sum = next;
  }

  get value(): number {
    return this.#sum + this.#lost;
  }
}

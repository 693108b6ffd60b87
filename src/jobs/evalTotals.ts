/**
 * Totals of an evaluation: an Evaluator made when the number of classes shows, and the sums of a
 * weighted or smoothed loss beside it. Sums do not depend on how rows were cut or in which order
 * parts were merged.
 */
import type { Engine } from "../engine.js";
import { Evaluator, type EvaluatorResult } from "../evaluate/evaluator.js";
import { ExactSum } from "../evaluate/exactSum.js";
import { readCount, readField } from "../evaluate/state.js";
import type { RowBlock } from "../io/openRows.js";
import type { ParallelEngine } from "../parallel/parallelEngine.js";

export interface EvalSettings {
  readonly topK: readonly number[];
  readonly ignoreIndex: readonly number[];
  readonly temperature: number;
  readonly labelSmoothing: number;
  /** One weight per class; null for none. */
  readonly weight: readonly number[] | null;
  readonly bins: number;
  readonly hardest: number;
  readonly auroc: boolean;
}

export interface EvalResult extends Partial<Omit<EvaluatorResult, "perClass" | "auroc">> {
  /** Rows not ignored. */
  readonly count: number;
  /** Rows in all. */
  readonly rows: number;
  /** Length of the class axis. */
  readonly classes?: number;
  /** Of `count`, rows without a distribution. They are not right. */
  readonly undefinedRows: number;
  /** Σ of the losses. */
  readonly lossSum: number;
  /** Denominator of `loss`: Σ of the targets' weights. */
  readonly weightSum: number;
  /** Mean cross entropy in nats, with weights and smoothing where given. */
  readonly loss: number;
  /** e^loss. */
  readonly perplexity: number;
  readonly accuracy: number;
  readonly topKAccuracy: Readonly<Record<string, number>>;
  /** Up to 256 classes, as the confusion matrix. */
  readonly perClass?: EvaluatorResult["perClass"];
  readonly auroc?: EvaluatorResult["auroc"];
}

const MOST_LISTED = 256;

export class EvalTotals {
  #rows = 0;
  #evaluator: Evaluator | undefined;
  readonly #loss = new ExactSum();
  readonly #weight = new ExactSum();

  constructor(
    private readonly engine: ParallelEngine,
    readonly settings: EvalSettings,
  ) {}

  get rows(): number {
    return this.#rows;
  }

  get #adjusted(): boolean {
    return this.settings.weight !== null || this.settings.labelSmoothing !== 0;
  }

  get meanLoss(): number {
    return this.#adjusted
      ? this.#loss.value / this.#weight.value
      : (this.#evaluator?.meanLoss ?? NaN);
  }

  /** @param firstRow - number of the block's first row of classes, counted over all files */
  async add(block: RowBlock, targets: Int32Array, firstRow: number): Promise<void> {
    const { labelSmoothing, temperature, ignoreIndex } = this.settings;
    const ignore = ignoreIndex.length === 0 ? null : ignoreIndex;
    this.#evaluator ??= this.#begin(block.shape.at(-1)!);
    await this.#evaluator.updateParallel(this.engine, block, targets, { firstRow });
    this.#rows += targets.length;
    if (!this.#adjusted) return;
    const weight = this.settings.weight ?? undefined;
    const { loss } = await this.engine.crossEntropy(block, targets, {
      reduction: "none",
      ignoreIndex: ignore,
      temperature,
      labelSmoothing,
      weight,
    });
    for (let row = 0; row < targets.length; row++) {
      if (ignoreIndex.includes(targets[row]!)) continue;
      this.#loss.add(loss[row]!);
      this.#weight.add(weight === undefined ? 1 : weight[targets[row]!]!);
    }
  }

  #begin(classes: number): Evaluator {
    const { topK, ignoreIndex, temperature, bins, hardest, auroc } = this.settings;
    return new Evaluator(this.engine as unknown as Engine, {
      classes,
      // Among fewer classes than k the target always is: such a k would say nothing.
      topK: topK.filter((k) => k <= classes),
      ignoreIndex: ignoreIndex.length === 0 ? null : ignoreIndex,
      temperature,
      bins,
      hardest,
      auroc,
    });
  }

  merge(other: EvalTotals): void {
    this.#absorb(JSON.parse(JSON.stringify(other.toJSON())) as unknown);
  }

  result(): EvalResult {
    const evaluator = this.#evaluator;
    const rows = this.#rows;
    if (evaluator === undefined) {
      const topKAccuracy = Object.fromEntries(this.settings.topK.map((k) => [k, NaN]));
      const none = { count: 0, rows, undefinedRows: 0, lossSum: 0, weightSum: 0 };
      return { ...none, loss: NaN, perplexity: NaN, accuracy: NaN, topKAccuracy };
    }
    const { perClass, auroc, confusion, ...rest } = evaluator.result();
    const loss = this.meanLoss;
    return {
      ...rest,
      rows,
      classes: evaluator.settings.classes,
      loss,
      perplexity: Math.exp(loss),
      lossSum: this.#adjusted ? this.#loss.value : rest.lossSum,
      weightSum: this.#adjusted ? this.#weight.value : rest.count,
      ...(perClass.length <= MOST_LISTED && { perClass }),
      ...(confusion && { confusion }),
      ...(auroc && { auroc }),
    };
  }

  toJSON(): object {
    return {
      rows: this.#rows,
      evaluator: this.#evaluator?.toJSON() ?? null,
      loss: this.#loss.toJSON(),
      weight: this.#weight.toJSON(),
    };
  }

  /** @throws {LogitsError} ERR_ARGUMENT_VALUE, naming the place, for what toJSON did not write */
  static fromJSON(engine: ParallelEngine, settings: EvalSettings, state: unknown): EvalTotals {
    const totals = new EvalTotals(engine, settings);
    totals.#absorb(state);
    return totals;
  }

  #absorb(state: unknown): void {
    const rows = readCount(readField(state, "rows"), "rows");
    const evaluator = readField(state, "evaluator");
    if (evaluator !== null) {
      const other = Evaluator.fromJSON(this.engine as unknown as Engine, evaluator);
      if (this.#evaluator) this.#evaluator.merge(other);
      else this.#evaluator = other;
    }
    this.#loss.absorb(readField(state, "loss"), "loss");
    this.#weight.absorb(readField(state, "weight"), "weight");
    this.#rows += rows;
  }
}

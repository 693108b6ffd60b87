/**
 * Totals of an evaluation: an Evaluator made when the number of classes shows, and the sums of a
 * weighted or smoothed loss beside it. Sums do not depend on how rows were cut or in which order
 * parts were merged.
 */
import type { Engine } from "../engine.js";
import { Evaluator, type EvaluatorResult } from "../evaluate/evaluator.js";
import { ExactSum } from "../evaluate/exactSum.js";
import { readCount, readField } from "../evaluate/state.js";
import { failFile } from "../io/failFile.js";
import type { Logits } from "../types.js";
import type { CrossEntropyOptions } from "../ops/crossEntropy.js";
import { type Computer, isParallel } from "./session.js";

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

/** Logits of some rows: a block of a file, or a tensor. */
export type EvalRows = Logits & { readonly shape: readonly number[] };

export class EvalTotals {
  #rows = 0;
  /** Rows that are not ignored. */
  #counted = 0;
  #evaluator: Evaluator | undefined;
  readonly #loss = new ExactSum();
  readonly #weight = new ExactSum();

  /** @param computer - any; it is not used before `add` names the one that works */
  constructor(
    private readonly computer: Computer,
    readonly settings: EvalSettings,
  ) {}

  get rows(): number {
    return this.#rows;
  }

  get #adjusted(): boolean {
    return this.settings.weight !== null || this.settings.labelSmoothing !== 0;
  }

  /** Numerator and denominator of the mean loss, for the eye: the first to 1e-15. */
  get lossSum(): number {
    if (this.#adjusted) return this.#loss.value;
    return this.#counted === 0 ? 0 : this.#evaluator!.meanLoss * this.#counted;
  }
  get lossWeight(): number {
    return this.#adjusted ? this.#weight.value : this.#counted;
  }

  get meanLoss(): number {
    return this.#adjusted
      ? this.#loss.value / this.#weight.value
      : (this.#evaluator?.meanLoss ?? NaN);
  }

  /** @param firstRow - number of the block's first row of classes, counted over all files */
  async add(
    computer: Computer,
    logits: EvalRows,
    targets: Int32Array,
    firstRow: number,
  ): Promise<void> {
    this.#evaluator ??= this.#begin(logits.shape.at(-1)!);
    if (isParallel(computer)) {
      await this.#evaluator.updateParallel(computer, logits, targets, { firstRow });
    } else this.#evaluator.update(logits, targets, { firstRow });
    this.#rows += targets.length;
    const { ignoreIndex } = this.settings;
    for (const target of targets) if (!ignoreIndex.includes(target)) this.#counted++;
    if (this.#adjusted) await this.#addLoss(computer, logits, targets);
  }

  async #addLoss(computer: Computer, logits: EvalRows, targets: Int32Array): Promise<void> {
    const { labelSmoothing, temperature, ignoreIndex } = this.settings;
    const weight = this.settings.weight ?? undefined;
    const loss = await rowLosses(computer, logits, targets, {
      reduction: "none",
      ignoreIndex: ignoreIndex.length === 0 ? null : ignoreIndex,
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
    return new Evaluator(this.computer as unknown as Engine, {
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
    this.absorb(JSON.parse(JSON.stringify(other)) as unknown);
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
  static fromJSON(computer: Computer, settings: EvalSettings, state: unknown): EvalTotals {
    const totals = new EvalTotals(computer, settings);
    totals.absorb(state);
    return totals;
  }

  /** Adds what `toJSON` of another gave. */
  absorb(state: unknown): void {
    const rows = readCount(readField(state, "rows"), "rows");
    const evaluator = readField(state, "evaluator");
    if (evaluator !== null) {
      this.#counted += readCount(readField(evaluator, "count"), "count");
      const other = Evaluator.fromJSON(this.computer as unknown as Engine, evaluator);
      if (this.#evaluator) this.#evaluator.merge(other);
      else this.#evaluator = other;
    }
    this.#loss.absorb(readField(state, "loss"), "loss");
    this.#weight.absorb(readField(state, "weight"), "weight");
    this.#rows += rows;
  }
}

/** Loaded when there are weights or smoothing: most runs have none. */
async function rowLosses(
  computer: Computer,
  logits: EvalRows,
  targets: Int32Array,
  options: CrossEntropyOptions & { readonly reduction: "none" },
): Promise<Float32Array> {
  if (isParallel(computer)) return (await computer.crossEntropy(logits, targets, options)).loss;
  const { crossEntropy } = await import("../ops/crossEntropy.js");
  const job = computer.run("crossEntropy", (work) => crossEntropy(work, logits, targets, options));
  return (job as { readonly loss: Float32Array }).loss;
}

export function checkWeights({ weight }: EvalSettings, file: string, classes: number): void {
  if (weight === null || weight.length === classes) return;
  failFile({
    file,
    place: "header",
    expected: `logits must have ${weight.length} classes, one for each of --weights`,
    got: String(classes),
    remedy: "give one weight per class",
  });
}

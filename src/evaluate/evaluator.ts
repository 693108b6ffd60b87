/**
 * Streaming metrics of a classifier with one class per row.
 */
import { checkNumber, checkOptions, fail } from "../check.js";
import type { Engine } from "../engine.js";
import type { ParallelEngine } from "../parallel/parallelEngine.js";
import type { SharedEngine } from "../parallel/sharedEngine.js";
import type { ScoreTargets } from "../ops/score.js";
import type { Logits } from "../types.js";
import { ClassCounts, type ClassResult } from "./classCounts.js";
import type { UpdateOptions } from "./evaluatorOptions.js";
import { type EvaluatorOptions, type EvaluatorSettings, readSettings } from "./evaluatorOptions.js";
import { planUpdate } from "./evaluatorUpdate.js";
import { ExactSum } from "./exactSum.js";
import { type HardRow, HardestRows } from "./hardestRows.js";
import { type Auroc, RankCounts } from "./rankCounts.js";
import { Reliability, type ReliabilityBin } from "./reliability.js";
import { addSparse, readCount, readField, sparse } from "./state.js";
import type { Totals } from "./totals.js";

export interface EvaluatorResult {
  /** Rows not ignored. */
  readonly count: number;
  /** Of these, rows without a distribution: NaN, +∞ or −∞ only. Wrong, and in no bin or matrix. */
  readonly undefinedRows: number;
  /** Σ of the rows' cross entropies. */
  readonly lossSum: number;
  /** Mean cross entropy in nats (the log loss), unclipped; NaN if a row's loss is. */
  readonly loss: number;
  /** e^loss. */
  readonly perplexity: number;
  readonly accuracy: number;
  /** By k: share of rows whose target is among the k most likely. */
  readonly topKAccuracy: Record<number, number>;
  /** Mean of Σ_c (p_c − [c = y])², in [0, 2]. */
  readonly brier: number;
  /** Expected, greatest and adaptive calibration error of the most likely class. */
  readonly ece: number;
  readonly mce: number;
  readonly ace: number;
  readonly bins: ReliabilityBin[];
  readonly perClass: ClassResult[];
  /** Rows are targets, columns predictions; undefined where not kept. */
  readonly confusion: number[][] | undefined;
  /** One-vs-rest by log-probability; undefined where not counted. */
  readonly auroc: Auroc | undefined;
  /** Hardest first. */
  readonly hardest: HardRow[];
}

/** Parts of the state that are accumulators of their own. */
const PARTS = ["loss", "brier", "reliability", "classes", "hardest"] as const;
const COUNTS = ["count", "undefinedRows", "right"] as const;

export class Evaluator {
  readonly settings: EvaluatorSettings;
  readonly #engine: Engine;
  readonly #totals: Totals;
  #rowsSeen = 0;

  /**
   * Collects metrics of logits and class indices, block by block; blocks, evaluators and machines
   * merge to the same result.
   *
   * @param engine - does the work; any engine, also for states of others.
   * @param options - `classes`, and what to collect: see {@link EvaluatorOptions}.
   * @throws {LogitsError} ERR_ARGUMENT_TYPE or ERR_ARGUMENT_VALUE for a wrong option.
   * @example
   * const evaluator = new Evaluator(engine, { classes: 3, topK: [1, 2] });
   * evaluator.update([[2, 1, 0], [0, 1, 2]], [0, 0]).result().accuracy; // 0.5
   */
  constructor(engine: Engine, options: EvaluatorOptions) {
    this.#engine = engine;
    this.settings = readSettings("Evaluator", options);
    const { classes, topK, bins, edges, confusion, auroc, hardest } = this.settings;
    this.#totals = {
      count: 0,
      undefinedRows: 0,
      right: 0,
      topK: new Float64Array(topK.length),
      loss: new ExactSum(),
      brier: new ExactSum(),
      reliability: new Reliability(bins, edges),
      classes: new ClassCounts(classes, confusion),
      ranks: auroc ? new RankCounts(classes) : undefined,
      hardest: new HardestRows(hardest),
    };
  }

  /**
   * Adds rows.
   *
   * @param logits - any shape with `classes` along the class axis.
   * @param targets - one class index per row; ignored rows touch nothing, whatever they hold.
   * @param options - `rowMask`; `firstRow`, for `hardest`: see {@link UpdateOptions}.
   * @throws {LogitsError} as engine.score; nothing has been added then.
   */
  update(logits: Logits, targets: ScoreTargets, options?: UpdateOptions): this {
    const fn = "Evaluator.update";
    const first = this.#firstRow(fn, options);
    const how = { first, rowMask: options?.rowMask, lent: true };
    const rows = this.#engine.run(fn, (work) =>
      planUpdate(fn, work, logits, targets, this.settings, this.#totals, how),
    );
    this.#rowsSeen = first + rows;
    return this;
  }

  /**
   * {@link update} by all threads of a parallel engine, to the same bits.
   *
   * @throws {LogitsError} as update; and ERR_WORKER, ERR_STATE or ERR_OUT_OF_MEMORY on the way, when
   *   some of the rows may have been added: begin anew, or from an earlier state.
   */
  async updateParallel(
    engine: ParallelEngine,
    logits: Logits,
    targets: ScoreTargets,
    options?: UpdateOptions,
  ): Promise<this> {
    const fn = "Evaluator.updateParallel";
    const first = this.#firstRow(fn, options);
    const how = { first, rowMask: options?.rowMask, lent: false };
    const rows = await (engine as unknown as SharedEngine).runParallel(fn, (work) =>
      planUpdate(fn, work, logits, targets, this.settings, this.#totals, how),
    );
    this.#rowsSeen = first + rows;
    return this;
  }

  #firstRow(fn: string, options: UpdateOptions | undefined): number {
    const given = checkOptions(fn, options, ["firstRow", "rowMask"]);
    return checkNumber(fn, "firstRow", given.firstRow ?? this.#rowsSeen, {
      min: 0,
      max: 2 ** 52,
      integer: true,
    });
  }

  /** Adds all that another evaluator of the same options has collected; it stays as it is. */
  merge(other: Evaluator): this {
    if (!(other instanceof Evaluator)) {
      fail("ERR_ARGUMENT_TYPE", {
        fn: "Evaluator.merge",
        argument: "other",
        expected: "must be an Evaluator",
        got: other,
      });
    }
    if (JSON.stringify(other.settings) !== JSON.stringify(this.settings)) {
      fail("ERR_ARGUMENT_VALUE", {
        fn: "Evaluator.merge",
        argument: "other",
        expected: "must have the same options",
        gotText: "others",
      });
    }
    this.#absorb(other.toJSON());
    return this;
  }

  /** Mean loss so far, without the work of `result`. */
  get meanLoss(): number {
    return this.#totals.loss.value / this.#totals.count;
  }

  result(): EvaluatorResult {
    const { topK } = this.settings;
    const totals = this.#totals;
    const { count } = totals;
    const loss = this.meanLoss;
    return {
      count,
      undefinedRows: totals.undefinedRows,
      lossSum: totals.loss.value,
      loss,
      perplexity: Math.exp(loss),
      accuracy: totals.right / count,
      topKAccuracy: Object.fromEntries(topK.map((k, i) => [k, totals.topK[i]! / count])),
      brier: totals.brier.value / (count - totals.undefinedRows),
      ...totals.reliability.errors(),
      bins: totals.reliability.bins(),
      perClass: totals.classes.perClass(),
      confusion: totals.classes.confusion(),
      auroc: totals.ranks?.result(),
      hardest: totals.hardest.result(),
    };
  }

  /** All that was collected, for JSON.stringify and {@link Evaluator.fromJSON}. */
  toJSON(): object {
    const totals = this.#totals;
    return {
      logits: "evaluator",
      version: 1,
      options: this.settings,
      rowsSeen: this.#rowsSeen,
      ...Object.fromEntries(COUNTS.map((name) => [name, totals[name]])),
      topK: sparse(totals.topK),
      ...Object.fromEntries(PARTS.map((name) => [name, totals[name].toJSON()])),
      ...(totals.ranks && { ranks: totals.ranks.toJSON() }),
    };
  }

  /**
   * An evaluator from what `toJSON` gave.
   *
   * @throws {LogitsError} ERR_ARGUMENT_VALUE, naming the place, for anything else.
   */
  static fromJSON(engine: Engine, state: unknown): Evaluator {
    const kind = [readField(state, "logits"), readField(state, "version")].join(" ");
    if (kind !== "evaluator 1") {
      fail("ERR_ARGUMENT_VALUE", {
        fn: "fromJSON",
        argument: "state",
        expected: "must be of an evaluator, version 1",
        gotText: kind.slice(0, 40),
      });
    }
    const options = readField(state, "options") as EvaluatorOptions;
    const evaluator = new Evaluator(engine, options);
    evaluator.#absorb(state);
    return evaluator;
  }

  #absorb(state: unknown): void {
    const totals = this.#totals;
    const counts = COUNTS.map((name) => readCount(readField(state, name), name));
    const rowsSeen = readCount(readField(state, "rowsSeen"), "rowsSeen");
    for (const name of PARTS) totals[name].absorb(readField(state, name), name);
    totals.ranks?.absorb(readField(state, "ranks"), "ranks");
    addSparse(totals.topK, readField(state, "topK"), "topK");
    COUNTS.forEach((name, i) => (totals[name] += counts[i]!));
    this.#rowsSeen += rowsSeen;
  }
}

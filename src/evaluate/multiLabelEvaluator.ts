/**
 * Streaming metrics of independent yes/no labels: one logit per label, any number of labels per row.
 */
import { checkOptions, fail, shapeText } from "../check.js";
import type { Engine } from "../engine.js";
import { readArray } from "../inputs/array.js";
import { type Mask, readMasks } from "../inputs/masks.js";
import type { Arena } from "../memory/arena.js";
import { elementReader } from "../memory/half.js";
import type { Job, Operand } from "../memory/job.js";
import { layoutOf } from "../memory/layout.js";
import { Source } from "../memory/source.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits } from "../types.js";
import { type ClassResult, classResult } from "./classCounts.js";
import { ExactSum } from "./exactSum.js";
import { type Auroc, RankCounts } from "./rankCounts.js";
import {
  type MultiLabelOptions,
  type MultiLabelSettings,
  readSettings,
} from "./multiLabelOptions.js";
import { Reliability, type ReliabilityBin } from "./reliability.js";
import { addSparse, readField, sparse } from "./state.js";

export interface MultiLabelResult {
  /** Labels not skipped. */
  readonly count: number;
  /** Mean binary cross entropy in nats. */
  readonly loss: number;
  /** Share of labels answered rightly. */
  readonly accuracy: number;
  /** Mean of (σ(z) − label)². */
  readonly brier: number;
  /** Calibration of the probability of yes. */
  readonly ece: number;
  readonly mce: number;
  readonly ace: number;
  readonly bins: ReliabilityBin[];
  readonly perLabel: ClassResult[];
  /** All labels as one. */
  readonly micro: ClassResult;
  /** By logit; undefined where not counted. */
  readonly auroc: Auroc | undefined;
}

const COUNTS = ["support", "predicted", "hits", "right", "seen"] as const;
const PARTS = ["loss", "brier", "reliability"] as const;

export class MultiLabelEvaluator {
  readonly settings: MultiLabelSettings;
  readonly #engine: Engine;
  readonly #counts: Record<(typeof COUNTS)[number], Float64Array>;
  readonly #parts: { loss: ExactSum; brier: ExactSum; reliability: Reliability };
  readonly #ranks: RankCounts | undefined;

  /**
   * Collects metrics of logits and 0/1 labels of the same shape (rows, labels), block by block.
   *
   * @throws {LogitsError} ERR_ARGUMENT_TYPE or ERR_ARGUMENT_VALUE for a wrong option.
   * @example
   * const evaluator = new MultiLabelEvaluator(engine, { labels: 2 });
   * evaluator.update([[2, -1], [-3, 4]], [[1, 1], [0, 1]]).result().accuracy; // 0.75
   */
  constructor(engine: Engine, options: MultiLabelOptions) {
    this.#engine = engine;
    this.settings = readSettings("MultiLabelEvaluator", options);
    const { labels, bins, edges, auroc } = this.settings;
    const zeros = (): Float64Array => new Float64Array(labels);
    this.#counts = {
      support: zeros(),
      predicted: zeros(),
      hits: zeros(),
      right: zeros(),
      seen: zeros(),
    };
    const reliability = new Reliability(bins, edges);
    this.#parts = { loss: new ExactSum(), brier: new ExactSum(), reliability };
    this.#ranks = auroc ? new RankCounts(labels) : undefined;
  }

  /**
   * Adds rows. Labels are 0 or 1, or one of `ignoreIndex`; a skipped label touches nothing.
   *
   * @param options - `rowMask`: one entry per row; a row that is false or 0 is skipped and not read.
   * @throws {LogitsError} ERR_SHAPE if shapes disagree; ERR_TARGET_RANGE for another label.
   */
  update(
    logits: Logits,
    labels: Logits | ArrayLike<number>,
    options?: { readonly rowMask?: Mask | undefined },
  ): this {
    const fn = "MultiLabelEvaluator.update";
    const { rowMask } = checkOptions(fn, options, ["rowMask"]);
    this.#engine.run(fn, (work) => this.#plan(fn, work, logits, labels, rowMask as Mask));
    return this;
  }

  #plan(
    fn: string,
    work: Workspace,
    logits: Logits,
    labels: unknown,
    rowMask: Mask | undefined,
  ): Job<void> {
    const { settings } = this;
    const { arena } = work;
    const array = readArray(fn, "logits", logits, arena);
    const layout = layoutOf(fn, array.shape);
    const given = readArray(fn, "labels", labels, arena, true);
    if (layout.classes !== settings.labels || given.length !== array.length) {
      fail("ERR_SHAPE", {
        fn,
        argument: layout.classes === settings.labels ? "labels" : "logits",
        expected: `must have shape (rows, ${settings.labels})`,
        gotText: shapeText(layout.classes === settings.labels ? given.shape : array.shape),
      });
    }
    const read = elementReader(given, arena.memory);
    const classes = layout.classes;
    const kept = readMasks(fn, { rowMask }, layout).rows;
    const allowed = settings.allowedClasses && new Set(settings.allowedClasses);
    // NaN where a label is skipped.
    const values = Float64Array.from({ length: given.length }, (_unused, index) => {
      const c = index % classes;
      if (kept?.[(index - c) / classes] === 0 || allowed?.has(c) === false) return NaN;
      const value = read(index);
      if (value === 0 || value === 1) return value;
      if (settings.ignoreIndex.includes(value)) return NaN;
      return fail("ERR_TARGET_RANGE", {
        fn,
        argument: `labels[${index}]`,
        expected: "must be 0, 1 or in ignoreIndex",
        got: value,
        index,
      });
    });
    const operand = new Source(work, array, layout);
    const operands: Operand[] = [operand];
    return {
      rows: layout.rows,
      classes,
      operands,
      run: (_kernels, { row, rows, ptr }) => this.#add(arena, ptr[0]!, values, row, rows),
      finish() {},
    };
  }

  #add(arena: Arena, zPtr: number, values: Float64Array, row: number, rows: number): void {
    const { labels, thresholds } = this.settings;
    const { support, predicted, hits, right, seen } = this.#counts;
    const { loss, brier, reliability } = this.#parts;
    const { f32 } = arena.views;
    const bounds = thresholds.map((p) => Math.log(p) - Math.log1p(-p)); // p(z) ≥ p ⇔ z ≥ logit p
    for (let i = 0; i < rows * labels; i++) {
      const label = values[row * labels + i]!;
      if (Number.isNaN(label)) continue;
      const z = f32[zPtr / 4 + i]!;
      const c = i % labels;
      const e = Math.exp(-Math.abs(z));
      const p = (z >= 0 ? 1 : e) / (1 + e);
      const towards = label === 1 ? z : -z; // the logit of being right
      loss.add(Math.max(-towards, 0) + Math.log1p(e));
      brier.add((label === 1 ? (z >= 0 ? e : 1) / (1 + e) : p) ** 2);
      const yes = z >= bounds[c]!;
      seen[c]!++;
      support[c]! += label;
      predicted[c]! += Number(yes);
      hits[c]! += Number(yes && label === 1);
      right[c]! += Number(yes === (label === 1));
      if (Number.isNaN(z)) continue;
      reliability.add(p, label === 1);
      this.#ranks?.add(c, z, label === 1);
    }
  }

  /** Adds what another evaluator of the same options has collected. */
  merge(other: MultiLabelEvaluator): this {
    const same =
      other instanceof MultiLabelEvaluator &&
      JSON.stringify(other.settings) === JSON.stringify(this.settings);
    if (!same) {
      fail("ERR_ARGUMENT_VALUE", {
        fn: "MultiLabelEvaluator.merge",
        argument: "other",
        expected: "must be a MultiLabelEvaluator of the same options",
        got: other,
      });
    }
    this.#absorb(other.toJSON());
    return this;
  }

  result(): MultiLabelResult {
    const { support, predicted, hits, right, seen } = this.#counts;
    const total = (counts: Float64Array): number => counts.reduce((sum, n) => sum + n, 0);
    const count = total(seen);
    const { loss, brier, reliability } = this.#parts;
    return {
      count,
      loss: loss.value / count,
      accuracy: total(right) / count,
      brier: brier.value / count,
      ...reliability.errors(),
      bins: reliability.bins(),
      perLabel: Array.from(support, (n, c) => classResult(n, predicted[c]!, hits[c]!)),
      micro: classResult(total(support), total(predicted), total(hits)),
      auroc: this.#ranks?.result(),
    };
  }

  /** All that was collected, for JSON.stringify and {@link MultiLabelEvaluator.fromJSON}. */
  toJSON(): object {
    const counts = COUNTS.map((name) => [name, sparse(this.#counts[name])]);
    const parts = PARTS.map((name) => [name, this.#parts[name].toJSON()]);
    return {
      logits: "multiLabelEvaluator",
      version: 1,
      options: this.settings,
      ...Object.fromEntries([...counts, ...parts]),
      ...(this.#ranks && { ranks: this.#ranks.toJSON() }),
    };
  }

  /** @throws {LogitsError} ERR_ARGUMENT_VALUE, naming the place, unless `toJSON` gave the state. */
  static fromJSON(engine: Engine, state: unknown): MultiLabelEvaluator {
    const kind = [readField(state, "logits"), readField(state, "version")].join(" ");
    if (kind !== "multiLabelEvaluator 1") {
      fail("ERR_ARGUMENT_VALUE", {
        fn: "fromJSON",
        argument: "state",
        expected: "must be of a multiLabelEvaluator, version 1",
        gotText: kind.slice(0, 40),
      });
    }
    const evaluator = new MultiLabelEvaluator(
      engine,
      readField(state, "options") as MultiLabelOptions,
    );
    evaluator.#absorb(state);
    return evaluator;
  }

  #absorb(state: unknown): void {
    for (const name of COUNTS) addSparse(this.#counts[name], readField(state, name), name);
    for (const name of PARTS) this.#parts[name].absorb(readField(state, name), name);
    this.#ranks?.absorb(readField(state, "ranks"), "ranks");
  }
}

/**
 * Many short rows: their records are added up in linear memory by assembly/kernels/tally.ts, and what
 * has come together is added to the totals at the end.
 */
import type { Workspace } from "../memory/workspace.js";
import { RECORD_BYTES } from "../inputs/scoreColumns.js";
import type { Totals } from "./evaluator.js";
import type { EvaluatorSettings } from "./evaluatorOptions.js";

/** Below so many rows it does not pay; short rows are those of assembly/kernels/shortRows.ts. */
const LEAST_ROWS = 16384;
const MOST_CLASSES = 64;

/** Steps of log-probabilities ≤ 0 in the histograms of tally.ts. */
const STEPS = 32769;

/** Most rows of a call, so that their records and steps stay in cache. */
export const BLOCK = 256;

export class Tally {
  readonly #work: Workspace;
  readonly #settings: EvaluatorSettings;
  readonly #totals: Totals;
  readonly #edges: number;
  readonly #sums: number;
  readonly #counts: number;
  readonly #ranks: number;
  readonly #end: number;
  readonly #left: number;
  /** By the address of a tile's records: those of its logits and targets. */
  readonly #inputs = new Map<number, readonly [z: number, targets: number]>();

  /** A tally of so many rows, or undefined where records are better added one by one. */
  static of(
    work: Workspace,
    settings: EvaluatorSettings,
    totals: Totals,
    rows: number,
  ): Tally | undefined {
    if (rows < LEAST_ROWS || rows >= 2 ** 31 || settings.classes > MOST_CLASSES) return undefined;
    return new Tally(work, settings, totals);
  }

  private constructor(work: Workspace, settings: EvaluatorSettings, totals: Totals) {
    this.#work = work;
    this.#settings = settings;
    this.#totals = totals;
    const { classes } = settings;
    const { bins, fine } = totals.reliability.sizes;
    const sumBytes = 32 + bins * 32;
    const countBytes = (classes + classes * classes + 2 * fine) * 4;
    const rankBytes = totals.ranks ? 2 * classes * STEPS * 4 : 0;
    const edgeBytes = (bins + 1) * 8;
    const at = work.block(edgeBytes + sumBytes + countBytes + rankBytes);
    this.#left = work.block(BLOCK * 4 + (rankBytes > 0 ? BLOCK * classes * 4 + 16 : 0));
    this.#edges = at;
    this.#sums = at + edgeBytes;
    this.#counts = this.#sums + sumBytes;
    this.#ranks = rankBytes > 0 ? this.#counts + countBytes : 0;
    this.#end = this.#counts + countBytes + rankBytes;
    const { f64, u8 } = work.arena.views;
    f64[at / 8] = -Infinity;
    f64.set(totals.reliability.edgesFromBelow(), at / 8 + 1);
    f64[at / 8 + bins] = Infinity;
    u8.fill(0, this.#sums, this.#end);
  }

  /** Notes where the logits and targets of a tile are until its records are stored. */
  enter(z: number, records: number, targets: number): void {
    this.#inputs.set(records, [z, targets]);
  }

  /**
   * Adds the records of a tile, called in the order of its rows whoever made them, and tells which
   * of them still have to be looked at: no number, or a loss of `bound()` and more.
   */
  add(records: number, rows: number, bound: () => number, visit: (row: number) => void): void {
    const { classes, bins, ties } = this.#settings;
    const [z, targets] = this.#inputs.get(records)!;
    for (let first = 0; first < rows; first += BLOCK) {
      const left = this.#work.kernels.tallyRows(
        z + first * classes * 4,
        records + first * RECORD_BYTES,
        Math.min(BLOCK, rows - first),
        classes,
        targets + first * 4,
        Number(ties === "lowest"),
        bins,
        this.#edges,
        this.#sums,
        this.#counts,
        this.#ranks,
        bound(),
        this.#left,
      );
      const { i32 } = this.#work.arena.views;
      for (let i = 0; i < left; i++) visit(first + i32[this.#left / 4 + i]!);
    }
  }

  finish(): void {
    const { f64, i32 } = this.#work.arena.views;
    const { classes, topK } = this.#settings;
    const totals = this.#totals;
    const sums = f64.subarray(this.#sums / 8, this.#counts / 8);
    const counts = i32.subarray(this.#counts / 4, this.#end / 4);
    for (let bin = 4; bin < sums.length; bin += 4) totals.count += sums[bin]!;
    totals.loss.addSum(sums[0]!, sums[1]!);
    totals.brier.addSum(sums[2]!, sums[3]!);
    const matrix = counts.subarray(classes, classes + classes * classes);
    totals.right += totals.classes.addMatrix(matrix);
    topK.forEach((k, which) => {
      for (let place = 0; place < k; place++) totals.topK[which]! += counts[place]!;
    });
    totals.reliability.addCounts(sums.subarray(4), counts.subarray(classes + classes * classes));
    totals.ranks?.addTables(i32.subarray(this.#ranks / 4, this.#end / 4), STEPS);
  }
}

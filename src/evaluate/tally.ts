/**
 * Many short rows: their records are added up in linear memory by assembly/kernels/tally.ts, and what
 * has come together is added to the totals at the end.
 */
import type { Workspace } from "../memory/workspace.js";
import type { Totals } from "./totals.js";
import type { EvaluatorSettings } from "./evaluatorOptions.js";
import { FIRST_STEP, STEP_BYTES, TABLE_BYTES } from "./rankCounts.js";
import { BLOCK } from "./rowTotals.js";

/** What tables of steps are aligned to, but for FIRST_STEP. */
const ALIGN = 256;

/** Below so many rows it does not pay. */
const LEAST_ROWS = 16384;

/** Bytes of the sums of losses and Brier scores with room for rows that do not count, and of a bin before its counts. */
const SUM_BYTES = 96;
const BIN_BYTES = 24;

export class Tally {
  /** Row numbers that `add` leaves. */
  readonly left: number;
  /** Where step 0 of class 0 is counted. */
  readonly tables: number;
  readonly #work: Workspace;
  readonly #settings: EvaluatorSettings;
  readonly #totals: Totals;
  readonly #sums: number;
  readonly #bins: number;
  /** Bytes of a bin. */
  readonly #stride: number;
  readonly #counts: number;
  readonly #ranks: number;
  readonly #end: number;

  /** A tally of so many rows, or undefined where records are better added one by one. */
  static of(
    work: Workspace,
    settings: EvaluatorSettings,
    totals: Totals,
    rows: number,
  ): Tally | undefined {
    if (rows < LEAST_ROWS || rows >= 2 ** 31) return undefined;
    return new Tally(work, settings, totals);
  }

  private constructor(work: Workspace, settings: EvaluatorSettings, totals: Totals) {
    this.#work = work;
    this.#settings = settings;
    this.#totals = totals;
    const { classes } = settings;
    const { bins, fine } = totals.reliability.sizes;
    const countBytes = (classes * classes + 2 * fine) * 4;
    const rankBytes = totals.ranks ? 2 * classes * TABLE_BYTES : 0;
    this.#stride = BIN_BYTES + Math.ceil((classes + 1) / 2) * 8;
    const binBytes = bins * this.#stride + 8;
    this.#sums = work.block(SUM_BYTES + binBytes + countBytes + ALIGN + rankBytes);
    this.#bins = this.#sums + SUM_BYTES;
    this.#counts = this.#bins + binBytes;
    this.#ranks = Math.ceil((this.#counts + countBytes) / ALIGN) * ALIGN + FIRST_STEP;
    this.#end = this.#ranks + rankBytes;
    this.tables = this.#ranks + STEP_BYTES;
    this.left = work.block(BLOCK * 4);
    const { f32, u8 } = work.arena.views;
    u8.fill(0, this.#sums, this.#end);
    const doubts = totals.reliability.doubts();
    doubts.forEach((doubt, b) => (f32[(this.#bins + b * this.#stride) / 4] = doubt));
  }

  /**
   * Adds records of at most BLOCK rows, in the order of the rows; returns how many have still to be
   * looked at: no number, or a loss of `bound` and more.
   */
  add(records: number, rows: number, targets: number, steps: number, bound: number): number {
    const { classes, bins } = this.#settings;
    return this.#work.kernels.tallyRows(
      records,
      rows,
      classes,
      targets,
      steps,
      bins,
      this.#bins,
      this.#sums,
      this.#counts,
      bound,
      this.left,
    );
  }

  finish(): void {
    const { f64, i32 } = this.#work.arena.views;
    const { classes, topK } = this.#settings;
    const totals = this.#totals;
    const sums = this.#sums / 8;
    for (const lane of [sums, sums + 1]) {
      totals.loss.addSum(f64[lane]!, f64[lane + 2]!);
      totals.brier.addSum(f64[lane + 4]!, f64[lane + 6]!);
    }
    const { bins } = totals.reliability.sizes;
    for (let b = 0; b < bins; b++) {
      const at = this.#bins + b * this.#stride;
      const places = i32.subarray((at + BIN_BYTES) / 4).subarray(0, classes + 1);
      const count = places.reduce((sum, n) => sum + n, 0);
      totals.count += count;
      // Σ (1 − doubt)
      const [whole, rest] = [count - f64[at / 8 + 1]!, -f64[at / 8 + 2]!];
      totals.reliability.addBin(b, whole, rest, count, places[0]!);
      topK.forEach((k, which) => {
        for (let place = 0; place < k; place++) totals.topK[which]! += places[place]!;
        totals.topK[which]! += places[classes]!;
      });
    }
    const counts = i32.subarray(this.#counts / 4);
    totals.right += totals.classes.addMatrix(counts);
    totals.reliability.addFine(counts.subarray(classes * classes));
    totals.ranks?.addTables(i32.subarray(this.#ranks / 4, this.#end / 4));
  }
}

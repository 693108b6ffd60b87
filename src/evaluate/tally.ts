/**
 * Many short rows: their records are added up in linear memory by assembly/kernels/tally.ts, and what
 * has come together is added to the totals at the end.
 */
import type { Tile } from "../memory/job.js";
import type { Workspace } from "../memory/workspace.js";
import type { Kernels } from "../wasm/exports.js";
import type { Totals } from "./evaluator.js";
import type { EvaluatorSettings } from "./evaluatorOptions.js";

/** Below so many rows it does not pay; short rows are those of assembly/kernels/shortRows.ts. */
const LEAST_ROWS = 16384;
const MOST_CLASSES = 64;

/** Steps of log-probabilities ≤ 0 in the histograms of tally.ts. */
const STEPS = 32769;

export class Tally {
  readonly #work: Workspace;
  readonly #settings: EvaluatorSettings;
  readonly #totals: Totals;
  readonly #edges: number;
  readonly #sums: number;
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

  add(kernels: Kernels, { rows }: Tile, z: number, records: number, targets: number): void {
    const { classes, bins, ties } = this.#settings;
    kernels.tallyRows(
      z,
      records,
      rows,
      classes,
      targets,
      Number(ties === "lowest"),
      bins,
      this.#edges,
      this.#sums,
      this.#counts,
      this.#ranks,
    );
  }

  finish(): void {
    const { f64, i32 } = this.#work.arena.views;
    const { classes, topK } = this.#settings;
    const totals = this.#totals;
    const sums = f64.subarray(this.#sums / 8, this.#counts / 8);
    const counts = i32.subarray(this.#counts / 4, this.#end / 4);
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

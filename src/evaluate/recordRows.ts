/**
 * The operand of Evaluator.update that takes records of assembly/kernels/score.ts and adds each row to
 * the totals.
 */
import { RECORD, RECORD_BYTES, SCORE_FLAGS } from "../inputs/scoreColumns.js";
import type { ClassIndices } from "../inputs/targets.js";
import type { Arena } from "../memory/arena.js";
import type { Operand } from "../memory/job.js";
import type { Totals } from "./evaluator.js";
import type { EvaluatorSettings } from "./evaluatorOptions.js";
import { BLOCK, type Tally } from "./tally.js";

/** Flags of a row without a distribution. */
export const UNDEFINED = SCORE_FLAGS.nan | SCORE_FLAGS.positiveInfinity | SCORE_FLAGS.allMasked;

/** What the rows of a block have in common. */
export const places = new Int32Array(BLOCK);
export const ys = new Int32Array(BLOCK);
const predictions = new Int32Array(BLOCK);
const order = new Int32Array(BLOCK);

/** How many of n targets are among the k most likely. */
function countBelow(k: number, n: number): number {
  let count = 0;
  for (let i = 0; i < n; i++) if (order[i]! < k) count++;
  return count;
}

/** Takes records and adds each row to the totals. */
export class RecordRows implements Operand {
  readonly rowBytes = RECORD_BYTES;
  readonly resident = 0;
  readonly #arena: Arena;
  readonly #indices: ClassIndices;
  readonly #settings: EvaluatorSettings;
  readonly #totals: Totals;
  readonly #firstRow: number;
  readonly #tally: Tally | undefined;

  /** `tally`: takes the records; only what it leaves is added here. */
  constructor(
    arena: Arena,
    indices: ClassIndices,
    settings: EvaluatorSettings,
    totals: Totals,
    firstRow: number,
    tally: Tally | undefined,
  ) {
    this.#arena = arena;
    this.#indices = indices;
    this.#settings = settings;
    this.#totals = totals;
    this.#firstRow = firstRow;
    this.#tally = tally;
  }

  store(row: number, rows: number, _from: number, _count: number, at: number): void {
    if (this.#tally) {
      const { hardest } = this.#totals;
      const visit = (r: number): void => this.#addLeft(row + r, at / 8 + r * (RECORD_BYTES / 8));
      this.#tally.add(at, rows, () => hardest.bound, visit);
      return;
    }
    for (let r = row; r < row + rows; r += BLOCK) {
      this.#addBlock(r, Math.min(BLOCK, row + rows - r), at + (r - row) * RECORD_BYTES);
    }
  }

  #addBlock(first: number, rows: number, at: number): void {
    const { f64, i32 } = this.#arena.views;
    const { classOf } = this.#indices;
    const totals = this.#totals;
    const { bound } = totals.hardest;
    const tied = this.#settings.ties === "lowest" ? 1 : 0;
    let n = 0;
    for (let r = first, wide = at >>> 3; r < first + rows; r++, wide += RECORD_BYTES / 8) {
      const word = wide * 2;
      if (i32[word + RECORD.rank]! < 0) continue;
      totals.count++;
      const loss = f64[wide + RECORD.loss]!;
      if (!(loss < bound)) this.#offerHard(r, wide);
      if ((i32[word + RECORD.flags]! & UNDEFINED) !== 0) {
        totals.undefinedRows++;
        totals.loss.add(loss);
        continue;
      }
      places[n] = wide;
      ys[n] = classOf[r]!;
      order[n] = i32[word + RECORD.rank]! + tied * i32[word + RECORD.ties]!;
      predictions[n++] = i32[word + RECORD.argmax]!;
    }
    totals.loss.addAt(f64, places, n, RECORD.loss);
    totals.brier.addAt(f64, places, n, RECORD.brier);
    totals.right += totals.classes.add(ys, predictions, n);
    for (let i = 0; i < n; i++) {
      totals.reliability.add(f64[places[i]! + RECORD.confidence]!, ys[i] === predictions[i]);
    }
    this.#settings.topK.forEach((k, which) => (totals.topK[which]! += countBelow(k, n)));
  }

  /** A row that the tally has left: only what it does not count. */
  #addLeft(r: number, wide: number): void {
    const { f64, i32 } = this.#arena.views;
    const totals = this.#totals;
    const loss = f64[wide + RECORD.loss]!;
    if (!(loss < totals.hardest.bound)) this.#offerHard(r, wide);
    const isUndefined = (i32[wide * 2 + RECORD.flags]! & UNDEFINED) !== 0;
    if (isUndefined) {
      totals.count++;
      totals.undefinedRows++;
    }
    if (isUndefined || loss === Infinity) totals.loss.add(loss);
  }

  #offerHard(r: number, wide: number): void {
    const { f32, f64, i32 } = this.#arena.views;
    const { hardest } = this.#totals;
    const row = this.#firstRow + r;
    const loss = f64[wide + RECORD.loss]!;
    if (!hardest.wants(loss, row)) return;
    const word = wide * 2;
    hardest.add({
      row,
      loss,
      target: this.#indices.classOf[r]!,
      prediction: i32[word + RECORD.argmax]!,
      margin: f32[word + RECORD.margin]!,
    });
  }
}

/**
 * The operand of Evaluator.update that takes records of assembly/kernels/score.ts and adds each row to
 * the totals.
 */
import { RECORD, RECORD_BYTES, SCORE_FLAGS } from "../inputs/scoreColumns.js";
import type { ClassIndices } from "../inputs/targets.js";
import type { Arena } from "../memory/arena.js";
import type { Operand } from "../memory/job.js";
import type { Totals } from "./totals.js";
import type { EvaluatorSettings } from "./evaluatorOptions.js";
import { BLOCK, addUndefined, block } from "./rowTotals.js";

/** Flags of a row without a distribution. */
const UNDEFINED = SCORE_FLAGS.nan | SCORE_FLAGS.positiveInfinity | SCORE_FLAGS.allMasked;

/** Takes records and adds each row to the totals. */
export class RecordRows implements Operand {
  readonly rowBytes = RECORD_BYTES;
  readonly resident = 0;
  readonly #arena: Arena;
  readonly #indices: ClassIndices;
  readonly #settings: EvaluatorSettings;
  readonly #totals: Totals;
  readonly #firstRow: number;
  /** By the address of a tile's records: that of its steps. */
  readonly #steps = new Map<number, number>();

  constructor(
    arena: Arena,
    indices: ClassIndices,
    settings: EvaluatorSettings,
    totals: Totals,
    firstRow: number,
  ) {
    this.#arena = arena;
    this.#indices = indices;
    this.#settings = settings;
    this.#totals = totals;
    this.#firstRow = firstRow;
  }

  /** Notes where the steps of a tile are until its records are stored. */
  enter(records: number, steps: number): void {
    this.#steps.set(records, steps);
  }

  store(row: number, rows: number, _from: number, _count: number, at: number): void {
    for (let r = 0; r < rows; r += BLOCK) this.#addBlock(row, r, Math.min(r + BLOCK, rows), at);
  }

  #addBlock(row: number, from: number, to: number, at: number): void {
    const { f64, i32 } = this.#arena.views;
    const { classOf } = this.#indices;
    const { classes, ties } = this.#settings;
    const totals = this.#totals;
    const { bound } = totals.hardest;
    const tied = ties === "lowest" ? 1 : 0;
    const steps = (this.#steps.get(at) ?? 0) / 4;
    let n = 0;
    for (let r = from; r < to; r++) {
      const word = at / 4 + r * (RECORD_BYTES / 4);
      const wide = word / 2;
      if (i32[word + RECORD.rank]! < 0) continue;
      const loss = f64[wide + RECORD.loss]!;
      if (!(loss < bound)) this.#offerHard(row + r, wide);
      if ((i32[word + RECORD.flags]! & UNDEFINED) !== 0) {
        addUndefined(totals, loss);
        continue;
      }
      block.loss[n] = loss;
      block.brier[n] = f64[wide + RECORD.brier]!;
      const confidence = f64[wide + RECORD.confidence]!;
      block.confidence[n] = confidence;
      block.doubt[n] = 1 - confidence;
      block.targets[n] = classOf[row + r]!;
      block.predictions[n] = i32[word + RECORD.argmax]!;
      block.places[n] = i32[word + RECORD.rank]! + tied * i32[word + RECORD.ties]!;
      block.steps[n++] = steps + r * classes;
    }
    block.addTo(totals, this.#settings, n);
    totals.ranks?.addSteps(i32, block.steps, block.targets, n, 1);
  }

  #offerHard(r: number, wide: number): void {
    const { f32, f64, i32 } = this.#arena.views;
    const word = wide * 2;
    this.#totals.hardest.add({
      row: this.#firstRow + r,
      loss: f64[wide + RECORD.loss]!,
      target: this.#indices.classOf[r]!,
      prediction: i32[word + RECORD.argmax]!,
      margin: f32[word + RECORD.margin]!,
    });
  }
}

/**
 * The operand of Evaluator.update that takes records of assembly/kernels/scoreShort.ts: many are added
 * up in linear memory (tally.ts), few row by row.
 */
import { RECORD, RECORD_BYTES } from "../inputs/scoreColumns.js";
import { type ClassIndices, targetRows } from "../inputs/targets.js";
import type { Arena } from "../memory/arena.js";
import type { Operand } from "../memory/job.js";
import type { Workspace } from "../memory/workspace.js";
import type { Totals } from "./totals.js";
import type { EvaluatorSettings } from "./evaluatorOptions.js";
import { FIRST_STEP } from "./rankCounts.js";
import { BLOCK, addUndefined, block } from "./rowTotals.js";
import { Tally } from "./tally.js";

/** Rows of a record. */
export const GROUP = 4;

/** Fields of a record, in words of 8 bytes and of 4; a row has one word of each. */
const LOSS = 0;
const BRIER = 8;
const DOUBT = 12;
const ARGMAX = 16;
const PLACE = 20;

/** Words of 4 bytes in a record. */
const WORDS = 24;

/** Addresses of a tile's logits, targets and steps. */
interface Inputs {
  readonly z: number;
  readonly targets: number;
  readonly steps: number;
}

/** Targets of whole groups: those of rows that are not there are −1. */
export function shortTargets(arena: Arena, indices: ClassIndices): Operand {
  const targets = targetRows(arena, indices);
  return {
    ...targets,
    group: GROUP,
    load(row, rows, from, count, at, scratch) {
      targets.load!(row, rows, from, count, at, scratch);
      const end = Math.ceil(rows / GROUP) * GROUP;
      arena.views.i32.fill(-1, at / 4 + rows, at / 4 + end);
    },
  };
}

export class ShortRows implements Operand {
  readonly rowBytes = (WORDS * 4) / GROUP;
  readonly group = GROUP;
  readonly resident = 0;
  /** Scratch of the kernels. */
  readonly scratch: number;
  /** Where step 0 of class 0 is counted, or would be. */
  readonly tables: number;
  readonly #work: Workspace;
  readonly #indices: ClassIndices;
  readonly #settings: EvaluatorSettings;
  readonly #totals: Totals;
  readonly #firstRow: number;
  readonly #tally: Tally | undefined;
  /** A record of assembly/kernels/score.ts. */
  readonly #record: number;
  /** By the address of a tile's records. */
  readonly #inputs = new Map<number, Inputs>();

  constructor(
    work: Workspace,
    indices: ClassIndices,
    settings: EvaluatorSettings,
    totals: Totals,
    firstRow: number,
  ) {
    this.#work = work;
    this.#indices = indices;
    this.#settings = settings;
    this.#totals = totals;
    this.#firstRow = firstRow;
    this.#tally = Tally.of(work, settings, totals, indices.classOf.length);
    this.tables = this.#tally?.tables ?? FIRST_STEP;
    this.#record = work.block(RECORD_BYTES);
    this.scratch = work.rowTable(settings.classes);
  }

  /** Notes where the rest of a tile is until its records are stored. */
  enter(records: number, z: number, targets: number, steps: number): void {
    this.#inputs.set(records, { z, targets, steps });
  }

  /** Called in the order of the rows, whoever made the records. */
  store(row: number, rows: number, _from: number, _count: number, at: number): void {
    const inputs = this.#inputs.get(at)!;
    for (let from = 0; from < rows; from += BLOCK) {
      const to = Math.min(from + BLOCK, rows);
      if (this.#tally) this.#addMany(this.#tally, row, from, to, at, inputs);
      else this.#addFew(row, from, to, at, inputs);
    }
  }

  finish(): void {
    this.#tally?.finish();
  }

  /** The tally adds them; here only what it leaves. */
  #addMany(tally: Tally, row: number, from: number, to: number, at: number, inputs: Inputs): void {
    const { z, targets, steps } = inputs;
    const { classes } = this.#settings;
    const totals = this.#totals;
    const left = tally.add(
      at + from * this.rowBytes,
      to - from,
      targets + from * 4,
      steps && steps + from * classes * 4,
      totals.hardest.bound,
    );
    const { f64, i32 } = this.#work.arena.views;
    for (let i = 0; i < left; i++) {
      const r = from + i32[tally.left / 4 + i]!;
      const loss = f64[at / 8 + (r >> 2) * (WORDS / 2) + (r & 3) + LOSS]!;
      this.#offerHard(row + r, loss, z + r * classes * 4, targets + r * 4);
      if (Number.isNaN(loss)) addUndefined(totals, loss);
      else if (loss === Infinity) totals.loss.add(loss);
    }
  }

  #addFew(row: number, from: number, to: number, at: number, inputs: Inputs): void {
    const { f32, f64, i32 } = this.#work.arena.views;
    const { classOf } = this.#indices;
    const { classes } = this.#settings;
    const totals = this.#totals;
    const { bound } = totals.hardest;
    let n = 0;
    for (let r = from; r < to; r++) {
      const lane = r & 3;
      const word = at / 4 + (r >> 2) * WORDS;
      const place = i32[word + lane + PLACE]!;
      if (place === -1) continue;
      const loss = f64[word / 2 + lane + LOSS]!;
      if (!(loss < bound)) {
        this.#offerHard(row + r, loss, inputs.z + r * classes * 4, inputs.targets + r * 4);
      }
      if (place < 0) {
        addUndefined(totals, loss);
        continue;
      }
      block.loss[n] = loss;
      block.brier[n] = f32[word + lane + BRIER]!;
      const doubt = f32[word + lane + DOUBT]!;
      block.confidence[n] = 1 - doubt;
      block.doubt[n] = doubt;
      block.targets[n] = classOf[row + r]!;
      block.predictions[n] = i32[word + lane + ARGMAX]!;
      block.places[n] = place;
      block.steps[n++] = inputs.steps / 4 + (r >> 2) * GROUP * classes + lane;
    }
    block.addTo(totals, this.#settings, n);
    totals.ranks?.addSteps(i32, block.steps, block.targets, n, GROUP, FIRST_STEP);
  }

  /** Offers a row; what the records lack of it comes from its logits. */
  #offerHard(r: number, loss: number, z: number, target: number): void {
    const { hardest } = this.#totals;
    const row = this.#firstRow + r;
    if (!hardest.wants(loss, row)) return;
    const { kernels, arena } = this.#work;
    const { classes } = this.#settings;
    const at = this.#record;
    const { scratch } = this;
    kernels.scoreRows(z, 1, classes, target, at, false, 0, -Infinity, 0, 0, scratch, scratch);
    const { f32, i32 } = arena.views;
    hardest.add({
      row,
      loss,
      target: this.#indices.classOf[r]!,
      prediction: i32[at / 4 + RECORD.argmax]!,
      margin: f32[at / 4 + RECORD.margin]!,
    });
  }
}

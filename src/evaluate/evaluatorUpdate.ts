/**
 * The plan of Evaluator.update: records of assembly/kernels/score.ts, added up row by row.
 */
import { fail } from "../check.js";
import { readAdjustment } from "../inputs/adjustment.js";
import { readArray } from "../inputs/array.js";
import { RECORD, RECORD_BYTES, SCORE_FLAGS } from "../inputs/scoreColumns.js";
import { type ClassIndices, indexArrayOf, readClassIndices } from "../inputs/targets.js";
import type { Arena } from "../memory/arena.js";
import type { Job, Operand } from "../memory/job.js";
import { type Layout, layoutOf } from "../memory/layout.js";
import { MaskedSource } from "../memory/maskedSource.js";
import { Source } from "../memory/source.js";
import type { Workspace } from "../memory/workspace.js";
import { planScore } from "../ops/scoreRows.js";
import type { Logits } from "../types.js";
import type { Totals } from "./evaluator.js";
import type { EvaluatorSettings } from "./evaluatorOptions.js";
import type { RankCounts } from "./rankCounts.js";

const UNDEFINED = SCORE_FLAGS.nan | SCORE_FLAGS.positiveInfinity | SCORE_FLAGS.allMasked;

export function planUpdate(
  fn: string,
  work: Workspace,
  logits: Logits,
  targets: unknown,
  settings: EvaluatorSettings,
  totals: Totals,
  firstRow: number,
): Job<number> {
  const { arena, kernels } = work;
  const adjustment = readAdjustment(fn, settings.temperature);
  const array = readArray(fn, "logits", logits, arena);
  const layout = layoutOf(fn, array.shape, settings.axis);
  checkClassCount(fn, layout, settings.classes);
  const values = indexArrayOf(fn, targets, arena);
  if (values === undefined) {
    fail("ERR_ARGUMENT_TYPE", {
      fn,
      argument: "targets",
      expected: "must be class indices, one per row",
      got: targets,
    });
  }
  const indices = readClassIndices(
    fn,
    targets,
    values,
    layout,
    settings.ignoreIndex,
    undefined,
    arena,
  );
  const allowed = settings.allowedClasses && new Set(settings.allowedClasses);
  if (allowed) checkAllowed(fn, indices, allowed);
  const source = new Source(arena, kernels, array, layout, adjustment);
  const masked = allowed && classesOutside(settings.classes, allowed);
  const job = planScore({
    work,
    array,
    layout,
    adjustment,
    indices,
    source: masked ? new MaskedSource(arena, source, masked) : source,
    records: new RecordRows(arena, indices, settings, totals, firstRow),
    brier: true,
    k: 0,
    floor: -Infinity,
    finish: () => layout.rows,
  });
  const { ranks } = totals;
  return { ...(ranks ? withRanks(job, arena, ranks, indices) : job), mostRows: 2 * BLOCK };
}

/** The job, which also counts z_c − logSumExp of every class. At most 1024 classes: no segments. */
function withRanks(
  job: Job<number>,
  arena: Arena,
  ranks: RankCounts,
  { classOf }: ClassIndices,
): Job<number> {
  const { segments: _whole, classes, operands, ...rest } = job;
  const steps: Operand = { rowBytes: classes * 4, classes, resident: 0 };
  return {
    ...rest,
    classes,
    undivided: true,
    operands: [...operands, steps],
    run(kernels, tile) {
      job.run(kernels, tile);
      const [zPtr, recordPtr] = tile.ptr as [number, number];
      const stepPtr = tile.ptr[operands.length]!;
      kernels.rankSteps(zPtr, recordPtr, stepPtr, tile.rows, classes);
      const { i32 } = arena.views;
      for (let from = 0; from < tile.rows; from += BLOCK) {
        let n = 0;
        for (let r = from; r < Math.min(from + BLOCK, tile.rows); r++) {
          const word = (recordPtr + r * RECORD_BYTES) / 4;
          if (i32[word + RECORD.rank]! < 0 || (i32[word + RECORD.flags]! & UNDEFINED) !== 0) {
            continue;
          }
          places[n] = stepPtr / 4 + r * classes;
          ys[n++] = classOf[tile.row + r]!;
        }
        ranks.addSteps(i32, places, ys, n);
      }
    },
  };
}

/** Rows that are added together, so that their records stay in cache; and what they have in common. */
const BLOCK = 256;
const places = new Int32Array(BLOCK);
const ys = new Int32Array(BLOCK);
const predictions = new Int32Array(BLOCK);
const order = new Int32Array(BLOCK);

/** How many of n targets are among the k most likely. */
function countBelow(k: number, n: number): number {
  let count = 0;
  for (let i = 0; i < n; i++) if (order[i]! < k) count++;
  return count;
}

/** Takes records and adds each row to the totals. */
class RecordRows implements Operand {
  readonly rowBytes = RECORD_BYTES;
  readonly resident = 0;
  readonly #arena: Arena;
  readonly #indices: ClassIndices;
  readonly #settings: EvaluatorSettings;
  readonly #totals: Totals;
  readonly #firstRow: number;

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

  store(row: number, rows: number, _from: number, _count: number, at: number): void {
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
    for (let r = first, wide = at / 8; r < first + rows; r++, wide += RECORD_BYTES / 8) {
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

export function checkClassCount(fn: string, layout: Layout, classes: number): void {
  if (layout.classes === classes) return;
  fail("ERR_SHAPE", {
    fn,
    argument: "logits",
    expected: `must have classes = ${classes} along the class axis`,
    gotText: String(layout.classes),
  });
}

function checkAllowed(fn: string, indices: ClassIndices, allowed: ReadonlySet<number>): void {
  const { classOf } = indices;
  for (let row = 0; row < classOf.length; row++) {
    const y = classOf[row]!;
    if (y < 0 || allowed.has(y)) continue;
    fail("ERR_TARGET_RANGE", {
      fn,
      argument: `targets[${row}]`,
      expected: "must be one of allowedClasses",
      got: y,
      index: row,
    });
  }
}

function classesOutside(classes: number, allowed: ReadonlySet<number>): number[] {
  const outside: number[] = [];
  for (let c = 0; c < classes; c++) if (!allowed.has(c)) outside.push(c);
  return outside;
}

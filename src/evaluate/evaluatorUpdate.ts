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
  return ranks ? withRanks(job, arena, ranks, indices) : job;
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
      for (let r = 0; r < tile.rows; r++) {
        const word = (recordPtr + r * RECORD_BYTES) / 4;
        if (i32[word + RECORD.rank]! < 0 || (i32[word + RECORD.flags]! & UNDEFINED) !== 0) continue;
        ranks.addSteps(i32, stepPtr / 4 + r * classes, classOf[tile.row + r]!);
      }
    },
  };
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
    const { f32, f64, i32 } = this.#arena.views;
    const { topK, ties } = this.#settings;
    const totals = this.#totals;
    const { classOf } = this.#indices;
    for (let r = row; r < row + rows; r++, at += RECORD_BYTES) {
      const wide = at / 8;
      const word = at / 4;
      const rank = i32[word + RECORD.rank]!;
      if (rank < 0) continue;
      const loss = f64[wide + RECORD.loss]!;
      const target = classOf[r]!;
      const prediction = i32[word + RECORD.argmax]!;
      totals.count++;
      totals.loss.add(loss);
      if (totals.hardest.wants(loss, this.#firstRow + r)) {
        const margin = f32[word + RECORD.margin]!;
        totals.hardest.add({ row: this.#firstRow + r, loss, target, prediction, margin });
      }
      if ((i32[word + RECORD.flags]! & UNDEFINED) !== 0) {
        totals.undefinedRows++;
        continue;
      }
      const right = prediction === target;
      if (right) totals.right++;
      const place = ties === "lowest" ? rank + i32[word + RECORD.ties]! : rank;
      for (let i = 0; i < topK.length; i++) if (place < topK[i]!) totals.topK[i]!++;
      totals.brier.add(f64[wide + RECORD.brier]!);
      totals.reliability.add(f64[wide + RECORD.confidence]!, right);
      totals.classes.add(target, prediction);
    }
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

/**
 * The plan of Evaluator.update: records of assembly/kernels/score.ts, added up row by row.
 */
import { fail } from "../check.js";
import { readAdjustment } from "../inputs/adjustment.js";
import { readArray } from "../inputs/array.js";
import { type Mask, readMasks } from "../inputs/masks.js";
import { RECORD, RECORD_BYTES } from "../inputs/scoreColumns.js";
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
import { RecordRows, UNDEFINED, places, ys } from "./recordRows.js";
import { BLOCK, Tally } from "./tally.js";

export function planUpdate(
  fn: string,
  work: Workspace,
  logits: Logits,
  targets: unknown,
  settings: EvaluatorSettings,
  totals: Totals,
  firstRow: number,
  rowMask: Mask | undefined,
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
    readMasks(fn, { rowMask }, layout),
  );
  const allowed = settings.allowedClasses && new Set(settings.allowedClasses);
  if (allowed) checkAllowed(fn, indices, allowed);
  const source = new Source(arena, kernels, array, layout, adjustment);
  const masked = allowed && classesOutside(settings.classes, allowed);
  const tally = Tally.of(work, settings, totals, layout.rows);
  const job = planScore({
    work,
    array,
    layout,
    adjustment,
    indices,
    source: masked ? new MaskedSource(arena, source, masked) : source,
    records: new RecordRows(arena, indices, settings, totals, firstRow, tally),
    brier: true,
    k: 0,
    floor: -Infinity,
    finish() {
      tally?.finish();
      return layout.rows;
    },
  });
  const { ranks } = totals;
  if (tally) return withTally(job, tally);
  return { ...(ranks ? withRanks(job, arena, ranks, indices) : job), mostRows: 2 * BLOCK };
}

/** The job, whose records are also added up. */
function withTally(job: Job<number>, tally: Tally): Job<number> {
  return {
    ...job,
    mostRows: 2 * BLOCK,
    run(kernels, tile) {
      job.run(kernels, tile);
      const [zPtr, recordPtr, targetPtr] = tile.ptr as [number, number, number];
      tally.enter(zPtr, recordPtr, targetPtr);
    },
  };
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

/**
 * The plan of assembly/kernels/score.ts, for every operation that reads its records.
 */
import { pickedRows } from "../inputs/pickedRows.js";
import { type ClassIndices, targetRows } from "../inputs/targets.js";
import type { ArrayInput } from "../memory/array.js";
import type { Job, Operand } from "../memory/job.js";
import type { Layout } from "../memory/layout.js";
import { Operands, pointerOf } from "../memory/operands.js";
import { type Adjustment, Source } from "../memory/source.js";
import type { Workspace } from "../memory/workspace.js";

export interface ScorePlan<Result> {
  readonly work: Workspace;
  readonly array: ArrayInput;
  readonly layout: Layout;
  readonly adjustment: Adjustment | undefined;
  readonly indices: ClassIndices | undefined;
  /** The logits, where they are not simply those of `array`. */
  readonly source?: Operand | undefined;
  /** Takes the operand of logits that hold the rows of a step only: such rows are never cut. */
  readonly local?: Set<Operand> | undefined;
  /** Takes the records. */
  readonly records: Operand;
  /** Whether records hold a Brier score. */
  readonly brier: boolean;
  readonly k: number;
  /** Least log-probability of the top k. */
  readonly floor: number;
  /** Take the k values and indices of each row; absent where k is 0. */
  readonly values?: Operand | undefined;
  readonly best?: Operand | undefined;
  finish(): Result;
}

export function planScore<Result>(plan: ScorePlan<Result>): Job<Result> {
  const { work, array, layout, adjustment, indices, brier, k, floor } = plan;
  const { arena } = work;
  const { rows, classes } = layout;
  const { table, rest: heap } = work.rowTableAnd(classes, k * 8);
  const operands = new Operands();
  const source = plan.source ?? new Source(work, array, layout, adjustment);
  plan.local?.add(source);
  const zAt = operands.add(source);
  const recordAt = operands.add(plan.records);
  const targetAt = operands.add(indices && targetRows(arena, indices));
  const valuesAt = operands.add(plan.values);
  const bestAt = operands.add(plan.best);
  // A row in segments needs its target's logit before the segment that holds it has come.
  const cut = classes > work.wholeClasses && !plan.local;
  const pickedAt = operands.add(
    cut && indices ? pickedRows(arena, array, layout, indices) : undefined,
  );
  /** Target of the row under way, when it is fed in segments. */
  const row = { y: -1, logit: Infinity };
  return {
    rows,
    classes,
    operands: operands.list,
    run: (kernels, tile) =>
      kernels.scoreRows(
        pointerOf(tile, zAt),
        tile.rows,
        classes,
        pointerOf(tile, targetAt),
        pointerOf(tile, recordAt),
        brier,
        k,
        floor,
        pointerOf(tile, valuesAt),
        pointerOf(tile, bestAt),
        heap,
        table,
      ),
    ...(!plan.local && {
      segments: {
        enter(kernels, tile, from, length) {
          if (from === 0) {
            row.y = targetAt < 0 ? -1 : arena.views.i32[pointerOf(tile, targetAt) / 4]!;
            row.logit = Infinity;
            if (row.y >= 0) {
              const at = pointerOf(tile, pickedAt);
              if (adjustment) {
                const { temperature, softcap } = adjustment;
                kernels.adjustLogits(at, at, 1, 1, temperature, softcap);
              }
              row.logit = arena.views.f32[at / 4]!;
            }
          }
          const zPtr = pointerOf(tile, zAt);
          kernels.scoreSegment(zPtr, length, from, row.y, row.logit, k, brier, heap, table);
        },
        close: (kernels, tile) =>
          kernels.scoreClose(
            classes,
            row.y,
            pointerOf(tile, recordAt),
            k,
            floor,
            pointerOf(tile, valuesAt),
            pointerOf(tile, bestAt),
            heap,
            table,
          ),
      },
    }),
    finish: () => plan.finish(),
  };
}

/**
 * The plan of Evaluator.update: records of the scores of its rows, added up.
 */
import { fail } from "../check.js";
import { readAdjustment } from "../inputs/adjustment.js";
import { readArray } from "../inputs/array.js";
import { type Mask, readMasks } from "../inputs/masks.js";
import { type ClassIndices, indexArrayOf, readClassIndices } from "../inputs/targets.js";
import { SCRATCH_BYTES } from "../memory/arena.js";
import type { Job, Operand } from "../memory/job.js";
import { type Layout, SHORT_CLASSES, layoutOf } from "../memory/layout.js";
import { MaskedSource } from "../memory/maskedSource.js";
import { Source } from "../memory/source.js";
import type { Workspace } from "../memory/workspace.js";
import { planScore } from "../ops/scoreRows.js";
import type { Logits } from "../types.js";
import type { Totals } from "./totals.js";
import type { EvaluatorSettings } from "./evaluatorOptions.js";
import { RecordRows } from "./recordRows.js";
import { BLOCK } from "./rowTotals.js";
import { GROUP, ShortRows, shortTargets } from "./shortRows.js";

export function planUpdate(
  fn: string,
  work: Workspace,
  logits: Logits,
  targets: unknown,
  settings: EvaluatorSettings,
  totals: Totals,
  how: { readonly first: number; readonly rowMask: Mask | undefined; readonly lent: boolean },
): Job<number> {
  const { arena } = work;
  const { first: firstRow, rowMask, lent } = how;
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
    lent ? (classOf, classes) => areClasses(work, classOf, classes) : undefined,
  );
  const allowed = settings.allowedClasses && new Set(settings.allowedClasses);
  if (allowed) checkAllowed(fn, indices, allowed);
  const whole = new Source(work, array, layout, adjustment);
  const masked = allowed && classesOutside(settings.classes, allowed);
  const source = masked ? new MaskedSource(arena, whole, masked) : whole;
  if (settings.classes <= SHORT_CLASSES) {
    return planShort(work, source, indices, settings, totals, firstRow);
  }
  const records = new RecordRows(arena, indices, settings, totals, firstRow);
  const job = planScore({
    work,
    array,
    layout,
    adjustment,
    indices,
    source,
    records,
    brier: true,
    k: 0,
    floor: -Infinity,
    finish: () => layout.rows,
  });
  return { ...(totals.ranks ? withSteps(job, records) : job), mostRows: BLOCK };
}

/** Checks targets by a kernel, as many at a time as the scratch has room for. */
function areClasses({ arena, kernels }: Workspace, classOf: Int32Array, classes: number): boolean {
  const { scratch } = arena;
  const most = SCRATCH_BYTES / 4;
  for (let row = 0; row < classOf.length; row += most) {
    const some = classOf.subarray(row, row + most);
    arena.views.i32.set(some, scratch / 4);
    // Class 0 is as good as any label to ignore.
    if (kernels.readTargets(scratch, scratch, some.length, classes, 0) < 0) return false;
  }
  return true;
}

/** Rows of few classes. */
function planShort(
  work: Workspace,
  source: Operand,
  indices: ClassIndices,
  settings: EvaluatorSettings,
  totals: Totals,
  firstRow: number,
): Job<number> {
  const rows = indices.classOf.length;
  const { classes, ties } = settings;
  const records = new ShortRows(work, indices, settings, totals, firstRow);
  const targets = shortTargets(work.arena, indices);
  const steps: Operand = { rowBytes: classes * 4, group: GROUP, classes, resident: 0 };
  return {
    rows,
    classes,
    operands: [source, targets, records, ...(totals.ranks ? [steps] : [])],
    granularity: GROUP,
    mostRows: BLOCK,
    run(kernels, tile) {
      const [z, targetPtr, recordPtr, stepPtr = 0] = tile.ptr as [number, number, number, number?];
      const tied = ties === "lowest";
      kernels.scoreShortRows(
        z,
        tile.rows,
        classes,
        targetPtr,
        tied,
        recordPtr,
        stepPtr,
        records.tables,
        records.scratch,
      );
      records.enter(recordPtr, z, targetPtr, stepPtr);
    },
    finish() {
      records.finish();
      return rows;
    },
  };
}

/** The job, which also leaves the step of z_c − logSumExp of every class. At most 1024 classes: no segments. */
function withSteps(job: Job<number>, records: RecordRows): Job<number> {
  const { segments: _whole, classes, operands, ...rest } = job;
  const steps: Operand = { rowBytes: classes * 4, classes, resident: 0 };
  return {
    ...rest,
    classes,
    operands: [...operands, steps],
    run(kernels, tile) {
      job.run(kernels, tile);
      const [zPtr, recordPtr] = tile.ptr as [number, number];
      const stepPtr = tile.ptr[operands.length]!;
      kernels.rankSteps(zPtr, recordPtr, stepPtr, tile.rows, classes);
      records.enter(recordPtr, stepPtr);
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

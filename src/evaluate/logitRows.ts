/**
 * Logits and class indices of any accepted form as dense rows, without the ignored ones: what a fit
 * goes through again and again.
 */
import { fail } from "../check.js";
import type { Engine } from "../engine.js";
import { readArray } from "../inputs/array.js";
import { readIgnoreIndex } from "../inputs/lossOptions.js";
import { type MaskOptions, classesLeftOut, readMasks } from "../inputs/masks.js";
import { indexArrayOf, readClassIndices } from "../inputs/targets.js";
import { makeArray } from "../memory/array.js";
import type { Job, Operand } from "../memory/job.js";
import { type Layout, checkClasses, layoutOf } from "../memory/layout.js";
import { MaskedSource } from "../memory/maskedSource.js";
import { Sink } from "../memory/sink.js";
import { Source } from "../memory/source.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits } from "../types.js";

export interface RowOptions extends MaskOptions {
  /** The class axis; negative counts from the end (default −1). */
  readonly axis?: number | undefined;
  /** Labels that are skipped; default −100 for signed index arrays, none for unsigned. */
  readonly ignoreIndex?: number | readonly number[] | null | undefined;
}

export interface LogitRows {
  /** (count, classes), row-major. */
  readonly logits: Float32Array;
  readonly targets: Int32Array;
  readonly count: number;
  readonly classes: number;
  /** Rows left out because no parameter changes their loss: NaN, +∞, or −∞ at the target. */
  readonly skippedRows: number;
}

export function readLogitRows(
  engine: Engine,
  fn: string,
  logits: Logits,
  targets: unknown,
  options: RowOptions,
): LogitRows {
  return engine.run(fn, (work) => planRows(work, fn, logits, targets, options));
}

function planRows(
  work: Workspace,
  fn: string,
  logits: Logits,
  targets: unknown,
  options: RowOptions,
): Job<LogitRows> {
  const ignoreIndex = readIgnoreIndex(fn, options.ignoreIndex);
  const array = readArray(fn, "logits", logits, work.arena);
  const layout = layoutOf(fn, array.shape, options.axis);
  checkClasses(fn, layout);
  const values = indexArrayOf(fn, targets, work.arena);
  if (values === undefined) {
    fail("ERR_ARGUMENT_TYPE", {
      fn,
      argument: "targets",
      expected: "must be class indices, one per row",
      got: targets,
    });
  }
  const { arena } = work;
  const masks = readMasks(fn, options, layout);
  const indices = readClassIndices(
    fn,
    targets,
    values,
    layout,
    ignoreIndex,
    undefined,
    arena,
    masks,
  );
  const { rows, classes } = layout;
  const dense = makeArray(fn, Float32Array, rows * classes);
  const rowMajor: Layout = {
    shape: [rows, classes],
    axis: 1,
    outer: rows,
    classes,
    inner: 1,
    rows,
  };
  const source = new Source(work, array, layout);
  const masked = classesLeftOut(masks);
  const operands: Operand[] = [
    masked ? new MaskedSource(arena, source, masked) : source,
    new Sink(work, rowMajor, { data: dense, address: 0 }),
  ];
  const copy = ({ ptr }: { readonly ptr: readonly number[] }, length: number): void => {
    arena.views.f32.copyWithin(ptr[1]! / 4, ptr[0]! / 4, ptr[0]! / 4 + length);
  };
  return {
    rows,
    classes,
    operands,
    run: (_kernels, tile) => copy(tile, tile.rows * classes),
    segments: {
      enter() {},
      close() {},
      write: (_kernels, tile, _from, count) => copy(tile, count),
    },
    finish: () => withoutUseless(dense, indices.classOf, classes),
  };
}

/** Moves the rows that say something to the front. */
function withoutUseless(dense: Float32Array, y: Int32Array, classes: number): LogitRows {
  let count = 0;
  let skippedRows = 0;
  for (let row = 0; row < y.length; row++) {
    if (y[row]! < 0) continue;
    const start = row * classes;
    const end = start + classes;
    let fit = dense[start + y[row]!]! > -Infinity;
    for (let i = start; i < end && fit; i++) fit = dense[i]! < Infinity;
    if (!fit) {
      skippedRows++;
      continue;
    }
    dense.copyWithin(count * classes, start, end);
    y[count++] = y[row]!;
  }
  const logits = dense.subarray(0, count * classes);
  return { logits, targets: y.subarray(0, count), count, classes, skippedRows };
}

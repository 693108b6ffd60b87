/**
 * Rows and classes that take no part: `rowMask` has one entry per row, `classMask` one per class;
 * true or 1 keeps it. A masked row is an ignored row. A masked class is as good as removed: it has
 * no probability, no share of label smoothing, and gradient 0.
 */
import { fail } from "../check.js";
import { makeArray } from "../memory/array.js";
import { type Layout, withClasses } from "../memory/layout.js";
import { checkLength, checkList } from "./lists.js";
import type { Denominators } from "./lossOptions.js";

/** One entry per row or class: booleans, or the numbers 0 and 1. */
export type Mask = ArrayLike<boolean> | ArrayLike<number>;

export interface MaskOptions {
  /** One entry per row: a row that is false or 0 is ignored. */
  readonly rowMask?: Mask | undefined;
  /** One entry per class: a class that is false or 0 is left out. */
  readonly classMask?: Mask | undefined;
}

export const MASK_OPTIONS = ["rowMask", "classMask"] as const;

/** Neighbouring classes that are all kept or all left out. */
export interface ClassRun {
  readonly kept: boolean;
  readonly from: number;
  readonly count: number;
  /** Place of the first among the kept classes. */
  readonly at: number;
}

export interface ClassMask {
  readonly kept: number;
  readonly runs: readonly ClassRun[];
  /** Place of each class among the kept ones, −1 where it is left out. */
  readonly positions: Int32Array;
}

export interface Masks {
  readonly rows: Uint8Array | undefined;
  readonly classes: ClassMask | undefined;
}

export function readMasks(fn: string, options: MaskOptions, layout: Layout): Masks {
  const rows = readMask(fn, "rowMask", "rows", options.rowMask, layout.rows);
  const kept = readMask(fn, "classMask", "classes", options.classMask, layout.classes);
  if (kept === undefined) return { rows, classes: undefined };
  const classes = classMaskOf(kept);
  if (classes.kept === 0 && layout.classes > 0) {
    fail("ERR_ARGUMENT_VALUE", {
      fn,
      argument: "classMask",
      expected: "must keep at least one class",
      gotText: "none",
    });
  }
  return { rows, classes: classes.kept === layout.classes ? undefined : classes };
}

function readMask(
  fn: string,
  argument: string,
  what: string,
  value: unknown,
  length: number,
): Uint8Array | undefined {
  if (value === undefined || value === null) return undefined;
  const given = checkList(fn, argument, value, "booleans or of 0 and 1");
  checkLength(fn, argument, given, length, what);
  const mask = makeArray(fn, Uint8Array, length);
  for (let i = 0; i < length; i++) {
    const entry = given[i];
    if (entry === true || entry === 1) mask[i] = 1;
    else if (entry !== false && entry !== 0) {
      fail("ERR_ARGUMENT_VALUE", {
        fn,
        argument: `${argument}[${i}]`,
        expected: "must be true, false, 1 or 0",
        got: entry,
        index: i,
      });
    }
  }
  return mask;
}

function classMaskOf(mask: Uint8Array): ClassMask {
  const positions = new Int32Array(mask.length);
  const runs: ClassRun[] = [];
  let kept = 0;
  for (let from = 0; from < mask.length;) {
    let end = from;
    while (end < mask.length && mask[end] === mask[from]) end++;
    const isKept = mask[from] === 1;
    runs.push({ kept: isKept, from, count: end - from, at: kept });
    for (let c = from; c < end; c++) positions[c] = isKept ? kept++ : -1;
    from = end;
  }
  return { kept, runs, positions };
}

/** The layout that kernels see: that of the kept classes. */
export function keptLayout(layout: Layout, mask: ClassMask | undefined): Layout {
  return mask === undefined ? layout : withClasses(layout, mask.kept);
}

/** Values of the kept classes. */
export function keptValues(
  values: Float32Array | undefined,
  mask: ClassMask | undefined,
): Float32Array | undefined {
  if (values === undefined || mask === undefined) return values;
  return values.filter((_value, c) => mask.positions[c]! >= 0);
}

/** Rows that take part. */
export function countRows(mask: Uint8Array | undefined, rows: number): number {
  if (mask === undefined) return rows;
  let count = 0;
  for (const kept of mask) count += kept;
  return count;
}

/** What losses are divided by where rows have no weights. */
export function rowSums({ rows: mask, classes: kept }: Masks, layout: Layout): Denominators {
  const { rows, classes } = layout;
  const count = countRows(mask, rows);
  return { weightSum: count, count, rows, elements: rows * (kept?.kept ?? classes) };
}

/** 0 for rows left out, 1 for the others; undefined where all take part. */
export function rowFactors(mask: Uint8Array | undefined): Float64Array | undefined {
  return mask && Float64Array.from(mask);
}

/** One factor per element of an array whose last axis has the classes; undefined where all are 1. */
export function elementFactors(fn: string, masks: Masks, layout: Layout): Float64Array | undefined {
  if (masks.rows === undefined && masks.classes === undefined) return undefined;
  const { rows, classes } = layout;
  const factors = makeArray(fn, Float64Array, rows * classes);
  for (let r = 0; r < rows; r++) {
    if (masks.rows?.[r] === 0) continue;
    for (const { kept, from, count } of masks.classes?.runs ?? []) {
      if (kept) factors.fill(1, r * classes + from, r * classes + from + count);
    }
    if (masks.classes === undefined) factors.fill(1, r * classes, (r + 1) * classes);
  }
  return factors;
}

/** Classes that a class mask leaves out, in order; undefined where there is none. */
export function classesLeftOut({ classes }: Masks): number[] | undefined {
  const positions = classes?.positions;
  return positions && [...positions.keys()].filter((c) => positions[c]! < 0);
}

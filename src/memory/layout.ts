/**
 * Rows of an array along one axis. A shape is read as (outer, classes, inner): the class axis, what
 * stands before it and what stands after. Row r = o · inner + i holds the elements
 * (o · classes + c) · inner + i for c in [0, classes).
 */
import { checkNumber, fail, shapeText, sizeOf } from "../check.js";
import type { Shape } from "../types.js";

export interface Layout {
  readonly shape: Shape;
  readonly axis: number;
  readonly outer: number;
  readonly classes: number;
  readonly inner: number;
  /** outer · inner */
  readonly rows: number;
}

/** Resolves `axis` (negative counts from the end); shape [] counts as one axis of one element. */
export function layoutOf(fn: string, shape: Shape, axisOption: unknown = -1): Layout {
  const rank = Math.max(1, shape.length);
  const given = checkNumber(fn, "axis", axisOption, { integer: true });
  if (given < -rank || given >= rank) {
    fail("ERR_ARGUMENT_VALUE", {
      fn,
      argument: "axis",
      expected: `must be in [${-rank}, ${rank}) for shape ${shapeText(shape)}`,
      got: given,
    });
  }
  const axis = given < 0 ? given + rank : given;
  const dimensions = shape.length === 0 ? [1] : shape;
  let outer = 1;
  let inner = 1;
  for (let i = 0; i < rank; i++) {
    if (i < axis) outer *= dimensions[i]!;
    else if (i > axis) inner *= dimensions[i]!;
  }
  return { shape, axis, outer, classes: dimensions[axis]!, inner, rows: outer * inner };
}

/** Rows of at most so many classes have kernels of their own (shortRows.ts) and are never cut. */
export const SHORT_CLASSES = 64;

/** Rows of a group of columns. */
export const GROUP = 4;

/**
 * Rows that are best staged together. Along another axis than the last neighbours share lines of the
 * cache: four lines of 16 rows in up to 1 MiB, one in up to 2 MiB, a part of one where rows are longer.
 * Longer runs of a line's neighbours are worth more than a tile in second-level cache.
 */
export function rowsTogether({ classes, inner }: Layout): number {
  let rows = inner > 1 ? 64 : 1;
  while (rows > 1 && rows * classes > (rows > 16 ? 262144 : 524288)) rows >>= 1;
  return rows;
}

/** Whether rows are short and along another axis than the last: kernels then take them as columns. */
export function inColumns({ classes, inner }: Layout): boolean {
  return inner > 1 && classes > 0 && classes <= SHORT_CLASSES;
}

/**
 * Rows [row, row + rows) as parts that lie together: whole blocks of `inner` rows, or a part of one.
 * A part of `count` rows begins at element `start`, after `done` other rows.
 */
export function eachPart(
  { classes, inner }: Layout,
  row: number,
  rows: number,
  visit: (start: number, count: number, done: number) => void,
): void {
  for (let done = 0; done < rows;) {
    const first = (row + done) % inner;
    const left = rows - done;
    const whole = first === 0 && left >= inner;
    const count = whole ? left - (left % inner) : Math.min(inner - first, left);
    visit((row + done - first) * classes + first, count, done);
    done += count;
  }
}

/** Every element a row of its own, for operations on single elements. */
export function elementLayout(shape: Shape): Layout {
  const rows = sizeOf(shape);
  return { shape, axis: 0, outer: rows, classes: 1, inner: 1, rows };
}

/** The layout's shape with `classes` elements along the axis. */
export function withClasses(layout: Layout, classes: number): Layout {
  const shape = layout.shape.length === 0 && classes === 1 ? [] : [...layout.shape];
  if (shape.length > 0 || classes !== 1) shape[layout.axis] = classes;
  return { ...layout, shape, classes };
}

/** The shape without the class axis, or with 1 in its place; shape [] stays [] either way. */
export function reducedShape(layout: Layout, keepDims: boolean): number[] {
  if (layout.shape.length === 0) return [];
  const shape = [...layout.shape];
  if (keepDims) shape[layout.axis] = 1;
  else shape.splice(layout.axis, 1);
  return shape;
}

/** Rows without classes have no distribution. */
export function checkClasses(fn: string, layout: Layout): void {
  if (layout.rows > 0 && layout.classes === 0) {
    fail("ERR_SHAPE", {
      fn,
      argument: "logits",
      expected: "must have at least one class",
      gotText: `shape ${shapeText(layout.shape)}`,
    });
  }
}

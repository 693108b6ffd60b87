/**
 * Losses of small cases for lossContract.ts: rows of a (N, C) array, some of them or some classes
 * left out.
 */
import type { Denominators } from "../reference/reduction.ts";
import type { LeftOut } from "./lossContract.ts";

type Numbers = ArrayLike<number>;

/** The classes that are not left out, of one row of `values`. */
export function keptRow(
  values: Numbers,
  row: number,
  classes: number,
  left: LeftOut,
): Float64Array {
  return Float64Array.from({ length: classes }, (_unused, c) => values[row * classes + c]!).filter(
    (_value, c) => c !== left.class,
  );
}

/** Place of class y among those that are not left out. */
export function keptIndex(y: number, left: LeftOut): number {
  return left.class !== undefined && y > left.class ? y - 1 : y;
}

/** One loss per row; 0 where the row is left out or its target is −100. */
export function rowLosses(
  targets: Numbers | undefined,
  rows: number,
  left: LeftOut,
  loss: (row: number) => number,
): Float64Array {
  return Float64Array.from({ length: rows }, (_unused, i) =>
    i === left.row || targets?.[i] === -100 ? 0 : loss(i),
  );
}

/** Denominators of rows with class indices. */
export function indexDenominators(
  targets: Numbers,
  classes: number,
  left: LeftOut,
  weight?: Numbers,
): Denominators {
  const valid = Array.from(targets).filter((y, i) => i !== left.row && y !== -100);
  return {
    weights: weight ? valid.reduce((sum, y) => sum + weight[y]!, 0) : valid.length,
    valid: valid.length,
    nonzero: valid.filter((y) => weight?.[y] !== 0).length,
    rows: targets.length,
    elements: targets.length * (left.class === undefined ? classes : classes - 1),
  };
}

/** Denominators of rows without weights of their own. */
export function rowDenominators(rows: number, classes: number, left: LeftOut): Denominators {
  const valid = left.row === undefined ? rows : rows - 1;
  const kept = left.class === undefined ? classes : classes - 1;
  return { weights: valid, valid, rows, elements: rows * kept };
}

/** Losses and denominators of elements. */
export function elementLosses(
  x: Numbers,
  classes: number,
  left: LeftOut,
  loss: (x: number, index: number) => number,
): Float64Array {
  return Float64Array.from(x, (value, i) => (isLeft(i, classes, left) ? 0 : loss(value, i)));
}

export function elementDenominators(
  elements: number,
  classes: number,
  left: LeftOut,
  ignored: (index: number) => boolean = () => false,
): Denominators {
  let valid = 0;
  for (let i = 0; i < elements; i++) if (!isLeft(i, classes, left) && !ignored(i)) valid++;
  return { weights: valid, valid, rows: elements / classes, elements };
}

function isLeft(index: number, classes: number, left: LeftOut): boolean {
  return Math.floor(index / classes) === left.row || index % classes === left.class;
}

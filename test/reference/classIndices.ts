/**
 * Class-index targets: y_i in [0, C), or one of the ignored values.
 *
 *   ignored rows are marked −1;   weights = Σ_{i not ignored} w_{y_i}
 *
 * An ignored value that is also a class is ignored; any other value outside of [0, C) throws.
 */
import type { Denominators } from "./reduction.ts";
import type { Numbers } from "./rows.ts";
import { sum } from "./sum.ts";

export type ClassIndices = ArrayLike<number> | ArrayLike<bigint>;
export type IgnoreIndex = number | readonly number[] | null;

export function readIndices(
  targets: ClassIndices,
  rows: number,
  classes: number,
  ignoreIndex: IgnoreIndex = -100,
): Int32Array {
  if (targets.length !== rows) {
    throw new RangeError(`${targets.length} targets for ${rows} rows`);
  }
  const ignored = toList(ignoreIndex);
  return Int32Array.from({ length: rows }, (_unused, i) => {
    const y = Number(targets[i]);
    if (ignored.includes(y)) return -1;
    if (!Number.isInteger(y) || y < 0 || y >= classes) {
      throw new RangeError(`targets[${i}] = ${y} is not a class`);
    }
    return y;
  });
}

export function toList(ignoreIndex: IgnoreIndex): readonly number[] {
  if (ignoreIndex === null) return [];
  return typeof ignoreIndex === "number" ? [ignoreIndex] : ignoreIndex;
}

export function denominatorsOf(
  indices: Int32Array,
  classes: number,
  weight: Numbers | undefined,
): Denominators {
  const valid = indices.filter((y) => y >= 0);
  return {
    weights: sum(Array.from(valid, (y) => (weight === undefined ? 1 : (weight[y] as number)))),
    valid: valid.length,
    rows: indices.length,
    elements: indices.length * classes,
  };
}

/**
 * Targets that are a list of class indices for each row or sample: read, checked, and fed to kernels
 * as int32.
 */
import { fail } from "../check.js";
import type { Arena } from "../memory/arena.js";
import { type ArrayInput, makeArray } from "../memory/array.js";
import { elementReader } from "../memory/half.js";
import { readArray } from "./array.js";
import { checkLength, checkList, refuseElement } from "./lists.js";

/** A whole number of labels for each sample, or an error. */
export function readLengths(
  fn: string,
  argument: string,
  value: unknown,
  samples: number,
  most: number,
): Int32Array | undefined {
  if (value === undefined || value === null) return undefined;
  const given = checkList(fn, argument, value, "integers");
  checkLength(fn, argument, given, samples, "samples");
  return Int32Array.from({ length: samples }, (_unused, n) => {
    const length = typeof given[n] === "bigint" ? Number(given[n]) : given[n];
    if (typeof length === "number" && Number.isInteger(length) && length >= 0 && length <= most) {
      return length;
    }
    return refuseElement(fn, argument, n, `must be an integer in [0, ${most}]`, given[n]);
  });
}

/** One label: an integer in [0, classes) that the class mask keeps; its place among the kept ones. */
export function checkLabel(
  fn: string,
  place: string,
  label: unknown,
  classes: number,
  positions: Int32Array | undefined,
  index: number,
): number {
  const y = Number(label);
  if (typeof label !== "bigint" && (typeof label !== "number" || !Number.isInteger(label))) {
    fail(typeof label === "number" ? "ERR_ARGUMENT_VALUE" : "ERR_ARGUMENT_TYPE", {
      fn,
      argument: place,
      expected: `must be an integer in [0, ${classes})`,
      got: label,
      index,
    });
  }
  if (!(y >= 0 && y < classes) || (positions !== undefined && positions[y]! < 0)) {
    fail("ERR_TARGET_RANGE", {
      fn,
      argument: place,
      expected: `must be in [0, ${classes})${positions ? " and kept by classMask" : ""}`,
      gotText: String(label),
      index,
    });
  }
  return positions === undefined ? y : positions[y]!;
}

/** Lists of `width` labels a row that end at the first −1: int32, −1 from there on. */
export function readEndedLists(
  fn: string,
  targets: unknown,
  arena: Arena,
  rows: number,
  width: number,
  positions: Int32Array | undefined,
): { readonly array: ArrayInput; readonly lists: Int32Array } {
  const array = readArray(fn, "targets", targets, arena, true);
  if (array.length !== rows * width) {
    fail("ERR_SHAPE", {
      fn,
      argument: "targets.length",
      expected: `must be rows × classes = ${rows} × ${width} = ${rows * width}`,
      gotText: String(array.length),
    });
  }
  const read = elementReader(array, arena.memory);
  const lists = makeArray(fn, Int32Array, rows * width).fill(-1);
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < width; k++) {
      const index = r * width + k;
      const label = read(index);
      if (label === -1) break;
      lists[index] = checkLabel(fn, `targets[${index}]`, label, width, positions, index);
    }
  }
  return { array, lists };
}

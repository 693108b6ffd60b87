/**
 * A list of operands in which some may be absent, and the place of each in a tile; and the operand of
 * values that are at hand.
 */
import type { Arena } from "./arena.js";
import type { Operand, Tile } from "./job.js";

export class Operands {
  readonly list: Operand[] = [];

  /** Adds an operand and gives its index in tiles; −1 for an absent one. */
  add(operand: Operand | undefined): number {
    return operand === undefined ? -1 : this.list.push(operand) - 1;
  }
}

/** Address of an operand in a tile; 0 for an absent one. */
export function pointerOf(tile: Tile, index: number): number {
  return index < 0 ? 0 : tile.ptr[index]!;
}

/** Rows of `width` values of an array each, put down as float32, float64 or int32. */
export function valueRows(
  arena: Arena,
  type: "f32" | "f64" | "i32",
  values: Float64Array | Int32Array,
  width = 1,
): Operand {
  const bytes = type === "f64" ? 8 : 4;
  return {
    rowBytes: width * bytes,
    resident: 0,
    load(row, rows, _from, _count, at) {
      arena.views[type].set(values.subarray(row * width, (row + rows) * width), at / bytes);
    },
  };
}

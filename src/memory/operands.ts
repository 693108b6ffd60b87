/**
 * A list of operands in which some may be absent, and the place of each in a tile.
 */
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

/**
 * The element of each row that its target names, as float32; 0 where the row is ignored.
 */
import type { Arena } from "../memory/arena.js";
import type { ArrayInput } from "../memory/array.js";
import { elementReader } from "../memory/half.js";
import type { Operand } from "../memory/job.js";
import type { Layout } from "../memory/layout.js";
import type { ClassIndices } from "./targets.js";

export function pickedRows(
  arena: Arena,
  array: ArrayInput,
  { classes, inner }: Layout,
  { classOf }: ClassIndices,
): Operand {
  return {
    rowBytes: 4,
    resident: 0,
    load(row, rows, _from, _count, at) {
      const read = elementReader(array, arena.memory);
      const { f32 } = arena.views;
      for (let r = row; r < row + rows; r++) {
        const y = classOf[r]!;
        const outer = Math.floor(r / inner);
        const index = (outer * classes + y) * inner + (r % inner);
        f32[at / 4 + r - row] = y < 0 ? 0 : read(index);
      }
    },
  };
}

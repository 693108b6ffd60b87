/**
 * argmax(z) = min { j : z_j = max_c z_c }
 *
 * The lowest index wins ties, −0 equals 0, NaN counts as greatest: the first NaN wins.
 */
import { compareLogits } from "./order.ts";
import { checkSize, type Numbers, readRow, rowsOf } from "./rows.ts";

export function argmaxOf(z: Numbers): number {
  if (z.length === 0) throw new RangeError("argmax of nothing");
  let best = 0;
  for (let j = 1; j < z.length; j++) {
    if (compareLogits(z[j] as number, z[best] as number) > 0) best = j;
  }
  return best;
}

export function argmax(
  logits: Numbers,
  shape: readonly number[] = [logits.length],
  { axis = -1 }: { readonly axis?: number } = {},
): Int32Array {
  checkSize(logits, shape);
  const rows = rowsOf(shape, axis);
  return Int32Array.from(rows.rowOffsets, (_offset, i) => argmaxOf(readRow(logits, rows, i)));
}

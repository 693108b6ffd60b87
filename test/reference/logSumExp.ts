/**
 * logSumExp(z) = ln Σ_j e^(z_j) = m + ln(1 + Σ_{j≠k} e^(z_j − m)),   m = z_k = max z
 *
 * Over one axis or several. NaN if a logit is NaN, else +∞ if one is +∞; −∞ for −∞ only, and for
 * no logits at all. The values come in the order of the shape without the axes.
 */
import { checkSize, type Numbers, readRow, rowsOf } from "./rows.ts";
import { logSumExpOf, rowSum } from "./rowSum.ts";

export interface LogSumExpOptions {
  readonly axis?: number | readonly number[];
}

export function logSumExp(
  logits: Numbers,
  shape: readonly number[] = [logits.length],
  { axis = -1 }: LogSumExpOptions = {},
): Float64Array {
  checkSize(logits, shape);
  const rows = rowsOf(shape, axis);
  return Float64Array.from(rows.rowOffsets, (_offset, i) =>
    logSumExpOf(rowSum(readRow(logits, rows, i))),
  );
}

// @ts-check
import { maxAndRest } from "./rows.mjs";

/**
 * ln Σ e^(z_j) = m + log1p(s)
 *
 * @param {import("./rows.mjs").Rows} rows
 */
export function logSumExp(rows) {
  return Float64Array.from({ length: rows.rows }, (_, row) => {
    const { max, rest } = maxAndRest(rows, row);
    return max + Math.log1p(rest);
  });
}

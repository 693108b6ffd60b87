// @ts-check
import { maxAndRest } from "./rows.mjs";

/**
 * ln p_j = (z_j − m) − log1p(s)
 *
 * @param {import("./rows.mjs").Rows} rows
 */
export function logSoftmax(rows) {
  const { logits, classes, stride } = rows;
  const values = new Float64Array(logits.length);
  for (let row = 0; row < rows.rows; row++) {
    const { base, max, rest } = maxAndRest(rows, row);
    const log = Math.log1p(rest);
    for (let j = 0, i = base; j < classes; j++, i += stride) values[i] = logits[i] - max - log;
  }
  return values;
}

// @ts-check
import { maxAndRest } from "./rows.mjs";

/**
 * p_j = e^(z_j − m) / (1 + s)
 *
 * @param {import("./rows.mjs").Rows} rows
 */
export function softmax(rows) {
  const { logits, classes, stride } = rows;
  const values = new Float64Array(logits.length);
  for (let row = 0; row < rows.rows; row++) {
    const { base, max, rest } = maxAndRest(rows, row);
    for (let j = 0, i = base; j < classes; j++, i += stride) {
      values[i] = Math.exp(logits[i] - max) / (1 + rest);
    }
  }
  return values;
}

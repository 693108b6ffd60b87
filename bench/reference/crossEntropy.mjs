// @ts-check
import { maxAndRest } from "./rows.mjs";

/**
 * Mean cross entropy with class indices, and its gradient.
 *
 *   loss_i = (m − z_y) + log1p(s)
 *   g_j = p_j / N,   g_y = −(1 − p_y) / N,   1 − p_y = Σ_{j≠y} p_j
 *
 * The last sum does not subtract from 1, so a confident row keeps its digits.
 *
 * @param {import("./rows.mjs").Rows} rows
 * @param {ArrayLike<number>} targets
 */
export function crossEntropy(rows, targets) {
  const { logits, classes, stride, rows: count } = rows;
  const values = new Float64Array(logits.length);
  const losses = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const { base, max, maxAt, rest } = maxAndRest(rows, row);
    const target = base + targets[row] * stride;
    losses[row] = max - logits[target] + Math.log1p(rest);
    let others = 0;
    for (let j = 0, i = base; j < classes; j++, i += stride) {
      const p = Math.exp(logits[i] - max) / (1 + rest);
      values[i] = p / count;
      if (i !== target) others += p;
    }
    if (target === maxAt) others = rest / (1 + rest);
    values[target] = -others / count;
  }
  return { losses, loss: losses.reduce((sum, loss) => sum + loss, 0) / count, values };
}

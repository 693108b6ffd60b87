// @ts-check
/**
 * Rows of an array along its class axis: logit j of row i is at base(i) + j · stride.
 *
 * @typedef {Pick<import("../harness/workload.ts").Inputs, "logits" | "rows" | "classes" | "stride">} Rows
 *
 * @param {Rows} rows
 * @param {number} row
 */
export function baseOf({ classes, stride }, row) {
  return Math.floor(row / stride) * classes * stride + (row % stride);
}

/**
 * m = max z and s = Σ_{j≠k} e^(z_j − m), k the first maximum, so that ln Σ e^z = m + log1p(s).
 *
 * @param {Rows} rows
 * @param {number} row
 */
export function maxAndRest(rows, row) {
  const { logits, classes, stride } = rows;
  const base = baseOf(rows, row);
  let at = base;
  for (let j = 1; j < classes; j++) {
    if (logits[base + j * stride] > logits[at]) at = base + j * stride;
  }
  const max = logits[at];
  let rest = 0;
  let lost = 0; // Neumaier's compensation
  for (let j = 0, i = base; j < classes; j++, i += stride) {
    if (i === at) continue;
    const e = Math.exp(logits[i] - max);
    const sum = rest + e;
    lost += rest >= e ? rest - sum + e : e - sum + rest;
    rest = sum;
  }
  return { base, max, maxAt: at, rest: rest + lost };
}

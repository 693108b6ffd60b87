// @ts-check
/**
 * The first greatest class of each row.
 *
 * @param {import("../harness/workload.ts").Inputs} inputs
 * @param {Float32Array} out
 */
export function argmax({ logits, rows, classes }, out) {
  for (let row = 0; row < rows; row++) {
    const from = row * classes;
    let best = from;
    for (let i = from + 1; i < from + classes; i++) if (logits[i] > logits[best]) best = i;
    out[row] = best - from;
  }
}

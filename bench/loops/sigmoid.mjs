// @ts-check
/** @typedef {import("../harness/workload.ts").Inputs} Inputs */

/** @param {Inputs} inputs @param {Float32Array} out */
export function sigmoid({ logits }, out) {
  for (let i = 0; i < logits.length; i++) out[i] = 1 / (1 + Math.exp(-logits[i]));
}

/** @param {Inputs} inputs @param {Float32Array} out */
export function softplus({ logits }, out) {
  for (let i = 0; i < logits.length; i++) {
    const x = logits[i];
    out[i] = Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }
}

/** @param {Inputs} inputs @param {Float32Array} out */
export function logSigmoid({ logits }, out) {
  for (let i = 0; i < logits.length; i++) {
    const x = logits[i];
    out[i] = Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
  }
}

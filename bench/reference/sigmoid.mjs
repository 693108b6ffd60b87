// @ts-check
/** σ(x) = 1 / (1 + e^−x) @param {number} x */
export const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** ln(1 + e^x) = max(x, 0) + log1p(e^−|x|) @param {number} x */
export const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** ln σ(x) = −softplus(−x) @param {number} x */
export const logSigmoid = (x) => -softplus(-x);

// @ts-check
/**
 * The same training in plain JavaScript: softmax regression, mini-batch Adam with PyTorch's defaults, the
 * same seeded order of rows. Straightforward loops over typed arrays.
 */

/**
 * @param {{ x: Float32Array, y: Int32Array, rows: number, features: number }} data
 * @param {{ classes: number, epochs: number, batchSize: number, learningRate: number, seed: number }} settings
 */
export function trainPlain({ x, y, rows, features }, settings) {
  const { classes, epochs, batchSize, learningRate, seed } = settings;
  const size = classes * (features + 1);
  const theta = new Float32Array(size); // weight (classes, features), then bias
  const gradient = new Float32Array(size);
  const mean = new Float32Array(size);
  const square = new Float32Array(size);
  const p = new Float32Array(classes);
  const order = Uint32Array.from({ length: rows }, (_, i) => i);
  const random = createRandom(seed);
  const bias = classes * features;
  let t = 0;
  let loss = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, random);
    loss = 0;
    for (let start = 0; start < rows; start += batchSize) {
      const end = Math.min(rows, start + batchSize);
      gradient.fill(0);
      for (let n = start; n < end; n++) {
        const row = order[n] * features;
        const target = y[order[n]];
        let most = -Infinity;
        for (let c = 0; c < classes; c++) {
          let z = theta[bias + c];
          for (let d = 0; d < features; d++) z += theta[c * features + d] * x[row + d];
          p[c] = z;
          if (z > most) most = z;
        }
        let total = 0;
        const targetLogit = p[target];
        for (let c = 0; c < classes; c++) total += p[c] = Math.exp(p[c] - most);
        loss += Math.log(total) + most - targetLogit;
        for (let c = 0; c < classes; c++) {
          const slope = (p[c] / total - (c === target ? 1 : 0)) / (end - start);
          gradient[bias + c] += slope;
          for (let d = 0; d < features; d++) gradient[c * features + d] += slope * x[row + d];
        }
      }
      t++;
      const rate = learningRate / (1 - 0.9 ** t);
      const root = 1 / Math.sqrt(1 - 0.999 ** t);
      for (let i = 0; i < size; i++) {
        const g = gradient[i];
        mean[i] = 0.9 * mean[i] + 0.1 * g;
        square[i] = 0.999 * square[i] + 0.001 * g * g;
        theta[i] -= (rate * mean[i]) / (Math.sqrt(square[i]) * root + 1e-8);
      }
    }
  }
  return { weight: theta.subarray(0, bias), bias: theta.subarray(bias), loss: loss / rows };
}

/**
 * Mulberry32, as the library orders rows.
 *
 * @param {number} seed an integer
 * @returns {() => number} draws from [0, 1)
 */
export function createRandom(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Fisher and Yates. @param {Uint32Array} order @param {() => number} random */
export function shuffle(order, random) {
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
}

/**
 * The most likely class of each row.
 *
 * @param {{ weight: Float32Array, bias: Float32Array }} model
 * @param {{ x: Float32Array, rows: number, features: number }} data
 */
export function predictPlain({ weight, bias }, { x, rows, features }) {
  return Array.from({ length: rows }, (_, i) => {
    let best = 0;
    let most = -Infinity;
    bias.forEach((b, c) => {
      let z = b;
      for (let d = 0; d < features; d++) z += weight[c * features + d] * x[i * features + d];
      if (z > most) [best, most] = [c, z];
    });
    return best;
  });
}

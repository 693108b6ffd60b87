// @ts-check
/** Everything a run depends on besides its data. The optimizer is Adam with PyTorch's defaults. */
export const SETTINGS = {
  seed: 0,
  heldOutShare: 0.2,
  epochs: 200,
  batchSize: 16,
  adam: { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
};

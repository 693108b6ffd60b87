// @ts-check
/**
 * Confident rows: the loss of class 0 of [g, 0, 0] is log1p(2 e^−g), which float32 arithmetic on
 * logSumExp(z) − z_0 returns as 0 from g = 17 on.
 */
const STEP = 1 / 16;
const GAPS = Float32Array.from({ length: 69 / STEP + 1 }, (_, i) => i * STEP);
const DATA = "[g, 0, 0], g = 0 … 69";

/**
 * @param {import("../harness/workload.ts").Engine} engine
 * @param {import("./worst.mjs").Worst} worst
 * @param {(result: { loss: number; grad: ArrayLike<number> }) => number} pick
 * @param {(g: number) => number} truthOf
 */
function measure(engine, worst, pick, truthOf) {
  for (const g of GAPS) {
    const { loss, grad } = engine.crossEntropy([[g, 0, 0]], [0], { grad: true });
    const truth = truthOf(g);
    const relative = Math.abs(pick({ loss, grad: grad.data }) / truth - 1);
    worst.add(relative, () => `g = ${g}: ${truth.toPrecision(4)}`);
  }
}

/** @type {import("./rows.mjs").Row[]} */
export const CONFIDENT_ROWS = [
  {
    operation: "crossEntropy, a confident row's loss",
    data: DATA,
    bound: "crossEntropyConfident",
    unit: "relative",
    measure: (engine, worst) =>
      measure(
        engine,
        worst,
        ({ loss }) => loss,
        (g) => Math.log1p(2 * Math.exp(-g)),
      ),
  },
  {
    operation: "crossEntropy, its gradient at the target",
    data: DATA,
    bound: "crossEntropyTargetGrad",
    unit: "relative",
    measure: (engine, worst) =>
      measure(
        engine,
        worst,
        ({ grad }) => grad[0],
        (g) => (-2 * Math.exp(-g)) / (1 + 2 * Math.exp(-g)),
      ),
  },
];

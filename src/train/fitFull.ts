/**
 * A fit of all rows at once: L-BFGS over the objective, whose loss and gradients kernels compute.
 */
import type { Engine } from "../engine.js";
import { lbfgs } from "../optimize/lbfgs.js";
import type { FitRules } from "./fitOptions.js";
import { Breath, type Fitted } from "./fitting.js";
import type { LinearPass, Rows } from "./linearPass.js";
import { once } from "./tensors.js";

export async function fitFull(
  engine: Engine,
  fn: string,
  pass: LinearPass,
  rows: Rows,
  weightSum: number,
  rules: FitRules,
): Promise<Fitted> {
  const breath = new Breath(fn, rules);
  const { weight, bias, gradWeight, gradBias } = pass;
  const count = rows.x.shape[0]!;
  const split = weight.length;
  const evaluate = (x: Float64Array): { value: number; gradient: Float64Array } => {
    weight.data.set(x.subarray(0, split));
    bias.data.set(x.subarray(split));
    const lossSum = engine.run(fn, (work) => {
      const run = pass.open(work, fn);
      return once(() => run(rows, 0, count, 1 / weightSum));
    });
    const gradient = new Float64Array(x.length);
    gradient.set(gradWeight.data);
    gradient.set(gradBias.data, split);
    let squares = 0;
    for (let i = 0; i < split; i++) {
      squares += x[i]! * x[i]!;
      gradient[i]! += rules.l2 * x[i]!;
    }
    return { value: lossSum / weightSum + (rules.l2 / 2) * squares, gradient };
  };
  const first = new Float64Array(split + bias.length);
  first.set(weight.data);
  first.set(bias.data, split);
  const { epochs: maxIterations, tolerance } = rules;
  const search = lbfgs(first, { maxIterations, tolerance, rounding: 1e-8 });
  let next = search.next();
  let steps = 0;
  while (!next.done) {
    const request = next.value;
    if (request.evaluate === undefined) {
      const { iterations, value } = request.state;
      rules.onProgress?.({ epoch: iterations, epochs: rules.epochs, steps, loss: value });
      breath.check();
      next = search.next();
    } else {
      steps++;
      next = search.next(evaluate(request.evaluate));
    }
    if (breath.spent) await breath.take();
  }
  const { at, iterations, stopped = "epochs" } = next.value;
  return {
    weight: Float32Array.from(at.subarray(0, split)),
    bias: Float32Array.from(at.subarray(split)),
    epochs: iterations,
    steps,
    stopped,
  };
}

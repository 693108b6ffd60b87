import { checkNumber, checkOptions, fail, shapeText } from "../check.js";
import type { Engine } from "../engine.js";
import { Tensor } from "../memory/tensor.js";
import { addresses, once } from "./linear.js";

export interface AdamOptions {
  /** Step size (default 1e-3). */
  readonly learningRate?: number | undefined;
  /** Decay of the mean of gradients (default 0.9). */
  readonly beta1?: number | undefined;
  /** Decay of the mean of squared gradients (default 0.999). */
  readonly beta2?: number | undefined;
  /** Added to the root in the denominator (default 1e-8). */
  readonly epsilon?: number | undefined;
}

/**
 * Adam, as PyTorch defines it and with its defaults:
 *
 *   m ← β1 · m + (1 − β1) · g,   v ← β2 · v + (1 − β2) · g²
 *   θ ← θ − learningRate · m̂ / (√v̂ + ε),   m̂ = m / (1 − β1^t),  v̂ = v / (1 − β2^t)
 *
 * The moments are tensors of the engine; `dispose()` gives them back.
 *
 * @throws {LogitsError} ERR_ARGUMENT_VALUE for a rate below 0, a decay outside [0, 1) or ε below 0.
 * @example
 * const adam = new Adam(engine, [weight, bias], { learningRate: 1e-2 });
 * adam.step([gradWeight, gradBias]);
 */
export class Adam {
  readonly #engine: Engine;
  readonly #parameters: readonly Tensor<"float32">[];
  readonly #moments: readonly { readonly m: Tensor<"float32">; readonly v: Tensor<"float32"> }[];
  readonly #rate: number;
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #epsilon: number;
  #steps = 0;

  constructor(engine: Engine, parameters: readonly Tensor<"float32">[], options?: AdamOptions) {
    const fn = "Adam";
    const given = checkOptions(fn, options, ["learningRate", "beta1", "beta2", "epsilon"]);
    const below1 = { min: 0, max: 1 - Number.EPSILON };
    this.#rate = checkNumber(fn, "learningRate", given.learningRate ?? 1e-3, { min: 0 });
    this.#beta1 = checkNumber(fn, "beta1", given.beta1 ?? 0.9, below1);
    this.#beta2 = checkNumber(fn, "beta2", given.beta2 ?? 0.999, below1);
    this.#epsilon = checkNumber(fn, "epsilon", given.epsilon ?? 1e-8, { min: 0 });
    this.#engine = engine;
    this.#parameters = [...parameters];
    parameters.forEach((parameter, i) => checkFloat32(fn, `parameters[${i}]`, parameter));
    this.#moments = parameters.map(({ shape }) => ({
      m: engine.tensor(shape),
      v: engine.tensor(shape),
    }));
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Updates every parameter from its gradient, in the order given to the constructor. */
  step(grads: readonly Tensor<"float32">[]): void {
    const fn = "Adam.step";
    if (!Array.isArray(grads) || grads.length !== this.#parameters.length) {
      fail("ERR_SHAPE", {
        fn,
        argument: "grads",
        expected: `must be a list of ${this.#parameters.length} tensors, one per parameter`,
        got: grads,
      });
    }
    grads.forEach((grad: unknown, i) => {
      const { shape } = this.#parameters[i]!;
      const given = checkFloat32(fn, `grads[${i}]`, grad);
      if (given.join() === shape.join()) return;
      fail("ERR_SHAPE", {
        fn,
        argument: `grads[${i}]`,
        expected: `must have its parameter's shape ${shapeText(shape)}`,
        gotText: `shape ${shapeText(given)}`,
      });
    });
    const t = this.#steps + 1;
    const rate = this.#rate / (1 - this.#beta1 ** t);
    const correction = Math.sqrt(1 - this.#beta2 ** t);
    this.#engine.run(fn, (work) => {
      const all = this.#parameters.map((parameter, i) => {
        const { m, v } = this.#moments[i]!;
        return {
          ...addresses(work, fn, { parameter, grad: grads[i]!, m, v }),
          n: parameter.length,
        };
      });
      return once(() => {
        for (const { parameter, grad, m, v, n } of all) {
          work.kernels.adamStep(
            parameter,
            grad,
            m,
            v,
            n,
            rate,
            this.#beta1,
            this.#beta2,
            correction,
            this.#epsilon,
          );
        }
      });
    });
    this.#steps = t;
  }

  /** Gives the moments' memory back. */
  dispose(): void {
    for (const { m, v } of this.#moments) {
      m.dispose();
      v.dispose();
    }
  }
}

function checkFloat32(fn: string, argument: string, value: unknown): readonly number[] {
  if (Tensor.is(value) && value.dtype === "float32") return value.shape;
  fail("ERR_ARGUMENT_TYPE", { fn, argument, expected: "must be a float32 Tensor", got: value });
}

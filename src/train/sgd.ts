import { checkBoolean, checkNumber, checkOptions, fail } from "../check.js";
import type { Engine } from "../engine.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import {
  type Moment,
  OPTIMIZER_OPTIONS,
  Optimizer,
  type OptimizerOptions,
  type Slot,
} from "./optimizer.js";

export interface SGDOptions extends OptimizerOptions {
  /** μ ≥ 0 (default 0: plain gradient descent). */
  readonly momentum?: number | undefined;
  /** Share of the gradient that momentum leaves out, after the first step (default 0). */
  readonly dampening?: number | undefined;
  /** Nesterov's momentum (default false); needs momentum and no dampening. */
  readonly nesterov?: boolean | undefined;
  /** Added to gradients: weightDecay · θ (default 0). */
  readonly weightDecay?: number | undefined;
}

const OPTIONS = [...OPTIMIZER_OPTIONS, "momentum", "dampening", "nesterov", "weightDecay"];

/**
 * Stochastic gradient descent, as PyTorch defines it and with its defaults:
 *
 *   g ← g + weightDecay · θ
 *   b ← momentum · b + (1 − dampening) · g   (in the first step b = g)
 *   θ ← θ − learningRate · b,  with nesterov θ ← θ − learningRate · (g + momentum · b)
 *
 * @param parameters - float32 tensors of the engine, updated in place.
 * @throws {LogitsError} ERR_ARGUMENT_VALUE for a number out of its range; ERR_ARGUMENT_TYPE for an
 *   option of the wrong kind.
 *
 * A gradient that is NaN makes its parameters NaN, as in PyTorch. Accuracy: 100 steps within 1e-5 of
 * float64.
 * @example
 * const sgd = new SGD(engine, [weight, bias], { learningRate: 0.1, momentum: 0.9 });
 * sgd.step([gradWeight, gradBias]);
 */
export class SGD extends Optimizer {
  readonly #momentum: number;
  readonly #dampening: number;
  readonly #nesterov: boolean;
  readonly #weightDecay: number;

  constructor(engine: Engine, parameters: readonly Tensor<"float32">[], options?: SGDOptions) {
    const fn = "SGD";
    const given = checkOptions(fn, options, OPTIONS);
    const momentum = checkNumber(fn, "momentum", given.momentum ?? 0, { min: 0 });
    const dampening = checkNumber(fn, "dampening", given.dampening ?? 0, {});
    const nesterov = checkBoolean(fn, "nesterov", given.nesterov ?? false);
    const weightDecay = checkNumber(fn, "weightDecay", given.weightDecay ?? 0, { min: 0 });
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      const expected = "must come with momentum and without dampening";
      const gotText = `momentum ${momentum} and dampening ${dampening}`;
      fail("ERR_ARGUMENT_VALUE", { fn, argument: "nesterov", expected, gotText });
    }
    super(fn, engine, parameters, given, momentum > 0 ? 1 : 0);
    this.#momentum = momentum;
    this.#dampening = dampening;
    this.#nesterov = nesterov;
    this.#weightDecay = weightDecay;
  }

  protected override update({ kernels }: Workspace, slot: Slot, moment: Moment): void {
    const { parameter, grad, state, length, l2 } = slot;
    const { t, rate, gradScale } = moment;
    const momentum = this.#momentum;
    const plain = momentum === 0 || this.#nesterov;
    kernels.sgdStep(
      parameter,
      grad,
      state[0] ?? 0,
      length,
      gradScale,
      this.#weightDecay + l2,
      plain ? rate : 0,
      momentum,
      t === 1 ? 1 : 1 - this.#dampening,
      this.#nesterov ? rate * momentum : rate,
    );
  }
}

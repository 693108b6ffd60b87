/**
 * What optimizers share: parameters and their state as tensors, gradients checked, clipping, the
 * learning rate of each step.
 */
import { checkNumber, fail } from "../check.js";
import type { Engine } from "../engine.js";
import { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import { type Schedule, readSchedule } from "./schedules.js";
import { checkMatrix, once } from "./tensors.js";

export interface OptimizerOptions {
  /** Step size, at least 0: a number, or a function of the steps taken (schedules.ts). */
  readonly learningRate?: number | Schedule | undefined;
  /** Gradients whose norm, taken together, is above it are scaled down to it (default none). */
  readonly clipNorm?: number | undefined;
}

export const OPTIMIZER_OPTIONS = ["learningRate", "clipNorm"] as const;

/** A parameter in linear memory with its gradient and state. */
export interface Slot {
  readonly parameter: number;
  readonly grad: number;
  readonly state: readonly number[];
  readonly length: number;
  /** Added to the gradient: l2 · θ. */
  readonly l2: number;
}

/** Numbers of one step. */
export interface Moment {
  /** Steps, this one included. */
  readonly t: number;
  readonly rate: number;
  readonly gradScale: number;
}

export abstract class Optimizer {
  readonly #engine: Engine;
  readonly #fn: string;
  readonly #parameters: readonly Tensor<"float32">[];
  readonly #states: readonly (readonly Tensor<"float32">[])[];
  readonly #schedule: Schedule;
  readonly #clipNorm: number;
  #steps = 0;

  /** `states`: tensors of a parameter's shape that the optimizer keeps for each. */
  protected constructor(
    fn: string,
    engine: Engine,
    parameters: readonly Tensor<"float32">[],
    options: OptimizerOptions,
    states: number,
  ) {
    this.#fn = fn;
    this.#engine = engine;
    this.#schedule = readSchedule(fn, "learningRate", options.learningRate ?? 1e-3);
    const above0 = { min: 0, above: true };
    this.#clipNorm =
      options.clipNorm === undefined ? 0 : checkNumber(fn, "clipNorm", options.clipNorm, above0);
    if (!Array.isArray(parameters)) {
      const expected = "must be a list of tensors";
      fail("ERR_ARGUMENT_TYPE", { fn, argument: "parameters", expected, got: parameters });
    }
    this.#parameters = [...parameters];
    parameters.forEach((parameter: unknown, i) => {
      if (Tensor.is(parameter) && parameter.dtype === "float32") return;
      const expected = "must be a float32 Tensor";
      const argument = `parameters[${i}]`;
      fail("ERR_ARGUMENT_TYPE", { fn, argument, expected, got: parameter });
    });
    this.#states = this.#makeStates(states);
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Updates every parameter from its gradient, in the order given to the constructor. Gradients are
   * left as they are.
   *
   * @throws {LogitsError} ERR_SHAPE if gradients do not fit; ERR_STATE for a dead or foreign tensor.
   */
  step(grads: readonly Tensor<"float32">[]): void {
    const fn = `${this.#fn}.step`;
    if (!Array.isArray(grads) || grads.length !== this.#parameters.length) {
      fail("ERR_SHAPE", {
        fn,
        argument: "grads",
        expected: `must be a list of ${this.#parameters.length} tensors, one per parameter`,
        got: grads,
      });
    }
    grads.forEach((grad: unknown, i) => {
      checkMatrix(fn, `grads[${i}]`, grad, this.#parameters[i]!.shape);
    });
    this.#engine.run(fn, (work) => once(this.prepare(work, fn, grads)));
  }

  /** The step as a function that may be called again and again within one call of the engine. */
  prepare(
    work: Workspace,
    fn: string,
    grads: readonly Tensor<"float32">[],
    l2: readonly number[] = [],
  ): () => void {
    const at = (tensor: Tensor, name: string): number =>
      Tensor.address(tensor, work.arena, fn, name);
    const slots = this.#parameters.map((parameter, i): Slot => ({
      parameter: at(parameter, `parameters[${i}]`),
      grad: at(grads[i]!, `grads[${i}]`),
      state: this.#states[i]!.map((state) => at(state, "optimizer")),
      length: parameter.length,
      l2: l2[i] ?? 0,
    }));
    return () => {
      const rate = this.#schedule(this.#steps);
      const gradScale = this.#clip(work, slots);
      const t = this.#steps + 1;
      for (const slot of slots) this.update(work, slot, { t, rate, gradScale });
      this.#steps = t;
    };
  }

  /** Calls the kernel for one parameter. */
  protected abstract update(work: Workspace, slot: Slot, moment: Moment): void;

  /** Gives the memory of the optimizer's state back. */
  dispose(): void {
    for (const state of this.#states) for (const tensor of state) tensor.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** PyTorch's clip_grad_norm_: scaled by clipNorm / (norm + 1e-6) where that is below 1. */
  #clip({ arena }: Workspace, slots: readonly Slot[]): number {
    if (this.#clipNorm === 0) return 1;
    const { f32 } = arena.views;
    let squares = 0;
    for (const { grad, length } of slots) {
      for (let i = grad / 4; i < grad / 4 + length; i++) squares += f32[i]! * f32[i]!;
    }
    return Math.min(1, this.#clipNorm / (Math.sqrt(squares) + 1e-6));
  }

  #makeStates(count: number): Tensor<"float32">[][] {
    const made: Tensor<"float32">[] = [];
    try {
      return this.#parameters.map(({ shape }) =>
        Array.from({ length: count }, () => {
          const state = this.#engine.tensor(shape);
          made.push(state);
          return state;
        }),
      );
    } catch (error) {
      for (const state of made) state.dispose();
      throw error;
    }
  }
}

/** A decay in [0, 1). */
export function checkDecay(fn: string, argument: string, value: number): number {
  return checkNumber(fn, argument, value, { min: 0, max: 1 - Number.EPSILON });
}

/**
 * Fits by mini-batches, and what every fit does now and then. They work on tensors of their own and hand
 * back parameters; the model is not touched.
 */
import { failState } from "../check.js";
import type { Engine } from "../engine.js";
import { turn } from "../parallel/turn.js";
import type { Optimizer } from "./optimizer.js";
import type { FitProgress, FitResult, FitRules } from "./fitOptions.js";
import type { LinearPass, OpenPass, Rows } from "./linearPass.js";
import { once } from "./tensors.js";

export interface Parameters {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

export interface Fitted extends Parameters {
  readonly epochs: number;
  readonly steps: number;
  readonly stopped: FitResult["stopped"];
}

/** How long a fit keeps the thread, ms. */
const SLICE = 12;

/** Gives the thread away now and then, and ends the fit where that is asked for. */
export class Breath {
  readonly #fn: string;
  readonly #rules: FitRules;
  #end = performance.now() + SLICE;

  constructor(fn: string, rules: FitRules) {
    this.#fn = fn;
    this.#rules = rules;
    this.check();
  }

  get spent(): boolean {
    return performance.now() >= this.#end;
  }

  async take(): Promise<void> {
    await turn();
    this.#end = performance.now() + SLICE;
    this.check();
  }

  check(): void {
    const { signal } = this.#rules;
    if (signal?.aborted !== true) return;
    failState("ERR_ABORTED", `${this.#fn}: the fit was cancelled`, signal.reason);
  }
}

/** Mean loss of the validation rows and share that is right, for given parameters. */
export type Judge = (parameters: Parameters) => { loss: number; accuracy: number };

/** Steps over one epoch's batches, with what a fit by mini-batches carries from epoch to epoch. */
export class Stepper {
  readonly #engine: Engine;
  readonly #fn: string;
  readonly #pass: LinearPass;
  readonly #optimizer: Optimizer;
  readonly #rules: FitRules;
  readonly #kept: Float32Array[];
  steps = 0;
  lossSum = 0;
  weightSum = 0;

  constructor(engine: Engine, fn: string, pass: LinearPass, optimizer: Optimizer, rules: FitRules) {
    this.#engine = engine;
    this.#fn = fn;
    this.#pass = pass;
    this.#optimizer = optimizer;
    this.#rules = rules;
    this.#kept = [pass.weight, pass.bias].map(({ data }) => Float32Array.from(data));
  }

  /** Parameters before the last step whose loss was finite. */
  get parameters(): Parameters {
    return { weight: this.#kept[0]!, bias: this.#kept[1]! };
  }

  /**
   * Steps until `spent` or the end: "more", "end", or "diverged" where a loss is not finite.
   *
   * @param next - brings the rows of a step into `batch` and returns their count, 0 for no more.
   * @param weightOf - Σ of the weights of the rows brought.
   */
  run(
    batch: Rows,
    next: () => number,
    weightOf: () => number,
    spent: () => boolean,
  ): "more" | "end" | "diverged" {
    const { gradWeight, gradBias } = this.#pass;
    const fn = this.#fn;
    return this.#engine.run(fn, (work) => {
      const run: OpenPass = this.#pass.open(work, fn);
      const step = this.#optimizer.prepare(work, fn, [gradWeight, gradBias], [this.#rules.l2, 0]);
      return once(() => {
        do {
          const count = next();
          if (count === 0) return "end";
          const total = weightOf();
          if (total === 0) continue;
          const lossSum = run(batch, 0, count, 1 / total);
          if (!Number.isFinite(lossSum)) return "diverged";
          this.lossSum += lossSum;
          this.weightSum += total;
          this.keep();
          step();
          this.steps++;
        } while (!spent());
        return "more";
      });
    });
  }

  /** Takes the parameters as they are for the last good ones. */
  keep(): void {
    this.#kept[0]!.set(this.#pass.weight.data);
    this.#kept[1]!.set(this.#pass.bias.data);
  }

  /** Whether every parameter is finite now. */
  get finite(): boolean {
    const { weight, bias } = this.#pass;
    return [weight, bias].every(({ data }) => data.every(Number.isFinite));
  }

  /** The epoch's mean loss, and a new epoch. */
  endEpoch(): number {
    const mean = this.lossSum / this.weightSum;
    this.lossSum = 0;
    this.weightSum = 0;
    return mean;
  }
}

/** What the loop over epochs asks of a {@link Stepper}. */
export type Steps = Pick<Stepper, "finite" | "endEpoch" | "keep" | "parameters" | "steps">;

/** Runs epochs until the rules say stop. */
export async function fitBatches(
  fn: string,
  stepper: Steps,
  rules: FitRules,
  judge: Judge | undefined,
  runEpoch: (breath: Breath) => Promise<"end" | "diverged">,
): Promise<Fitted> {
  const breath = new Breath(fn, rules);
  let best: Fitted | undefined;
  let least = Infinity;
  let since = 0;
  let epoch = 0;
  let stopped: FitResult["stopped"] = "epochs";
  while (epoch < rules.epochs) {
    if ((await runEpoch(breath)) === "diverged" || !stepper.finite) {
      stopped = "diverged";
      break;
    }
    epoch++;
    const loss = stepper.endEpoch();
    stepper.keep();
    const validation = judge?.(stepper.parameters);
    const { steps } = stepper;
    const progress: FitProgress = {
      epoch,
      epochs: rules.epochs,
      steps,
      loss,
      ...(validation && { validation }),
    };
    rules.onProgress?.(progress);
    breath.check();
    if (validation === undefined || rules.patience === Infinity) continue;
    if (validation.loss < least - rules.minDelta) {
      least = validation.loss;
      since = 0;
      const { weight, bias } = stepper.parameters;
      best = {
        weight: weight.slice(),
        bias: bias.slice(),
        epochs: epoch,
        steps,
        stopped: "earlyStopping",
      };
    } else if (++since >= rules.patience) {
      stopped = "earlyStopping";
      break;
    }
  }
  const { steps } = stepper;
  const last = { ...stepper.parameters, epochs: epoch, steps, stopped };
  return best && stopped !== "diverged" ? { ...best, epochs: epoch, steps, stopped } : last;
}

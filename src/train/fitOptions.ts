/**
 * What a fit can be told, checked.
 */
import { checkNumber, checkOptions, checkWord, fail } from "../check.js";
import type { Engine } from "../engine.js";
import type { Tensor } from "../memory/tensor.js";
import type { Logits } from "../types.js";
import { Adam, AdamW } from "./adam.js";
import type { ClassTargets } from "./classes.js";
import { Optimizer } from "./optimizer.js";
import { type Schedule, readSchedule } from "./schedules.js";
import { SGD } from "./sgd.js";

/** An optimizer by name, with its defaults, or made from the parameters (weight, bias). */
export type OptimizerChoice =
  | "lbfgs"
  | "sgd"
  | "adam"
  | "adamw"
  | ((engine: Engine, parameters: readonly Tensor<"float32">[]) => Optimizer);

/** As much of an AbortSignal as is used. */
export interface FitSignal {
  readonly aborted: boolean;
  readonly reason?: unknown;
}

export interface FitProgress {
  /** Epochs done, from 1; iterations of "lbfgs". */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps of the optimizer done. */
  readonly steps: number;
  /** Mean loss of the epoch's batches, each before its step; with "lbfgs" the objective. */
  readonly loss: number;
  /** Of the validation rows, where there are any. */
  readonly validation?: { readonly loss: number; readonly accuracy: number };
}

export interface FitOptions {
  /** Replaces the classifier's choice. */
  readonly optimizer?: OptimizerChoice | undefined;
  /** Replaces the classifier's penalty. */
  readonly l2?: number | undefined;
  /** Of an optimizer that is given by name (default that of the optimizer). */
  readonly learningRate?: number | Schedule | undefined;
  /** Most passes over the rows (default 100); iterations of "lbfgs" (default 1000). */
  readonly epochs?: number | undefined;
  /** Rows of a step, at least 1 (default 32); more than there are: one batch of all. */
  readonly batchSize?: number | undefined;
  /** Rows to judge by after every epoch. */
  readonly validation?:
    { readonly features: Logits; readonly targets: ClassTargets | Logits } | undefined;
  /** Ends after `patience` epochs without a lower validation loss, and takes the best parameters. */
  readonly earlyStopping?:
    { readonly patience: number; readonly minDelta?: number | undefined } | undefined;
  /** Orders the rows of each epoch (default 0). */
  readonly seed?: number | undefined;
  /** "lbfgs" ends where no entry of the gradient is above it (default 1e-7). */
  readonly tolerance?: number | undefined;
  /** Hears of every epoch. What it throws ends the fit, and the model stays as it was. */
  readonly onProgress?: ((progress: FitProgress) => void) | undefined;
  /** Ends the fit with ERR_ABORTED, and the model stays as it was. */
  readonly signal?: FitSignal | undefined;
}

export interface FitResult {
  /** Epochs (iterations of "lbfgs") and steps done. */
  readonly epochs: number;
  readonly steps: number;
  /** Mean loss over the rows + (l2 / 2) · ‖weight‖² of the parameters taken; NaN for a stream. */
  readonly objective: number;
  /**
   * "converged": the gradient is at its tolerance or rounding; "epochs": all were done; "earlyStopping";
   * "diverged": loss or parameters were no longer finite at step `steps`, and those before it are taken.
   */
  readonly stopped: "converged" | "epochs" | "earlyStopping" | "diverged";
}

const OPTIONS = [
  "optimizer",
  "l2",
  "learningRate",
  "epochs",
  "batchSize",
  "validation",
  "earlyStopping",
  "seed",
  "tolerance",
  "onProgress",
  "signal",
] as const;

export interface FitRules extends Omit<FitOptions, "earlyStopping" | "learningRate"> {
  readonly optimizer: OptimizerChoice;
  readonly l2: number;
  readonly learningRate: Schedule | undefined;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly tolerance: number;
  readonly patience: number;
  readonly minDelta: number;
}

export function readFitOptions(
  fn: string,
  options: FitOptions | undefined,
  defaults: { readonly optimizer: OptimizerChoice; readonly l2: number },
): FitRules {
  const given = checkOptions(fn, options, OPTIONS);
  const optimizer = readOptimizer(fn, given.optimizer ?? defaults.optimizer);
  const whole = { min: 1, integer: true };
  const early =
    given.earlyStopping &&
    checkOptions(fn, given.earlyStopping as Record<string, unknown>, ["patience", "minDelta"]);
  if (early && given.validation === undefined) {
    const expected = "must come with validation";
    fail("ERR_ARGUMENT_VALUE", { fn, argument: "earlyStopping", expected, gotText: "none" });
  }
  for (const [name, type] of [
    ["onProgress", "function"],
    ["signal", "object"],
  ] as const) {
    // prettier-ignore
    const value: unknown = given[name];
    if (value === undefined || (typeof value === type && value !== null)) continue;
    fail("ERR_ARGUMENT_TYPE", { fn, argument: name, expected: `must be a ${type}`, got: value });
  }
  const { learningRate } = given;
  return {
    optimizer,
    l2: checkNumber(fn, "l2", given.l2 ?? defaults.l2, { min: 0 }),
    learningRate:
      learningRate === undefined ? undefined : readSchedule(fn, "learningRate", learningRate),
    epochs: checkNumber(fn, "epochs", given.epochs ?? (optimizer === "lbfgs" ? 1000 : 100), whole),
    batchSize: checkNumber(fn, "batchSize", given.batchSize ?? 32, whole),
    validation: given.validation,
    seed: checkNumber(fn, "seed", given.seed ?? 0, { integer: true }),
    tolerance: checkNumber(fn, "tolerance", given.tolerance ?? 1e-7, { min: 0 }),
    patience: early
      ? checkNumber(fn, "earlyStopping.patience", early["patience"], whole)
      : Infinity,
    minDelta: checkNumber(fn, "earlyStopping.minDelta", early?.["minDelta"] ?? 0, { min: 0 }),
    onProgress: given.onProgress,
    signal: given.signal,
  };
}

export function readOptimizer(fn: string, value: unknown): OptimizerChoice {
  if (typeof value === "function") return value as OptimizerChoice;
  return checkWord(fn, "optimizer", value, ["lbfgs", "sgd", "adam", "adamw"] as const);
}

/** Makes the optimizer of mini-batches. */
export function makeOptimizer(
  fn: string,
  engine: Engine,
  rules: FitRules,
  parameters: readonly Tensor<"float32">[],
): Optimizer {
  const { optimizer, learningRate } = rules;
  const options = learningRate && { learningRate };
  if (typeof optimizer !== "function") {
    const Chosen = { lbfgs: SGD, sgd: SGD, adam: Adam, adamw: AdamW }[optimizer];
    return new Chosen(engine, parameters, options);
  }
  const made: unknown = optimizer(engine, parameters);
  if (made instanceof Optimizer) return made;
  const expected = "must return an optimizer of logits/train";
  return fail("ERR_ARGUMENT_TYPE", { fn, argument: "optimizer", expected, got: made });
}

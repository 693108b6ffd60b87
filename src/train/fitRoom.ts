/**
 * What both kinds of fits share: the tensors they fill, and what they hand back.
 */
import type { Engine } from "../engine.js";
import type { Tensor } from "../memory/tensor.js";
import type { Logits } from "../types.js";
import type { ClassTargets, Classes } from "./classes.js";
import { evaluated } from "./evaluated.js";
import { type Scaling, copyRows } from "./features.js";
import type { FitResult, FitRules } from "./fitOptions.js";
import type { Fitted, Judge, Parameters } from "./fitting.js";
import type { Kind, LinearPass, Rows } from "./linearPass.js";
import { logitsOf } from "./predictions.js";
import { type Problem, readProblem } from "./problem.js";

/** What stays the same over fits. */
export interface Setup {
  readonly kind: Kind;
  readonly classes: Classes;
  readonly outputs: number;
  readonly classWeight: Float32Array | undefined;
  readonly standardize: boolean;
}

export interface Model extends Parameters {
  readonly classes: Classes;
  readonly features: number;
  readonly scaling: Scaling | undefined;
  readonly objective: number;
}

export interface Batch {
  readonly features: Logits;
  readonly targets: ClassTargets | Logits;
}
export type Batches = Iterable<Batch> | AsyncIterable<Batch>;

export type Outcome = { readonly model: Model; readonly result: FitResult };

export function outcome(
  { classes }: Setup,
  { weight, bias, epochs, steps, stopped }: Fitted,
  features: number,
  scaling: Scaling | undefined,
  objective: number,
): Outcome {
  return {
    model: { weight, bias, classes, features, scaling, objective },
    result: { epochs, steps, objective, stopped },
  };
}

export function penalty(l2: number, weight: Float32Array): number {
  let squares = 0;
  for (const w of weight) squares += w * w;
  return (l2 / 2) * squares;
}

export function fill(pass: LinearPass, { weight, bias }: Parameters): void {
  pass.weight.data.set(weight);
  pass.bias.data.set(bias);
}

export function makeRows(
  engine: Engine,
  { kind, outputs }: Setup,
  { rowWeights }: Problem,
  count: number,
  features: number,
  keep: <T extends Tensor>(tensor: T) => T,
): Rows {
  const x = keep(engine.tensor([count, features]));
  const y: Tensor =
    kind === "softmax"
      ? keep(engine.tensor([count], "int32"))
      : keep(engine.tensor([count, outputs]));
  const weights = kind === "binary" && rowWeights ? keep(engine.tensor([count, 1])) : undefined;
  return { x, y, weights };
}

export function copyInto(
  { x, y, weights }: Rows,
  { features, classOf, labels, rowWeights }: Problem,
  scaling: Scaling | undefined,
  from: number,
  count: number,
): void {
  copyRows(features, scaling, from, count, x.data);
  (y.data as Float32Array | Int32Array).set(labels ?? classOf!);
  if (rowWeights) weights?.data.set(rowWeights);
}

export function judgeOf(
  engine: Engine,
  fn: string,
  { kind, classes, outputs }: Setup,
  { validation }: FitRules,
  features: number,
  scaling: Scaling | undefined,
): Judge | undefined {
  if (validation === undefined) return undefined;
  const { features: x, targets } = validation;
  const problem = readProblem(engine, fn, kind, classes, x, targets, features);
  return (parameters) => {
    const data = logitsOf(engine, fn, problem.features, scaling, parameters);
    const logits = { data, shape: [problem.features.rows, outputs], dtype: "float32" } as const;
    const { loss, accuracy } = evaluated(engine, kind, logits, problem);
    return { loss, accuracy };
  };
}

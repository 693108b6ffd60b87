import { fail } from "../check.js";
import type { Engine } from "../engine.js";
import { readClassWeights } from "../inputs/lossOptions.js";
import type { Logits } from "../types.js";
import { type ClassName, Classes } from "./classes.js";
import { readMatrix } from "./features.js";
import type { OptimizerChoice } from "./fitOptions.js";
import type { Kind } from "./linearPass.js";
import type { ClassWeight } from "./problem.js";
import { once } from "./tensors.js";

export interface LinearClassifierOptions {
  /** "softmax": one of several classes (default); "binary": one of two, by one logit; "multiLabel". */
  readonly kind?: Kind | undefined;
  /** How many, or their names; found in the targets of the first fit where it is not given. */
  readonly classes?: number | readonly ClassName[] | undefined;
  /** λ ≥ 0 of the penalty (λ / 2) · ‖weight‖² (default 0). The bias is not penalised. */
  readonly l2?: number | undefined;
  /** Default "lbfgs", or "adam" for streams. */
  readonly optimizer?: OptimizerChoice | undefined;
  /** Weight of each class in the loss, or "balanced" (default all 1). */
  readonly classWeight?: ClassWeight | undefined;
  /** Whether features are brought to mean 0 and deviation 1, as found in the fit (default false). */
  readonly standardize?: boolean | undefined;
  /** Whether a fit begins at the parameters of the last one (default false). */
  readonly warmStart?: boolean | undefined;
}

export const CLASSIFIER_OPTIONS = [
  "kind",
  "classes",
  "l2",
  "optimizer",
  "classWeight",
  "standardize",
  "warmStart",
] as const;

/** Classes by number or names, as many as the kind wants. */
export function readClasses(fn: string, kind: Kind, classes: unknown): Classes {
  const counted = new Classes(fn, classes, kind === "multiLabel" ? 1 : 2);
  if (kind !== "binary" || counted.count === 2) return counted;
  const expected = 'must be 2 with kind "binary"';
  return fail("ERR_ARGUMENT_VALUE", { fn, argument: "classes", expected, got: counted.count });
}

/** The classes that targets hold: their names in order, or the columns of labels. */
export function findClasses(engine: Engine, fn: string, kind: Kind, targets: unknown): Classes {
  if (kind === "multiLabel") {
    return readClasses(fn, kind, readMatrix(engine, fn, "targets", targets as Logits).columns);
  }
  const found = Classes.found(targets);
  if (found.length >= 2) return readClasses(fn, kind, found);
  return fail("ERR_ARGUMENT_VALUE", {
    fn,
    argument: "targets",
    expected: "must hold at least two classes",
    gotText: String(found.length),
    remedy: "pass classes to the classifier",
  });
}

/** Weights of classes that are given as numbers, finite and at least 0. */
export function readWeights(
  engine: Engine,
  fn: string,
  classes: Classes,
  classWeight: ClassWeight | undefined,
): Float32Array | undefined {
  if (classWeight === undefined || classWeight === "balanced") return undefined;
  return engine.run(fn, ({ arena }) => {
    const weights = readClassWeights(fn, classWeight, classes.count, arena, "classWeight");
    const at = weights?.findIndex((weight) => weight < 0) ?? -1;
    if (at >= 0) {
      const expected = "must be at least 0";
      const argument = `classWeight[${at}]`;
      fail("ERR_ARGUMENT_VALUE", { fn, argument, expected, got: weights![at], index: at });
    }
    return once(() => weights);
  });
}

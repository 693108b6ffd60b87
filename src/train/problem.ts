/**
 * Features and targets of a fit or judgement, checked and encoded: what the three kinds of classifier
 * differ in.
 */
import { fail, shapeText } from "../check.js";
import type { Engine } from "../engine.js";
import type { Logits } from "../types.js";
import type { Classes } from "./classes.js";
import { type Matrix, checkFinite, readMatrix } from "./features.js";
import type { Kind } from "./linearPass.js";

export interface Problem {
  readonly features: Matrix;
  /** Classes (softmax, binary), or labels (rows, outputs). */
  readonly classOf: Int32Array | undefined;
  readonly labels: Float32Array | undefined;
  /** Weight of each row; undefined where all are 1. */
  readonly rowWeights: Float32Array | undefined;
  /** Σ of the weights of rows, or of elements where labels are independent. */
  readonly weightSum: number;
}

/** "balanced": rows / (classes · rows of the class), so that every class weighs the same. */
export type ClassWeight = "balanced" | readonly number[] | Float32Array | Float64Array;

export function readProblem(
  engine: Engine,
  fn: string,
  kind: Kind,
  classes: Classes,
  features: Logits,
  targets: unknown,
  columns: number | undefined,
  classWeight?: Float32Array,
): Problem {
  const matrix = readMatrix(engine, fn, "features", features, columns);
  checkFinite(fn, "features", matrix);
  const { rows } = matrix;
  if (rows === 0) {
    const expected = "must have at least one row";
    fail("ERR_SHAPE", { fn, argument: "features", expected, gotText: "none" });
  }
  if (kind === "multiLabel") {
    const labels = readMatrix(engine, fn, "targets", targets as Logits, classes.count);
    if (labels.rows !== rows) {
      const expected = `must have shape ${shapeText([rows, classes.count])}`;
      const gotText = `shape ${shapeText([labels.rows, labels.columns])}`;
      fail("ERR_SHAPE", { fn, argument: "targets", expected, gotText });
    }
    labels.data.forEach((label, i) => {
      if (label >= 0 && label <= 1) return;
      const argument = `targets[${Math.floor(i / classes.count)}][${i % classes.count}]`;
      fail("ERR_ARGUMENT_VALUE", {
        fn,
        argument,
        expected: "must be in [0, 1]",
        got: label,
        index: i,
      });
    });
    const weightSum = labels.data.length;
    return { features: matrix, classOf: undefined, labels: labels.data, rowWeights: undefined, weightSum }; // prettier-ignore
  }
  const classOf = classes.indices(fn, targets, rows);
  const rowWeights = classWeight && Float32Array.from(classOf, (y) => classWeight[y]!);
  let weightSum = rows;
  if (rowWeights) {
    weightSum = 0;
    for (const weight of rowWeights) weightSum += weight;
    if (!(weightSum > 0)) {
      const expected = "must leave weight to some row";
      fail("ERR_ARGUMENT_VALUE", { fn, argument: "classWeight", expected, gotText: "none" });
    }
  }
  const labels = kind === "binary" ? Float32Array.from(classOf) : undefined;
  return { features: matrix, classOf, labels, rowWeights, weightSum };
}

/** One weight per class. */
export function balancedWeights(classOf: Int32Array, classes: number): Float32Array {
  const counts = new Float64Array(classes);
  for (const y of classOf) counts[y]!++;
  const present = counts.filter((count) => count > 0).length;
  return Float32Array.from(counts, (count) =>
    count === 0 ? 0 : classOf.length / (present * count),
  );
}

/**
 * Logits of a classifier judged against targets, and turned into answers.
 */
import type { Engine } from "../engine.js";
import type { ArrayResult } from "../types.js";
import type { Kind } from "./linearPass.js";
import type { Problem } from "./problem.js";

export interface Evaluated {
  /** Mean loss over rows (over labels where they are independent), without penalty or weights. */
  readonly loss: number;
  /** Share of rows, or of labels, that are right. */
  readonly accuracy: number;
  /** Rows. */
  readonly count: number;
}

export function evaluated(
  engine: Engine,
  kind: Kind,
  logits: ArrayResult,
  { classOf, labels }: Problem,
): Evaluated {
  const count = logits.shape[0]!;
  let right = 0;
  if (kind === "softmax") {
    const { loss } = engine.crossEntropy(logits, classOf!);
    const { data } = engine.argmax(logits);
    for (let i = 0; i < count; i++) if (data[i] === classOf![i]) right++;
    return { loss, accuracy: right / count, count };
  }
  const { loss } = engine.binaryCrossEntropyWithLogits(logits, labels!);
  const { data } = logits;
  for (let i = 0; i < data.length; i++) if (data[i]! > 0 === labels![i]! > 0.5) right++;
  return { loss, accuracy: right / data.length, count };
}

/** Probabilities: softmax; of both classes; of each label. */
export function probabilitiesOf(engine: Engine, kind: Kind, logits: ArrayResult): ArrayResult {
  if (kind === "softmax") return engine.softmax(logits);
  if (kind === "multiLabel") return engine.sigmoid(logits);
  const rows = logits.shape[0]!;
  const both = new Float32Array(2 * rows);
  for (let i = 0; i < rows; i++) {
    both[2 * i] = 0 - logits.data[i]!;
    both[2 * i + 1] = logits.data[i]!;
  }
  return engine.sigmoid({ data: both, shape: [rows, 2] });
}

/** Scores and yes/no labels of a binary calibration, checked. */
import { checkNumber, fail } from "../check.js";

export interface BinaryScores {
  readonly s: Float64Array;
  readonly positive: Uint8Array;
}

export function readScores(
  fn: string,
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
): BinaryScores {
  for (const [argument, value] of [
    ["scores", scores],
    ["labels", labels],
  ] as const) {
    if (!Array.isArray(value) && !ArrayBuffer.isView(value)) {
      fail("ERR_ARGUMENT_TYPE", { fn, argument, expected: "must be an array", got: value });
    }
  }
  if (labels.length !== scores.length) {
    fail("ERR_SHAPE", {
      fn,
      argument: "labels.length",
      expected: `must be the number of scores = ${scores.length}`,
      gotText: String(labels.length),
    });
  }
  const unit = { min: 0, max: 1, integer: true };
  return {
    s: Float64Array.from(scores, (v, i) => checkNumber(fn, `scores[${i}]`, v, {})),
    positive: Uint8Array.from(labels, (v, i) => checkNumber(fn, `labels[${i}]`, v, unit)),
  };
}

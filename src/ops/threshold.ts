import { checkNumber, checkOptions } from "../check.js";
import { readArray } from "../inputs/array.js";
import { placeResult } from "../inputs/result.js";
import type { Job } from "../memory/job.js";
import { elementLayout } from "../memory/layout.js";
import { RowSink } from "../memory/sink.js";
import { Source } from "../memory/source.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { ArrayResult, Logits } from "../types.js";

export interface ThresholdOptions {
  /** Probability from which on the answer is yes, in [0, 1] (default 0.5). */
  readonly probability?: number | undefined;
}

export interface ThresholdMethods {
  /**
   * Decisions from logits: whether the probability reaches a threshold.
   *
   *   σ(x) ≥ p  ⇔  x ≥ ln(p / (1 − p))
   *
   * Compares logits; no sigmoid is computed, so decisions do not depend on its rounding.
   *
   * @param logits - any shape, one logit per yes/no question.
   * @param options - `probability` p in [0, 1] (0.5).
   * @returns uint8 array of the logits' shape, 1 for yes; a Tensor where the logits are one.
   * @throws {LogitsError} as sigmoid.
   *
   * Special values: NaN → 0. p = 0 → 1 for every number; p = 1 → 1 for +∞ only.
   * @example
   * engine.threshold([1.2, -0.3]).data; // Uint8Array [1, 0]
   */
  threshold(logits: Tensor, options?: ThresholdOptions): Tensor<"uint8">;
  threshold(logits: Logits, options?: ThresholdOptions): ArrayResult<Uint8Array>;
}

export function threshold(
  work: Workspace,
  logits: Logits,
  options?: ThresholdOptions,
): Job<unknown> {
  const fn = "threshold";
  const given = checkOptions(fn, options, ["probability"]);
  const p = checkNumber(fn, "probability", given.probability ?? 0.5, { min: 0, max: 1 });
  const array = readArray(fn, "logits", logits, work.arena);
  const layout = elementLayout(array.shape);
  const place = placeResult(work, {
    fn,
    argument: "out",
    out: undefined,
    shape: array.shape,
    dtype: "uint8",
    logits: array,
  });
  const bound = leastFloat32(Math.log(p) - Math.log1p(-p));
  return {
    rows: layout.rows,
    classes: 1,
    operands: [new Source(work, array, layout), new RowSink(work, 1, place)],
    run: (kernels, { ptr, rows }) => kernels.threshold(ptr[0]!, ptr[1]!, rows, bound),
    finish: () => place.result,
  };
}

/** The least float32 that is not below `value`: float32 logits reach the one iff the other. */
function leastFloat32(value: number): number {
  const near = Math.fround(value);
  if (near >= value || !Number.isFinite(near)) return near;
  // The next float32 above: one step of the bit pattern, upwards for positive, downwards else.
  const bits = new Int32Array(1);
  const float = new Float32Array(bits.buffer);
  float[0] = near;
  bits[0]! += near >= 0 ? 1 : -1;
  return float[0];
}

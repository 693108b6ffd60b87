import { checkBoolean, checkOptions } from "../check.js";
import { readArray } from "../inputs/array.js";
import { placeResult } from "../inputs/result.js";
import type { Job } from "../memory/job.js";
import { checkClasses, layoutOf, reducedShape } from "../memory/layout.js";
import { RowSink } from "../memory/sink.js";
import { Source } from "../memory/source.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { ArrayResult, Logits } from "../types.js";

export interface ArgmaxOptions {
  /** The class axis; negative counts from the end (default −1). */
  readonly axis?: number | undefined;
  /** Keep the class axis with length 1 (default false). */
  readonly keepDims?: boolean | undefined;
}

export interface ArgmaxMethods {
  /**
   * Index of the greatest logit: the predicted class.
   *
   *   min { j : z_ij = max_c z_ic }
   *
   * @param logits - any shape; `axis` names the class axis.
   * @param options - `axis` (−1), `keepDims` (false).
   * @returns int32 array of the shape without the class axis; a Tensor where the logits are one.
   * @throws {LogitsError} as softmax.
   *
   * Special values: the lowest index wins ties; NaN counts as greatest and the first NaN wins.
   * @example
   * engine.argmax([[0.5, 1.5, 0.1], [2.2, 1.3, 1.7]]).data; // Int32Array [1, 0]
   */
  argmax(logits: Tensor, options?: ArgmaxOptions): Tensor<"int32">;
  argmax(logits: Logits, options?: ArgmaxOptions): ArrayResult<Int32Array>;
}

export function argmax(work: Workspace, logits: Logits, options?: ArgmaxOptions): Job<unknown> {
  const fn = "argmax";
  const given = checkOptions(fn, options, ["axis", "keepDims"]);
  const keepDims = checkBoolean(fn, "keepDims", given.keepDims ?? false);
  const array = readArray(fn, "logits", logits, work.arena);
  const layout = layoutOf(fn, array.shape, given.axis);
  checkClasses(fn, layout);
  const place = placeResult(work, {
    fn,
    argument: "out",
    out: undefined,
    shape: reducedShape(layout, keepDims),
    dtype: "int32",
    logits: array,
  });
  return {
    rows: layout.rows,
    classes: layout.classes,
    operands: [new Source(work, array, layout), new RowSink(work, 4, place)],
    run: (kernels, { ptr, rows }) => kernels.argmaxRows(ptr[0]!, ptr[1]!, rows, layout.classes),
    segments: {
      enter: (kernels, { ptr }, from, count) => kernels.argmaxSegment(ptr[0]!, count, from),
      close: (kernels, { ptr }) => kernels.argmaxClose(ptr[1]!),
    },
    finish: () => place.result,
  };
}

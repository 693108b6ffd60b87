/**
 * The plan shared by operations on single elements: x ↦ f(x), float32 to float32, any shape.
 */
import { checkOptions } from "../check.js";
import { readArray } from "../inputs/array.js";
import { placeResult } from "../inputs/result.js";
import type { Job } from "../memory/job.js";
import { elementLayout } from "../memory/layout.js";
import { Sink } from "../memory/sink.js";
import { Source } from "../memory/source.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits } from "../types.js";

export interface ElementwiseOptions<Out = Tensor | Float32Array | undefined> {
  /** Where to write; may be the logits themselves. */
  readonly out?: Out;
}

type ElementwiseKernel = "sigmoid" | "logSigmoid" | "softplus";

/** The job of one element-wise kernel. */
export function planElementwise(
  work: Workspace,
  kernel: ElementwiseKernel,
  logits: Logits,
  options: ElementwiseOptions | undefined,
): Job<unknown> {
  const given = checkOptions(kernel, options, ["out"]);
  const array = readArray(kernel, "logits", logits, work.arena);
  const layout = elementLayout(array.shape);
  const place = placeResult(work, {
    fn: kernel,
    argument: "out",
    out: given.out,
    shape: array.shape,
    dtype: "float32",
    logits: array,
  });
  return {
    rows: layout.rows,
    classes: 1,
    operands: [new Source(work, array, layout), new Sink(work, layout, place)],
    run: (kernels, { ptr, rows }) => kernels[kernel](ptr[0]!, ptr[1]!, rows),
    finish: () => place.result,
  };
}

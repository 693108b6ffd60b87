import { checkOptions, checkWord } from "../check.js";
import { type TemperatureOption, readAdjustment } from "../inputs/adjustment.js";
import { readArray } from "../inputs/array.js";
import { placeResult } from "../inputs/result.js";
import type { Job } from "../memory/job.js";
import { inColumns, layoutOf } from "../memory/layout.js";
import { Sink } from "../memory/sink.js";
import { Source } from "../memory/source.js";
import type { ResidentKernel } from "../memory/residentCall.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { ArrayResult, Logits } from "../types.js";

export interface SoftmaxOptions<Out = Tensor | Float32Array | undefined> extends TemperatureOption {
  /** The class axis; negative counts from the end (default −1). */
  readonly axis?: number | undefined;
  /** What a row of −∞ only becomes: NaN as in PyTorch (default), or probability 0 throughout. */
  readonly allMasked?: "nan" | "zero" | undefined;
  /** Where to write; may be the logits themselves. */
  readonly out?: Out;
}

export interface SoftmaxMethods {
  /**
   * Probabilities of classes from logits.
   *
   *   p_ij = e^(z_ij / T) / Σ_c e^(z_ic / T)
   *
   * For two classes given as one logit use {@link SigmoidMethods.sigmoid}; where a logarithm
   * follows use {@link LogSoftmaxMethods.logSoftmax}, which does not underflow.
   *
   * @param logits - any shape, unnormalised; `axis` names the class axis.
   * @param options - `axis` (−1), `temperature` T > 0 (1), `allMasked` ("nan"), `out`.
   * @returns an array of the logits' shape, float32: a Tensor where the logits or `out` are one.
   * @throws {LogitsError} ERR_ARGUMENT_TYPE or ERR_ARGUMENT_VALUE for a wrong argument; ERR_SHAPE
   *   if lengths disagree; ERR_STATE for a disposed tensor.
   *
   * Special values: −∞ beside a finite logit → exactly 0. A row with NaN or +∞ → NaN, that row
   * only. A row of −∞ only → NaN, or 0 with allMasked "zero". Results below 2^-126 may be 0.
   * Accuracy: at most 4 ULP for results above 2^-126 and |z| ≤ 2000, any offset, any C.
   * @example
   * engine.softmax([2.5, 0.3, -1.2]).data; // Float32Array [0.8806, 0.0976, 0.0218]
   */
  softmax(logits: Tensor, options?: SoftmaxOptions<Tensor | undefined>): Tensor<"float32">;
  softmax(logits: Logits, options: SoftmaxOptions<Tensor>): Tensor<"float32">;
  softmax(logits: Logits, options?: SoftmaxOptions<Float32Array | undefined>): ArrayResult;
}

const OPTIONS = ["axis", "temperature", "allMasked", "out"] as const;

export function softmax(work: Workspace, logits: Logits, options?: SoftmaxOptions): Job<unknown> {
  return planSoftmax(
    work,
    "softmax",
    logits,
    options,
    ({ classes, maskedZero, table, columns }) => ({
      run(kernels, { ptr, rows }) {
        if (columns)
          kernels.softmaxShortRows(ptr[0]!, ptr[1]!, rows, classes, true, maskedZero, table);
        else kernels.softmaxRows(ptr[0]!, ptr[1]!, rows, classes, maskedZero, table);
      },
      segments: {
        divisible: true,
        enter: (kernels, { ptr }, from, count, keep) =>
          kernels.softmaxSegment(ptr[0]!, keep ? ptr[1]! : 0, count, from, table),
        close: (kernels) => kernels.softmaxClose(classes, table),
        write(kernels, { ptr }, from, count, kept) {
          if (!kept) kernels.softmaxSegment(ptr[0]!, ptr[1]!, count, from, table);
          kernels.softmaxWrite(ptr[1]!, count, from, maskedZero, table);
        },
      },
    }),
  );
}

/** What the kernels of softmax and logSoftmax are given beside the rows. */
interface SoftmaxCall {
  readonly classes: number;
  readonly maskedZero: boolean;
  readonly table: number;
  /** Whether rows come as columns. */
  readonly columns: boolean;
}

/** The plan of softmax and of logSoftmax, which differ in their kernels. */
export function planSoftmax(
  work: Workspace,
  fn: string,
  logits: Logits,
  options: SoftmaxOptions | undefined,
  kernelsOf: (call: SoftmaxCall) => Pick<Job<unknown>, "run" | "segments">,
): Job<unknown> {
  const given = checkOptions(fn, options, OPTIONS);
  const maskedZero = readAllMasked(fn, given.allMasked);
  const adjustment = readAdjustment(fn, given.temperature);
  const array = readArray(fn, "logits", logits, work.arena);
  const layout = layoutOf(fn, array.shape, given.axis);
  const place = placeResult(work, {
    fn,
    argument: "out",
    out: given.out,
    shape: array.shape,
    dtype: "float32",
    logits: array,
  });
  const { classes } = layout;
  const table = work.rowTable(classes);
  const columns = inColumns(layout);
  return {
    rows: classes === 0 ? 0 : layout.rows,
    classes,
    operands: [
      new Source(work, array, layout, adjustment, columns),
      new Sink(work, layout, place, false, columns),
    ],
    ...kernelsOf({ classes, maskedZero, table, columns }),
    finish: () => place.result,
  };
}

/** From tensors into a tensor, without other options. */
export const softmaxResident: ResidentKernel = (kernels, zPtr, outPtr, rows, classes, tablePtr) =>
  kernels.softmaxRows(zPtr, outPtr, rows, classes, false, tablePtr);

/** Whether a row of −∞ only becomes zeros. */
function readAllMasked(fn: string, value: unknown = "nan"): boolean {
  return checkWord(fn, "allMasked", value, ["nan", "zero"]) === "zero";
}

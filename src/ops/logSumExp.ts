import { checkBoolean, checkOptions, fail, shapeText, sizeOf } from "../check.js";
import { readArray } from "../inputs/array.js";
import { placeResult } from "../inputs/result.js";
import type { ArrayInput } from "../memory/array.js";
import type { Job } from "../memory/job.js";
import { type Layout, inColumns, layoutOf, reducedShape } from "../memory/layout.js";
import { PermutedSource } from "../memory/permutedSource.js";
import { RowSink } from "../memory/sink.js";
import { Source } from "../memory/source.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { ArrayResult, Logits } from "../types.js";

export interface LogSumExpOptions<Out = Tensor | Float32Array | undefined> {
  /** The axis or axes summed over; negative counts from the end (default −1). */
  readonly axis?: number | readonly number[] | undefined;
  /** Keep the summed axes with length 1 (default false). */
  readonly keepDims?: boolean | undefined;
  /** Where to write. */
  readonly out?: Out;
}

export interface LogSumExpMethods {
  /**
   * Logarithm of the sum of exponentials.
   *
   *   lse_i = ln Σ_j e^(z_ij)
   *
   * @param logits - any shape; one or several axes are summed over.
   * @param options - `axis` (−1, or a list), `keepDims` (false), `out`.
   * @returns an array of the shape without those axes, float32; summing every axis gives shape [].
   * @throws {LogitsError} as softmax; ERR_ARGUMENT_VALUE for an axis named twice.
   *
   * Special values: no elements, or −∞ only → −∞. +∞ → +∞. NaN → NaN.
   * Accuracy: at most 1e-7 + 1 ULP, and 1.6e-7 + 1 ULP for 64 classes and fewer.
   * @example
   * engine.logSumExp([1, 2, 3]).data[0]; // 3.4076
   */
  logSumExp(logits: Tensor, options?: LogSumExpOptions<Tensor | undefined>): Tensor<"float32">;
  logSumExp(logits: Logits, options: LogSumExpOptions<Tensor>): Tensor<"float32">;
  logSumExp(logits: Logits, options?: LogSumExpOptions<Float32Array | undefined>): ArrayResult;
}

const fn = "logSumExp";

export function logSumExp(
  work: Workspace,
  logits: Logits,
  options?: LogSumExpOptions,
): Job<unknown> {
  const given = checkOptions(fn, options, ["axis", "keepDims", "out"]);
  const keepDims = checkBoolean(fn, "keepDims", given.keepDims ?? false);
  const array = readArray(fn, "logits", logits, work.arena);
  const { source, columns, rows, shape } = readAxes(work, array, given.axis, keepDims);
  const place = placeResult(work, {
    fn,
    argument: "out",
    out: given.out,
    shape,
    dtype: "float32",
    logits: array,
  });
  const { classes } = source;
  const table = work.rowTable(classes);
  return {
    rows,
    classes,
    operands: [source, new RowSink(work, 4, place)],
    run(kernels, { ptr, rows: count }) {
      if (columns) kernels.logSumExpShortRows(ptr[0]!, ptr[1]!, count, classes, true, table);
      else kernels.logSumExpRows(ptr[0]!, ptr[1]!, count, classes, table);
    },
    segments: {
      divisible: true,
      enter: (kernels, { ptr }, from, count) =>
        kernels.logSumExpSegment(ptr[0]!, count, from, table),
      close: (kernels, { ptr }) => kernels.logSumExpClose(ptr[1]!, classes, table),
    },
    finish: () => place.result,
  };
}

interface Axes {
  readonly source: Source | PermutedSource;
  /** Whether the source gives columns. */
  readonly columns: boolean;
  readonly rows: number;
  readonly shape: number[];
}

/** The rows to sum over and the shape of the result, for one axis or several. */
function readAxes(work: Workspace, array: ArrayInput, option: unknown, keepDims: boolean): Axes {
  if (!Array.isArray(option)) {
    const layout = layoutOf(fn, array.shape, option);
    return { ...axisOf(work, array, layout), shape: reducedShape(layout, keepDims) };
  }
  const axes = option.map((axis: unknown) => layoutOf(fn, array.shape, axis).axis);
  axes.sort((a, b) => a - b);
  if (new Set(axes).size < axes.length) {
    fail("ERR_ARGUMENT_VALUE", {
      fn,
      argument: "axis",
      expected: "must name each axis once",
      gotText: `[${option.join(", ")}] for shape ${shapeText(array.shape)}`,
    });
  }
  const shape = keepDims
    ? array.shape.map((size, i) => (axes.includes(i) ? 1 : size))
    : array.shape.filter((_, i) => !axes.includes(i));
  const neighbours = axes.every((axis, i) => axis === axes[0]! + i);
  if (!neighbours || axes.length === 0) {
    const source = new PermutedSource(work, array, axes);
    return { source, columns: false, rows: source.rows, shape };
  }
  const first = axes[0]!;
  const past = first + axes.length;
  const joined = [
    ...array.shape.slice(0, first),
    sizeOf(array.shape.slice(first, past)),
    ...array.shape.slice(past),
  ];
  const layout = layoutOf(fn, joined, first);
  return { ...axisOf(work, array, layout), shape };
}

function axisOf(work: Workspace, array: ArrayInput, layout: Layout): Omit<Axes, "shape"> {
  const columns = inColumns(layout);
  const source = new Source(work, array, layout, undefined, columns);
  return { source, columns, rows: layout.rows };
}

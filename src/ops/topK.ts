import { checkBoolean, checkNumber, checkOptions } from "../check.js";
import { readArray } from "../inputs/array.js";
import { type Place, type ResultDType, placeResult } from "../inputs/result.js";
import type { Job, Operand, Tile } from "../memory/job.js";
import { type Layout, layoutOf, withClasses } from "../memory/layout.js";
import { Sink } from "../memory/sink.js";
import { Source } from "../memory/source.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { ArrayResult, Logits } from "../types.js";
import type { Kernels } from "../wasm/exports.js";

export interface TopKOptions {
  /** The class axis; negative counts from the end (default −1). */
  readonly axis?: number | undefined;
  /** The greatest (default) or, with false, the smallest. */
  readonly largest?: boolean | undefined;
}

export interface TopKMethods {
  /**
   * The k greatest (or smallest) logits of each row with their class indices, best first.
   *
   * @param logits - any shape; `axis` names the class axis.
   * @param k - from 0 to the length of that axis.
   * @param options - `axis` (−1), `largest` (true).
   * @returns `values` (float32) and `indices` (int32), of the logits' shape with k along the axis;
   *   Tensors where the logits are one.
   * @throws {LogitsError} ERR_ARGUMENT_VALUE for k outside [0, classes]; else as softmax.
   *
   * Special values: the lower index comes first among ties. NaN counts as greatest: first with
   * `largest`, last without. −0 equals 0 and comes back as 0.
   * @example
   * engine.topK([0.1, 0.7, 0.2], 2).indices.data; // Int32Array [1, 2]
   */
  topK(
    logits: Tensor,
    k: number,
    options?: TopKOptions,
  ): { readonly values: Tensor<"float32">; readonly indices: Tensor<"int32"> };
  topK(
    logits: Logits,
    k: number,
    options?: TopKOptions,
  ): { readonly values: ArrayResult; readonly indices: ArrayResult<Int32Array> };
}

export function topK(
  work: Workspace,
  logits: Logits,
  k: number,
  options?: TopKOptions,
): Job<unknown> {
  const fn = "topK";
  const given = checkOptions(fn, options, ["axis", "largest"]);
  const largest = checkBoolean(fn, "largest", given.largest ?? true);
  const array = readArray(fn, "logits", logits, work.arena);
  const layout = layoutOf(fn, array.shape, given.axis);
  checkNumber(fn, "k", k, { min: 0, max: layout.classes, integer: true });
  const best = withClasses(layout, k);
  const place = (dtype: ResultDType): Place =>
    placeResult(work, {
      fn,
      argument: "out",
      out: undefined,
      shape: best.shape,
      dtype,
      logits: array,
    });
  const values = place("float32");
  const indices = place("int32");
  const source = new Source(work, array, layout);
  const sinks = [values, indices].map((each) => new Sink(work, best, each, true));
  const finish = (): unknown => ({ values: values.result, indices: indices.result });
  const most = work.wholeClasses;
  if (k > most) return inPasses(work, source, sinks, layout, { k, most, largest }, finish);
  const heap = work.scratch(k * 8);
  return {
    rows: k === 0 ? 0 : layout.rows,
    classes: layout.classes,
    operands: [source, ...sinks],
    run: (kernels, { ptr, rows }) =>
      kernels.topKRows(ptr[0]!, ptr[1]!, ptr[2]!, rows, layout.classes, k, largest, heap),
    segments: {
      enter: (kernels, { ptr }, from, count) =>
        kernels.topKSegment(ptr[0]!, count, from, k, largest, heap),
      close: (kernels, { ptr }) => kernels.topKClose(ptr[1]!, ptr[2]!, k, largest, heap),
    },
    finish,
  };
}

/**
 * A k too large for one heap: every row is gone through ⌈k / most⌉ times, each time for the next
 * `most` of its best. To the engine each pass is a row of its own.
 */
function inPasses(
  work: Workspace,
  source: Source,
  sinks: readonly Sink[],
  { rows, classes }: Layout,
  { k, most, largest }: { k: number; most: number; largest: boolean },
  finish: () => unknown,
): Job<unknown> {
  const passes = Math.ceil(k / most);
  const rowOf = (pass: number): number => Math.floor(pass / passes);
  const from = (pass: number): number => (pass % passes) * most;
  const found = (pass: number): number => Math.min(most, k - from(pass));
  const heap = work.block(most * 8);
  const again: Operand = {
    rowBytes: source.rowBytes,
    classes,
    resident: 0,
    load: (pass, _rows, first, count, at, scratch) =>
      source.load(rowOf(pass), 1, first, count, at, scratch),
  };
  const enter = (kernels: Kernels, { row, ptr }: Tile, first: number, count: number): void => {
    if (first === 0 && row % passes > 0) kernels.topKResume();
    kernels.topKSegment(ptr[0]!, count, first, found(row), largest, heap);
  };
  const close = (kernels: Kernels, { row, ptr }: Tile): void =>
    kernels.topKClose(ptr[1]!, ptr[2]!, found(row), largest, heap);
  const parts = sinks.map<Operand>((sink) => ({
    rowBytes: most * 4,
    classes: most,
    whole: true,
    resident: 0,
    store: (pass, _rows, _first, _count, at, scratch) =>
      sink.store(rowOf(pass), 1, from(pass), found(pass), at, scratch),
  }));
  return {
    rows: rows * passes,
    classes,
    operands: [again, ...parts],
    run(kernels, tile) {
      enter(kernels, tile, 0, classes); // a row longer than `most` is a tile of its own
      close(kernels, tile);
    },
    segments: { enter, close },
    finish,
  };
}

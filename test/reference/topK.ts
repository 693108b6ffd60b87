/**
 * The k greatest logits of each row (or the k smallest), best first, the lowest index first in ties.
 *
 * NaN counts as greatest: first for the greatest, last for the smallest. −0 equals 0. The results
 * have the logits' shape with k in place of the axis length. Values are the logits themselves.
 */
import { compareLogits } from "./order.ts";
import { axisOf, checkSize, type Numbers, readRow, rowsOf, sizeOf } from "./rows.ts";

export interface TopKOptions {
  readonly axis?: number;
  readonly largest?: boolean;
}

export interface TopK {
  readonly values: Float64Array;
  readonly indices: Int32Array;
  readonly shape: readonly number[];
}

export function topK(
  logits: Numbers,
  shape: readonly number[],
  k: number,
  { axis = -1, largest = true }: TopKOptions = {},
): TopK {
  checkSize(logits, shape);
  const rows = rowsOf(shape, axis);
  if (!Number.isInteger(k) || k < 0 || k > rows.classes) throw new RangeError(`k = ${k}`);
  const place = axisOf(shape, axis);
  const outShape = shape.length === 0 && k === 1 ? [] : shape.with(place, k);
  const out = rowsOf(outShape, axis);
  const values = new Float64Array(sizeOf(outShape));
  const indices = new Int32Array(sizeOf(outShape));
  for (let i = 0; i < rows.rows; i++) {
    const z = readRow(logits, rows, i);
    const sign = largest ? -1 : 1;
    // Array.prototype.sort is stable: equal logits stay in the order of their indices.
    const order = Array.from(z.keys()).sort(
      (a, b) => sign * compareLogits(z[a] as number, z[b] as number),
    );
    order.slice(0, k).forEach((j, rank) => {
      const at = (out.rowOffsets[i] as number) + (out.classOffsets[rank] as number);
      values[at] = z[j] as number;
      indices[at] = j;
    });
  }
  return { values, indices, shape: outShape };
}

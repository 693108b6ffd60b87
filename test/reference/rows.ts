/**
 * Rows of an array of any shape along any axis, or along several.
 *
 *   element (row r, class c) stands at  rowOffsets[r] + classOffsets[c]
 *
 * With one axis k the shape splits into (outer, classes, inner) = (Π_{d<k}, shape_k, Π_{d>k}), and
 * the rows come in the order of the shape without that axis: the order of targets and losses.
 * Shape [] is one element with one axis.
 */

/** Numbers in any flat container. */
export type Numbers = ArrayLike<number>;

export interface Rows {
  readonly rows: number;
  readonly classes: number;
  readonly rowOffsets: Int32Array;
  readonly classOffsets: Int32Array;
  /** The shape without the reduced axes; [] stays []. */
  readonly rowShape: readonly number[];
}

/** Number of elements of a shape; 1 for []. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** The axis counted from the front. Throws RangeError outside of [−rank, rank). */
export function axisOf(shape: readonly number[], axis: number): number {
  const rank = Math.max(1, shape.length);
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new RangeError(`axis ${axis} is not an axis of shape [${shape.join(", ")}]`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** (outer, classes, inner) of a shape split at one axis. */
export function splitShape(
  shape: readonly number[],
  axis = -1,
): { outer: number; classes: number; inner: number } {
  const k = axisOf(shape, axis);
  return {
    outer: sizeOf(shape.slice(0, k)),
    classes: shape[k] ?? 1,
    inner: sizeOf(shape.slice(k + 1)),
  };
}

/** Rows along one axis or several. Several axes are joined in the order of the shape. */
export function rowsOf(shape: readonly number[], axis: number | readonly number[] = -1): Rows {
  const axes = typeof axis === "number" ? [axis] : axis;
  const reduced = new Set(axes.map((one) => axisOf(shape, one)));
  const dimensions = shape.map((length, k) => ({
    length,
    stride: sizeOf(shape.slice(k + 1)),
    reduced: reduced.has(k),
  }));
  const kept = dimensions.filter((dimension) => !dimension.reduced);
  const rowOffsets = offsetsOf(kept);
  const classOffsets = offsetsOf(dimensions.filter((dimension) => dimension.reduced));
  return {
    rows: rowOffsets.length,
    classes: classOffsets.length,
    rowOffsets,
    classOffsets,
    rowShape: kept.map((dimension) => dimension.length),
  };
}

/** Offsets of all index tuples of the given dimensions, the last one fastest. */
function offsetsOf(dimensions: readonly { length: number; stride: number }[]): Int32Array {
  let offsets = new Int32Array(1);
  for (const { length, stride } of dimensions) {
    const next = new Int32Array(offsets.length * length);
    offsets.forEach((offset, i) => {
      for (let j = 0; j < length; j++) next[i * length + j] = offset + j * stride;
    });
    offsets = next;
  }
  return offsets;
}

/** The logits of one row as float64. */
export function readRow(data: Numbers, rows: Rows, row: number): Float64Array {
  const start = rows.rowOffsets[row] as number;
  return Float64Array.from(rows.classOffsets, (offset) => data[start + offset] as number);
}

/** Puts one row's values back in their places. */
export function writeRow(out: Float64Array, rows: Rows, row: number, values: Numbers): void {
  const start = rows.rowOffsets[row] as number;
  rows.classOffsets.forEach((offset, c) => {
    out[start + offset] = values[c] as number;
  });
}

/** out = f(row), for every row of `data`; the result has the layout of `data`. */
export function mapRows(
  data: Numbers,
  shape: readonly number[],
  axis: number,
  f: (row: Float64Array) => Numbers,
): Float64Array {
  checkSize(data, shape);
  const rows = rowsOf(shape, axis);
  const out = new Float64Array(sizeOf(shape));
  for (let i = 0; i < rows.rows; i++) writeRow(out, rows, i, f(readRow(data, rows, i)));
  return out;
}

/** Throws RangeError unless `data` fills `shape`; a mistake of the test itself. */
export function checkSize(data: Numbers, shape: readonly number[]): void {
  if (data.length !== sizeOf(shape)) {
    throw new RangeError(`${data.length} elements do not fill shape [${shape.join(", ")}]`);
  }
}

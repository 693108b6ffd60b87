/**
 * Features as training sees them: rows of finite float32 in JavaScript memory, standardised on the way.
 */
import { fail, shapeText } from "../check.js";
import type { Engine } from "../engine.js";
import { readArray } from "../inputs/array.js";
import { elementsOf, makeArray } from "../memory/array.js";
import { elementReader } from "../memory/half.js";
import type { Logits } from "../types.js";
import { once } from "./tensors.js";

export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** Reads (rows, columns); `columns` undefined for any. A bare array is one row. */
export function readMatrix(
  engine: Engine,
  fn: string,
  argument: string,
  value: Logits,
  columns?: number,
): Matrix {
  return engine.run(fn, ({ arena }) => {
    const array = readArray(fn, argument, value, arena, argument === "targets");
    const { shape, length } = array;
    const width = shape[shape.length - 1] ?? 0;
    if (shape.length > 2 || width === 0 || (columns !== undefined && width !== columns)) {
      fail("ERR_SHAPE", {
        fn,
        argument,
        expected: `must have shape [rows, ${columns ?? "columns"}]`,
        gotText: `shape ${shapeText(shape)}`,
      });
    }
    return once(() => {
      const plain = array.encoding === "number";
      let data: Float32Array;
      if (plain && array.isFloat32 && !array.address)
        data = elementsOf(array, arena.memory) as Float32Array;
      else {
        data = makeArray(fn, Float32Array, length);
        if (plain) data.set(elementsOf(array, arena.memory));
        else {
          const read = elementReader(array, arena.memory);
          for (let i = 0; i < length; i++) data[i] = read(i);
        }
      }
      return { data, rows: shape.length === 1 ? 1 : shape[0]!, columns: width };
    });
  });
}

/** Refuses NaN and infinities, with their place. */
export function checkFinite(fn: string, argument: string, { data, columns }: Matrix): void {
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    fail("ERR_ARGUMENT_VALUE", {
      fn,
      argument: `${argument}[${Math.floor(i / columns)}][${i % columns}]`,
      expected: "must be finite",
      got: data[i],
      index: i,
    });
  }
}

/** Features become (x − mean) / deviation, column by column. */
export interface Scaling {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** Mean and population standard deviation of each column; a constant column has deviation 1. */
export function scalingOf({ data, rows, columns }: Matrix): Scaling {
  const mean = new Float64Array(columns);
  const deviation = new Float64Array(columns);
  for (let i = 0; i < data.length; i++) mean[i % columns]! += data[i]! / rows;
  for (let i = 0; i < data.length; i++)
    deviation[i % columns]! += (data[i]! - mean[i % columns]!) ** 2;
  for (let d = 0; d < columns; d++) {
    const root = Math.sqrt(deviation[d]! / rows);
    // What is below the rounding of the mean is the constant's own error.
    deviation[d] = root > 1e-7 * Math.abs(mean[d]!) ? root : 1;
  }
  return { mean, deviation };
}

/** Rows [from, from + rows), scaled, into `out`. */
export function copyRows(
  { data, columns }: Matrix,
  scaling: Scaling | undefined,
  from: number,
  rows: number,
  out: Float32Array,
): void {
  const start = from * columns;
  if (scaling === undefined) {
    out.set(data.subarray(start, start + rows * columns));
    return;
  }
  const { mean, deviation } = scaling;
  for (let i = 0, d = 0; i < rows * columns; i++) {
    out[i] = (data[start + i]! - mean[d]!) / deviation[d]!;
    if (++d === columns) d = 0;
  }
}

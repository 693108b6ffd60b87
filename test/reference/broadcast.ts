/**
 * Broadcasting of an array against a shape, as NumPy and PyTorch: axes are matched from the last
 * one on; a length of 1, or no axis at all, is repeated.
 *
 *   out[i_1 … i_n] = data[i_{n−r+1} · (r_1 ≠ 1) … i_n · (r_r ≠ 1)],   r = the array's own shape
 */
import { checkSize, type Numbers, sizeOf } from "./rows.ts";

/** A number, a flat array (one axis), or an array with its shape. */
export type Broadcastable =
  number | Numbers | { readonly data: Numbers; readonly shape: readonly number[] };

export function broadcast(value: Broadcastable, shape: readonly number[]): Float64Array {
  if (typeof value === "number") return new Float64Array(sizeOf(shape)).fill(value);
  const own = "data" in value ? value : { data: value, shape: [value.length] };
  checkSize(own.data, own.shape);
  const missing = shape.length - own.shape.length;
  const fits = own.shape.every((length, k) => length === 1 || length === shape[k + missing]);
  const single = own.data.length === 1 && shape.length === 0;
  if ((missing < 0 && !single) || !fits) {
    throw new RangeError(`[${own.shape.join(", ")}] does not broadcast to [${shape.join(", ")}]`);
  }
  return Float64Array.from({ length: sizeOf(shape) }, (_unused, flat) => {
    let rest = flat;
    let index = 0;
    let stride = 1;
    for (let k = own.shape.length - 1; k >= 0; k--) {
      const length = own.shape[k] as number;
      const along = shape[k + missing] ?? 1;
      if (length !== 1) index += (rest % along) * stride;
      rest = Math.floor(rest / along);
      stride *= length;
    }
    return own.data[index] as number;
  });
}

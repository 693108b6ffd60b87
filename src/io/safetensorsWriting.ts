/**
 * Headers of .safetensors files: tensors in the order given, data aligned to 8 bytes.
 */
import { type RowDType, ELEMENTS } from "./dtype.js";
import { SAFETENSORS_DTYPES } from "./safetensors.js";

export interface NamedTensor {
  readonly name: string;
  readonly dtype: RowDType;
  readonly shape: readonly number[];
}

const CODES = Object.fromEntries(
  Object.entries(SAFETENSORS_DTYPES)
    .filter(([code]) => code !== "BOOL")
    .map(([code, dtype]) => [dtype, code]),
) as Record<RowDType, string>;

/** @param room - a header without numbers has this much space for them, so that they may change */
export function safetensorsHeader(tensors: readonly NamedTensor[], room = 0): Buffer {
  let end = 0;
  let digits = 0;
  const entries = tensors.map(({ name, dtype, shape }): [string, object] => {
    const start = end;
    end += shape.reduce((size, dimension) => size * dimension, ELEMENTS[dtype].bytes);
    digits += `${shape[0]}${start}${end}`.length;
    return [name, { dtype: CODES[dtype], shape, data_offsets: [start, end] }];
  });
  const text = JSON.stringify(Object.fromEntries(entries));
  const bytes = Buffer.byteLength(text);
  const length = Math.ceil((room === 0 ? bytes : bytes - digits + room) / 8) * 8;
  const header = Buffer.alloc(8 + length, " ", "latin1");
  header.writeBigUInt64LE(BigInt(length));
  header.write(text, 8, "utf8");
  return header;
}

/**
 * The one form every array argument is brought into before memory is touched.
 */
import type { Arena } from "./arena.js";
import { failState, typedArrayTag } from "../check.js";
import type { Shape } from "../types.js";
import type { Tensor } from "./tensor.js";

export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** How elements are stored; "number" is any array whose elements are the numbers themselves. */
export type Encoding = "number" | "float16" | "bfloat16";

/** Where an argument's elements lie; results must not overlap it by chance. */
export interface Region {
  readonly data: Pick<NumericArray, "buffer" | "byteOffset" | "BYTES_PER_ELEMENT">;
  readonly length: number;
  /** Where the data is in the engine's linear memory, else 0. */
  readonly address: number;
}

export interface ArrayInput extends Region {
  readonly data: NumericArray;
  readonly encoding: Encoding;
  readonly shape: Shape;
  /** The handle, where the argument was one: results are then Tensors too. */
  readonly tensor?: Tensor | undefined;
  /** Whether elements are float32, the type of kernels. */
  readonly isFloat32: boolean;
}

const ARRAYS = {
  Float32Array,
  Float64Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
} as const;

/**
 * Elements [from, from + count) as they lie now. A view of linear memory is made anew, since growth
 * detaches those made before it.
 */
export function elementsOf(
  { data, address, length }: ArrayInput,
  memory: WebAssembly.Memory,
  from = 0,
  count = length - from,
): NumericArray {
  if (!address) return data.subarray(from, from + count);
  const View = ARRAYS[typedArrayTag(data) as keyof typeof ARRAYS];
  return new View(memory.buffer, address + from * View.BYTES_PER_ELEMENT, count);
}

/** A new array in JavaScript memory; a size the host refuses is a typed error. */
export function makeArray<A>(fn: string, View: new (length: number) => A, length: number): A {
  try {
    return new View(length);
  } catch (cause) {
    return failState(
      "ERR_OUT_OF_MEMORY",
      `${fn}: JavaScript memory has no room for an array of ${length} elements; work in smaller batches`,
      cause,
    );
  }
}

/** The same numbers, unless other threads or growth of linear memory can reach them. */
export function lentView(values: Int32Array, arena: Arena): Int32Array | undefined {
  const { buffer, byteOffset, length } = values;
  if (!(buffer instanceof ArrayBuffer) || arena.holds(buffer)) return undefined;
  return new Int32Array(buffer, byteOffset, length);
}

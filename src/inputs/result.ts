/**
 * Where an array result goes: `out` if given, a new Tensor if the logits were one, else a new array
 * in JavaScript memory. Overlap of a result with an input is allowed only element on element.
 */
import { fail, shapeText, sizeOf, typedArrayTag } from "../check.js";
import { type ArrayInput, type Region, makeArray } from "../memory/array.js";
import type { ResultArray } from "../memory/sink.js";
import { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { ArrayResult, Shape } from "../types.js";

export type ResultDType = "float32" | "int32" | "uint8";

const ARRAYS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array } as const;

/** A place for a result and what the caller gets back. */
export interface Place {
  /** The array in JavaScript memory, or undefined where the result lies in linear memory. */
  readonly data: ResultArray | undefined;
  /** Address in linear memory, else 0. */
  readonly address: number;
  readonly result: Tensor | ArrayResult<ResultArray>;
}

export interface PlaceRequest {
  readonly fn: string;
  readonly argument: string;
  /** The caller's array, or undefined for a new one. */
  readonly out: unknown;
  readonly shape: Shape;
  readonly dtype: ResultDType;
  /** The logits: may coincide with `out` where both are float32. */
  readonly logits: ArrayInput;
  /** Other inputs: must not touch `out` at all. */
  readonly others?: readonly (Region | undefined)[];
}

export function placeResult(work: Workspace, request: PlaceRequest): Place {
  const { out, shape, dtype, logits } = request;
  if (out !== undefined) return placeOut(work, request);
  if (logits.tensor) {
    const tensor = work.tensor(shape, dtype);
    return { data: undefined, address: Tensor.address(tensor, work.arena, "", ""), result: tensor };
  }
  const data = makeArray<ResultArray>(request.fn, ARRAYS[dtype], sizeOf(shape));
  return { data, address: 0, result: arrayResult(data, shape, dtype) };
}

/** A placed result as an input, for the check that another result does not overlap it. */
export function inputOf(place: Place): ArrayInput {
  const { shape } = place.result;
  const data = place.data ?? (place.result as Tensor).data;
  const { length } = data;
  return { data, encoding: "number", shape, length, address: place.address, isFloat32: true };
}

function arrayResult(
  data: ResultArray,
  shape: Shape,
  dtype: ResultDType,
): ArrayResult<ResultArray> {
  return { data, shape, dtype } as ArrayResult<ResultArray>;
}

function placeOut(work: Workspace, request: PlaceRequest): Place {
  const { fn, argument, out, shape, dtype } = request;
  const size = sizeOf(shape);
  const wanted = `must be a ${ARRAYS[dtype].name} or ${dtype} Tensor of at least ${size} elements`;
  if (Tensor.is(out)) {
    const address = Tensor.address(out, work.arena, fn, argument);
    if (out.dtype !== dtype || out.length < size) {
      fail(out.dtype === dtype ? "ERR_SHAPE" : "ERR_ARGUMENT_TYPE", {
        fn,
        argument,
        expected: wanted,
        gotText: `a tensor of ${out.dtype} with shape ${shapeText(out.shape)}`,
      });
    }
    checkOverlap(request, undefined, address, size * ARRAYS[dtype].BYTES_PER_ELEMENT);
    work.arena.uses?.write(address, fn, argument);
    return { data: undefined, address, result: out };
  }
  const tag = typedArrayTag(out);
  if (tag !== ARRAYS[dtype].name) {
    fail("ERR_ARGUMENT_TYPE", { fn, argument, expected: wanted, got: out });
  }
  const data = out as ResultArray;
  if (data.length < size) fail("ERR_SHAPE", { fn, argument, expected: wanted, got: out });
  if (work.arena.holds(data.buffer)) {
    fail("ERR_ARGUMENT_VALUE", {
      fn,
      argument,
      expected: "must not be a view into the engine's memory",
      got: out,
      remedy: "pass the Tensor itself",
    });
  }
  checkOverlap(request, data.buffer, data.byteOffset, size * data.BYTES_PER_ELEMENT);
  return { data, address: 0, result: arrayResult(data, shape, dtype) };
}

/** `buffer` undefined stands for linear memory. */
function checkOverlap(
  request: PlaceRequest,
  buffer: ArrayBufferLike | undefined,
  start: number,
  bytes: number,
): void {
  const { fn, argument, logits, others = [] } = request;
  const refuse = (name: string): never =>
    fail("ERR_ARGUMENT_VALUE", {
      fn,
      argument,
      expected: `must not overlap ${name}`,
      gotText: "memory that both share",
      remedy: "pass an array of its own, or the logits array itself",
    });
  const meets = (input: Region): boolean => {
    const from = input.address || input.data.byteOffset;
    const same = input.address ? buffer === undefined : input.data.buffer === buffer;
    return (
      same && from < start + bytes && start < from + input.length * input.data.BYTES_PER_ELEMENT
    );
  };
  if (meets(logits)) {
    const from = logits.address || logits.data.byteOffset;
    const whole = from === start && bytes === logits.length * 4;
    if (!whole || !logits.isFloat32 || request.dtype !== "float32") refuse("the logits partly");
  }
  for (const other of others) if (other && meets(other)) refuse("another argument");
}

/**
 * Reads an array argument of any accepted form: Tensor, { data, shape | dims, dtype | type }, typed
 * array, number[] or nested number[]. Every property is read once; nothing is changed.
 */
import { checkShape, fail, shapeText, sizeOf, typedArrayTag } from "../check.js";
import { type ArrayInput, type Encoding, type NumericArray, makeArray } from "../memory/array.js";
import type { Arena } from "../memory/arena.js";
import { Tensor } from "../memory/tensor.js";
import type { Shape } from "../types.js";

const FLOATS = ["Float32Array", "Float64Array", "Float16Array"];
const INTEGERS = [
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
];

const FORMS =
  "must be a Tensor, { data, shape }, a Float32Array or Float64Array, or an array of numbers";

/**
 * @param integers - whether integer arrays are taken as numbers (labels), or refused (logits)
 */
export function readArray(
  fn: string,
  argument: string,
  value: unknown,
  arena: Arena,
  integers = false,
): ArrayInput {
  if (Tensor.is(value)) return readTensor(fn, argument, value, arena, integers);
  if (typedArrayTag(value) !== undefined || isPlainArray(value)) {
    return isPlainArray(value)
      ? readNested(fn, argument, value)
      : readTyped(fn, argument, value, undefined, undefined, arena, integers);
  }
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) {
    fail("ERR_ARGUMENT_TYPE", { fn, argument, expected: FORMS, got: value });
  }
  const { data, shape, dims, dtype, type } = value as Record<string, unknown>;
  const given = shape ?? dims;
  if (given === undefined || data === undefined || data === null) {
    fail("ERR_ARGUMENT_TYPE", {
      fn,
      argument,
      expected: FORMS,
      gotText:
        data === undefined || data === null ? "an object without data" : "an object without shape",
    });
  }
  const checked = checkShape(fn, `${argument}.shape`, given);
  const kind = dtype ?? type;
  if (isPlainArray(data)) {
    const flat = readNested(fn, `${argument}.data`, data);
    checkLength(fn, argument, flat.length, checked);
    return { ...flat, shape: checked };
  }
  return readTyped(
    fn,
    argument,
    data,
    checked,
    typeof kind === "string" ? kind : undefined,
    arena,
    integers,
  );
}

function isPlainArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function readTensor(
  fn: string,
  argument: string,
  tensor: Tensor,
  arena: Arena,
  integers: boolean,
): ArrayInput {
  const address = Tensor.address(tensor, arena, fn, argument);
  const { dtype, shape, length } = tensor;
  if (!integers && (dtype === "int32" || dtype === "uint8")) {
    fail("ERR_ARGUMENT_TYPE", {
      fn,
      argument,
      expected: "must hold floating-point numbers",
      gotText: `a tensor of ${dtype}`,
    });
  }
  const encoding: Encoding = dtype === "float16" || dtype === "bfloat16" ? dtype : "number";
  const isFloat32 = dtype === "float32";
  return { data: tensor.data, encoding, shape, length, tensor, address, isFloat32 };
}

function readTyped(
  fn: string,
  argument: string,
  value: unknown,
  shape: Shape | undefined,
  kind: string | undefined,
  arena: Arena,
  integers: boolean,
): ArrayInput {
  const tag = typedArrayTag(value);
  const half = kind === "float16" || kind === "bfloat16" ? kind : undefined;
  if (tag === "BigInt64Array" || tag === "BigUint64Array") {
    if (!integers) refuse(fn, argument, value);
    const given = value as BigInt64Array;
    const numbers = makeArray(fn, Float64Array, given.length);
    for (let i = 0; i < numbers.length; i++) numbers[i] = Number(given[i]);
    return readTyped(fn, argument, numbers, shape, undefined, arena, integers);
  }
  const isHalf = tag === "Float16Array" || (half !== undefined && tag === "Uint16Array");
  const known = tag !== undefined && (FLOATS.includes(tag) || INTEGERS.includes(tag));
  if (!known || (!isHalf && !integers && !FLOATS.includes(tag))) refuse(fn, argument, value);
  const typed = value as NumericArray;
  if (typed.length === 0) checkAttached(fn, argument, typed);
  if (shape) checkLength(fn, argument, typed.length, shape);
  const data = tag === "Float16Array" ? bitsOf(typed) : typed;
  return {
    data,
    encoding: tag === "Float16Array" ? "float16" : isHalf ? half! : "number",
    shape: shape ?? [typed.length],
    length: typed.length,
    address: arena.holds(typed.buffer) ? typed.byteOffset : 0,
    isFloat32: tag === "Float32Array",
  };
}

function refuse(fn: string, argument: string, value: unknown): never {
  fail("ERR_ARGUMENT_TYPE", {
    fn,
    argument,
    expected: FORMS,
    got: value,
    remedy: 'convert it; for halves as bits pass { data: Uint16Array, shape, dtype: "float16" }',
  });
}

function bitsOf(halves: NumericArray): Uint16Array {
  return new Uint16Array(halves.buffer, halves.byteOffset, halves.length);
}

/**
 * A buffer that was transferred away, or became shorter than its view, leaves a view of length 0;
 * that is a mistake, not an empty array.
 */
function checkAttached(fn: string, argument: string, view: NumericArray): void {
  try {
    view.at(0); // throws for such views only
  } catch {
    fail("ERR_ARGUMENT_VALUE", {
      fn,
      argument,
      expected: "must have its buffer",
      gotText: "a view whose buffer was transferred away or shrunk",
    });
  }
}

function checkLength(fn: string, argument: string, length: number, shape: Shape): void {
  const size = sizeOf(shape);
  if (length !== size) {
    fail("ERR_SHAPE", {
      fn,
      argument: `${argument}.data.length`,
      expected: `must be the product of shape ${shapeText(shape)} = ${size}`,
      gotText: String(length),
    });
  }
}

/** number[] and deeper nests, copied to Float32Array; rows must be of one length and hold numbers. */
function readNested(fn: string, argument: string, value: readonly unknown[]): ArrayInput {
  const shape: number[] = [];
  for (let level: unknown = value; isPlainArray(level); level = level[0]) {
    shape.push(level.length);
    if (level.length === 0 || shape.length > 32) break;
  }
  const data = makeArray(fn, Float32Array, sizeOf(shape));
  let next = 0;
  const fill = (part: unknown, depth: number, place: string): void => {
    if (depth < shape.length) {
      if (!isPlainArray(part) || part.length !== shape[depth]) {
        fail("ERR_SHAPE", {
          fn,
          argument: place,
          expected: `must be an array of length ${shape[depth]}`,
          got: part,
        });
      }
      for (let i = 0; i < shape[depth]!; i++) fill(part[i], depth + 1, `${place}[${i}]`);
      return;
    }
    if (typeof part !== "number") {
      fail("ERR_ARGUMENT_TYPE", {
        fn,
        argument: place,
        expected: "must be a number",
        got: part,
        index: next,
      });
    }
    data[next++] = part;
  };
  fill(value, 0, argument);
  const length = data.length;
  return { data, encoding: "number", shape, length, address: 0, isFloat32: true };
}

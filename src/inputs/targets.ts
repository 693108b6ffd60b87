/**
 * Class-index targets: told from probabilities, checked in full before anything is written, and kept
 * as an int32 copy in which an ignored row is −1. The copy is what was checked: it outlives growth of
 * linear memory, and nobody changes it meanwhile.
 */
import { checkShape, fail, shapeText, sizeOf, typedArrayTag } from "../check.js";
import type { Arena } from "../memory/arena.js";
import { type Region, lentView, makeArray } from "../memory/array.js";
import type { Operand } from "../memory/job.js";
import { type Layout, checkClasses } from "../memory/layout.js";
import { valueRows } from "../memory/operands.js";
import { Tensor } from "../memory/tensor.js";
import type { Masks } from "./masks.js";

const SIGNED = ["Int8Array", "Int16Array", "Int32Array", "BigInt64Array"];
const UNSIGNED = [
  "Uint8Array",
  "Uint8ClampedArray",
  "Uint16Array",
  "Uint32Array",
  "BigUint64Array",
];

type IndexArray = ArrayLike<number> | ArrayLike<bigint>;

export interface ClassIndices {
  /** One class per row, −1 where the row is ignored. */
  readonly classOf: Int32Array;
  /** Where the caller's typed array lies. */
  readonly region: Region | undefined;
  /** Rows not ignored. */
  readonly count: number;
  /** Of these, rows whose weight is not 0. */
  readonly nonzero: number;
  /** Σ w_y over rows not ignored, in row order. */
  readonly weightSum: number;
  /** Place of each class among those the class mask keeps; undefined where all are kept. */
  readonly positions: Int32Array | undefined;
}

/** The index array in `targets`, or undefined where they are probabilities. Decided by type alone. */
export function indexArrayOf(fn: string, targets: unknown, arena: Arena): IndexArray | undefined {
  if (Tensor.is(targets)) {
    Tensor.address(targets, arena, fn, "targets");
    const { dtype } = targets;
    return dtype === "int32" || dtype === "uint8" ? (targets.data as IndexArray) : undefined;
  }
  if (typedArrayTag(targets) !== undefined) return integersIn(targets);
  if (Array.isArray(targets)) return Array.isArray(targets[0]) ? undefined : (targets as number[]);
  if (typeof targets !== "object" || targets === null || ArrayBuffer.isView(targets)) {
    return undefined;
  }
  const { data, dtype, type } = targets as Record<string, unknown>;
  const kind = dtype ?? type;
  return kind === "float16" || kind === "bfloat16" ? undefined : integersIn(data);
}

function integersIn(data: unknown): IndexArray | undefined {
  const tag = typedArrayTag(data);
  if (tag === undefined || !(SIGNED.includes(tag) || UNSIGNED.includes(tag))) return undefined;
  return data as IndexArray;
}

/**
 * Checks every index against the classes and the ignored labels.
 *
 * @param ignoreIndex - undefined for the default: −100 where the array is signed, else none
 * @param check - whether all are classes. With it the caller's own numbers may stand for the copy:
 *   nobody else runs before the job ends
 */
export function readClassIndices(
  fn: string,
  targets: unknown,
  values: IndexArray,
  layout: Layout,
  ignoreIndex: readonly number[] | undefined,
  weight: ArrayLike<number> | undefined,
  arena: Arena,
  masks?: Masks,
  check?: typeof allAreClasses,
): ClassIndices {
  checkCount(fn, targets, values, layout);
  const tag = typedArrayTag(values);
  const signed = tag === undefined || SIGNED.includes(tag);
  const ignored = ignoreIndex ?? (signed ? [-100] : []);
  const big = tag === "BigInt64Array" || tag === "BigUint64Array";
  const { rows, classes } = layout;
  // Integer arrays hold integers: those in range and not ignored need no second look.
  const plain = tag !== undefined && !big;
  const only = ignored.length === 0 ? -1 : ignored[0]!;
  const simple = plain && ignored.length <= 1;
  let copy: Int32Array | undefined;
  if (tag === "Int32Array" && !weight && !masks?.rows && !masks?.classes) {
    const own = check && lentView(values as Int32Array, arena);
    const classOf = own || (copy = makeArray(fn, Int32Array, rows));
    if (copy) copy.set(values as Int32Array);
    if ((check ?? allAreClasses)(classOf, classes) && !ignored.some((label) => label >= 0)) {
      const region = regionOf(values, arena);
      return { classOf, region, count: rows, nonzero: rows, weightSum: rows, positions: undefined };
    }
  }
  const classOf = copy ?? makeArray(fn, Int32Array, rows);
  let [count, weightSum, nonzero] = [0, 0, 0];
  const rowMask = masks?.rows;
  const positions = masks?.classes?.positions;
  for (let row = 0; row < rows; row++) {
    const given = values[row]!;
    const y = big ? Number(given) : (given as number);
    if (rowMask !== undefined && rowMask[row] === 0) {
      classOf[row] = -1;
      continue;
    }
    if (!(simple && y >= 0 && y < classes && y !== only)) {
      if (ignored.includes(y)) {
        classOf[row] = -1;
        continue;
      }
      if (!(y >= 0 && y < classes) || (!plain && !Number.isInteger(y))) {
        refuse(fn, row, given, classes, ignored, tag);
      }
    }
    if (positions !== undefined && positions[y]! < 0) refuseMasked(fn, row, y);
    classOf[row] = y;
    count++;
    if (weight === undefined) continue;
    const w = weight[y]!;
    weightSum += w;
    if (w !== 0) nonzero++;
  }
  if (weight === undefined) weightSum = nonzero = count;
  return { classOf, region: regionOf(values, arena), count, nonzero, weightSum, positions };
}

/** The same of targets that cannot be probabilities. */
export function readIndices(
  fn: string,
  targets: unknown,
  layout: Layout,
  ignoreIndex: readonly number[] | undefined,
  weight: Float32Array | undefined,
  arena: Arena,
  masks: Masks,
): ClassIndices {
  const values = indexArrayOf(fn, targets, arena);
  if (values === undefined) {
    fail("ERR_ARGUMENT_TYPE", {
      fn,
      argument: "targets",
      expected: "must be class indices: an integer array or number[]",
      got: targets,
    });
  }
  return readClassIndices(fn, targets, values, layout, ignoreIndex, weight, arena, masks);
}

/** Without a branch a row: this loop is what the usual targets cost. The sign tells a row outside. */
function allAreClasses(classOf: Int32Array, classes: number): boolean {
  const last = classes - 1;
  let signs = 0;
  for (let row = 0; row < classOf.length; row++) {
    const y = classOf[row]!;
    signs |= y | (last - y);
  }
  return signs >= 0;
}

function regionOf(values: IndexArray, arena: Arena): Region | undefined {
  if (!ArrayBuffer.isView(values)) return undefined;
  const data = values as unknown as Int32Array;
  const inside = arena.holds(data.buffer);
  return { data, length: data.length, address: inside ? data.byteOffset : 0 };
}

function checkCount(fn: string, targets: unknown, values: IndexArray, layout: Layout): void {
  const { rows, shape } = layout;
  const wanted = `must be the number of rows of logits ${shapeText(shape)} = ${rows}`;
  const { length } = values;
  const { shape: own, dims } = targets === values ? {} : (targets as Record<string, unknown>);
  const given = own ?? dims;
  const shaped = given === undefined ? undefined : checkShape(fn, "targets.shape", given);
  if (shaped !== undefined && sizeOf(shaped) !== length) {
    fail("ERR_SHAPE", {
      fn,
      argument: "targets.data.length",
      expected: `must be the product of shape ${shapeText(shaped)}`,
      gotText: String(length),
    });
  }
  if (length !== rows) {
    fail("ERR_SHAPE", {
      fn,
      argument: "targets.length",
      expected: wanted,
      gotText: String(length),
    });
  }
  checkClasses(fn, layout);
}

function refuse(
  fn: string,
  row: number,
  given: unknown,
  classes: number,
  ignored: readonly number[],
  tag: string | undefined,
): never {
  const argument = `targets[${row}]`;
  const ignoring = ignored.length > 0 ? ` or ignoreIndex (${ignored.join(", ")})` : "";
  if (tag === undefined && (typeof given !== "number" || !Number.isInteger(given))) {
    fail(typeof given === "number" ? "ERR_ARGUMENT_VALUE" : "ERR_ARGUMENT_TYPE", {
      fn,
      argument,
      expected: `must be an integer in [0, ${classes})${ignoring}`,
      got: given,
      index: row,
    });
  }
  fail("ERR_TARGET_RANGE", {
    fn,
    argument,
    expected: `must be in [0, ${classes})${ignoring}`,
    gotText: String(given),
    index: row,
  });
}

function refuseMasked(fn: string, row: number, y: number): never {
  fail("ERR_TARGET_RANGE", {
    fn,
    argument: `targets[${row}]`,
    expected: "must be a class that classMask keeps",
    gotText: String(y),
    index: row,
  });
}

/** w_y of each row; 0 where it is ignored. */
export function targetWeights({ classOf }: ClassIndices, weight: Float32Array): Float64Array {
  const weights = new Float64Array(classOf.length);
  for (let row = 0; row < weights.length; row++) weights[row] = weight[classOf[row]!] ?? 0;
  return weights;
}

/** Feeds checked indices to kernels: places among the kept classes, −1 where ignored. */
export function targetRows(arena: Arena, { classOf, positions }: ClassIndices): Operand {
  const places = positions ? classOf.map((y) => positions[y] ?? -1) : classOf;
  return valueRows(arena, "i32", places);
}

/**
 * The calls that a loop repeats: all that is read and written lies in tensors, rows along the last
 * axis, options few and simple. There is nothing to place and nothing to stage, so the kernel runs at
 * once and nothing is made on the JavaScript heap but a result. Whatever else comes is left to the
 * plan, errors included.
 */
import type { Kernels } from "../wasm/exports.js";
import { type Arena, SCRATCH_BYTES } from "./arena.js";
import { Tensor } from "./tensor.js";

/** A kernel over rows whose logits and results both lie in linear memory. */
export type ResidentKernel = (
  kernels: Kernels,
  zPtr: number,
  outPtr: number,
  rows: number,
  classes: number,
  tablePtr: number,
) => void;

/** A loss over such rows. */
export interface ResidentLoss {
  /** Its option that weighs classes, whether it has an axis, and whether it takes half the bits. */
  readonly weights: string;
  readonly hasAxis: boolean;
  readonly hasHalf?: boolean;
  /**
   * Sums its losses, leaves how many rows or elements count, and gives what a mean divides by, or 0 to
   * leave the call to its plan.
   *
   *   Room, behind the scratch of kernels: state of sumLosses (48 bytes, zeroed) · i32 COUNT · LOSSES
   *   in float64 · VALUES: targets or weights.
   */
  readonly run: (
    kernels: Kernels,
    arena: Arena,
    roomPtr: number,
    logits: Tensor,
    classes: number,
    gradPtr: number,
    weightPtr: number,
    isMean: boolean,
    targets: unknown,
    ignoreIndex: unknown,
    labelSmoothing: unknown,
  ) => number;
}

export const COUNT = 12;
export const LOSSES = 64;
export const MOST_LOSSES = 1024;
export const VALUES = LOSSES + 8 * MOST_LOSSES;
export const MOST_VALUES = (SCRATCH_BYTES - VALUES) / 4;

/** As many rows and classes as a plan would pass in one call, with room for their table. */
const MAX_ROWS = 32768;
export const MAX_CLASSES = 524288;

/** Options of losses that may be given beside the one that weighs classes, and beside it an axis. */
export const LOSS_OPTIONS = ["grad", "reduction", "ignoreIndex", "labelSmoothing"];
export const AXIS_LOSS_OPTIONS = ["axis", ...LOSS_OPTIONS];

/** Whether all options are of these names; read by nobody yet. */
export function hasOnly(options: unknown, own: string, names: readonly string[] = []): boolean {
  if (options === undefined) return true;
  if (typeof options !== "object" || options === null || Array.isArray(options)) return false;
  for (const name in options) {
    if (!(name === own || names.includes(name)) || !Object.hasOwn(options, name)) return false;
  }
  return true;
}

/** An option where they are the caller's own, each to be read once. */
export function optionOf(options: unknown, wanted: string): unknown {
  for (const name in options as object) {
    if (name === wanted) return (options as Record<string, unknown>)[name];
  }
  return undefined;
}

/** Runs the kernel and returns true, or leaves the call to its plan. */
export function runResident(
  kernel: ResidentKernel,
  kernels: Kernels,
  arena: Arena,
  logits: unknown,
  out: unknown,
): boolean {
  if (!isPlain(logits, arena) || !isPlain(out, arena) || out.length < logits.length) return false;
  const { length } = logits;
  const classes = classesOf(logits);
  const rows = length / classes;
  if (length === 0 || classes > MAX_CLASSES || rows > MAX_ROWS) return false;
  kernel(kernels, addressOf(logits, arena), addressOf(out, arena), rows, classes, arena.scratch);
  return true;
}

/** Runs a loss and gives its result, or undefined to leave the call to its plan. */
export function runResidentLoss(
  { run, hasHalf }: ResidentLoss,
  kernels: Kernels,
  arena: Arena,
  logits: unknown,
  targets: unknown,
  grad: unknown,
  reduction: unknown,
  weight: unknown,
  ignoreIndex: unknown,
  labelSmoothing: unknown,
  axis: unknown,
): object | undefined {
  const isMean = reduction === undefined || reduction === "mean";
  if (!(isMean || reduction === "sum")) return undefined;
  if (!isPlain(logits, arena) && !(hasHalf && isHalf(logits, arena))) return undefined;
  if (!(axis === undefined || axis === -1 || axis === logits.shape.length - 1)) return undefined;
  const classes = classesOf(logits);
  const room = arena.scratch + SCRATCH_BYTES;
  const { f32, f64 } = arena.views;
  let gradPtr = 0;
  if (grad !== undefined && grad !== false) {
    if (!isPlain(grad, arena) || grad.length < logits.length) return undefined;
    if (grad === targets || grad === weight) return undefined;
    gradPtr = addressOf(grad, arena);
  }
  let weightPtr = 0;
  if (weight !== undefined) {
    if (!isPlain(weight, arena) || weight.shape.length !== 1 || weight.length !== classes) {
      return undefined;
    }
    weightPtr = addressOf(weight, arena);
    for (let c = 0; c < classes; c++) {
      if (!Number.isFinite(f32[weightPtr / 4 + c])) return undefined;
    }
  }
  for (let at = room / 8; at < room / 8 + 6; at++) f64[at] = 0; // sooner than a call of the host
  const weightSum = run(
    kernels,
    arena,
    room,
    logits,
    classes,
    gradPtr,
    weightPtr,
    isMean,
    targets,
    ignoreIndex,
    labelSmoothing,
  );
  if (weightSum === 0) return undefined;
  const count = arena.views.i32[room / 4 + COUNT]!; // the loss may have made memory grow
  const lossSum = kernels.totalOf(room);
  const loss = isMean ? lossSum / weightSum : lossSum;
  return gradPtr ? { loss, lossSum, weightSum, count, grad } : { loss, lossSum, weightSum, count };
}

/** Whether it is a live tensor of this engine with elements of `dtype`. */
export function isPlain(value: unknown, arena: Arena, dtype = "float32"): value is Tensor {
  return Tensor.is(value) && value.dtype === dtype && !value.disposed && Tensor.isOf(value, arena);
}

/** Whether it is one of float16 or bfloat16. */
export function isHalf(value: unknown, arena: Arena): value is Tensor {
  return isPlain(value, arena, "float16") || isPlain(value, arena, "bfloat16");
}

/** Address of a tensor that is plain. */
export function addressOf(tensor: Tensor, arena: Arena): number {
  return Tensor.address(tensor, arena, "", "");
}

/** Elements along the last axis. */
export function classesOf({ shape }: Tensor): number {
  return shape[shape.length - 1] ?? 1;
}

/**
 * The call that a loop repeats: float32 tensors for logits and `out`, no other option, rows along the
 * last axis. There is nothing to place and nothing to stage, so the kernel runs at once and nothing
 * is made on the JavaScript heap. Whatever else comes is left to the plan, errors included.
 */
import type { Kernels } from "../wasm/exports.js";
import type { Arena } from "./arena.js";
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

/** As many rows and classes as a plan would pass in one call, with room for their table. */
const MAX_ROWS = 32768;
const MAX_CLASSES = 524288;

/** Whether `out` is the only option there is; read by nobody yet. */
export function isOutAlone(options: unknown): options is { readonly out: unknown } {
  if (typeof options !== "object" || options === null || Array.isArray(options)) return false;
  let names = 0;
  for (const name in options) {
    if (name !== "out") return false;
    names++;
  }
  return names === 1 && Object.hasOwn(options, "out");
}

/** Runs the kernel and returns true, or leaves the call to its plan. */
export function runResident(
  kernel: ResidentKernel,
  kernels: Kernels,
  arena: Arena,
  logits: unknown,
  out: unknown,
): boolean {
  if (!Tensor.is(logits) || !Tensor.is(out)) return false;
  if (!isPlain(logits, arena) || !isPlain(out, arena) || out.length < logits.length) return false;
  const { shape, length } = logits;
  const classes = shape.length === 0 ? 1 : shape[shape.length - 1]!;
  const rows = length / classes;
  if (length === 0 || classes > MAX_CLASSES || rows > MAX_ROWS) return false;
  const zPtr = Tensor.address(logits, arena, "", "");
  kernel(kernels, zPtr, Tensor.address(out, arena, "", ""), rows, classes, arena.scratch);
  return true;
}

function isPlain(tensor: Tensor, arena: Arena): boolean {
  return tensor.dtype === "float32" && !tensor.disposed && Tensor.isOf(tensor, arena);
}

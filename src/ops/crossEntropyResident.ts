/**
 * crossEntropy of a tensor without a plan: class indices in a tensor or in an integer array of at most
 * 32 bits, or class probabilities in a tensor; class weights in a tensor. Beside class indices, logits may
 * be float16 or bfloat16.
 */
import { typedArrayTag } from "../check.js";
import type { Arena } from "../memory/arena.js";
import {
  COUNT,
  LOSSES,
  MAX_CLASSES,
  MOST_LOSSES,
  MOST_VALUES,
  type ResidentLoss,
  VALUES,
  addressOf,
  isPlain,
} from "../memory/residentCall.js";
import { runProbabilities } from "./crossEntropyProbabilitiesResident.js";

/** Logits that are widened at once: they are to stay in cache. */
const MOST_WIDE = 32768;

/** Rows whose indices a loop copies sooner than a call of the host. */
const FEW = 16;

/** Arrays of which every element is an int32. */
const INDICES = ["Int32Array", "Uint8Array", "Int16Array", "Uint16Array", "Int8Array"];

export const crossEntropyResident: ResidentLoss = {
  weights: "weight",
  hasAxis: true,
  hasHalf: true,
  run(
    kernels,
    arena,
    roomPtr,
    logits,
    classes,
    gradPtr,
    weightPtr,
    isMean,
    targets,
    ignoreIndex = -100,
    labelSmoothing = 0,
  ) {
    if (!(logits.length > 0 && classes <= MAX_CLASSES)) return 0;
    if (ignoreIndex !== ((ignoreIndex as number) | 0)) return 0;
    if (!(typeof labelSmoothing === "number" && labelSmoothing >= 0 && labelSmoothing <= 1)) {
      return 0;
    }
    if (isPlain(targets, arena)) {
      return runProbabilities(
        kernels,
        arena,
        roomPtr,
        logits,
        classes,
        gradPtr,
        weightPtr,
        isMean,
        targets,
        labelSmoothing,
      );
    }
    const rows = logits.length / classes;
    const half = logits.dtype === "float32" ? "" : logits.dtype;
    const resident = isPlain(targets, arena, "int32");
    if (!resident && !INDICES.includes(typedArrayTag(targets)!)) return 0;
    const given = targets as Int32Array;
    if (given.length !== rows) return 0;
    const far = rows > MOST_VALUES;
    // A view into this memory: growth would detach it, and the plan refuses a gradient over it.
    if (!resident && (far || gradPtr) && arena.holds(given.buffer)) return 0;
    const own = far ? roomOf(arena, rows * 4) : 0;
    if (own < 0) return 0;
    // Half the bits are widened where the gradient will be, since the kernels work in place.
    const most = half
      ? Math.max(1, Math.min(MOST_LOSSES, Math.floor(MOST_WIDE / classes)))
      : MOST_LOSSES;
    const wide = half && !gradPtr ? roomOf(arena, Math.min(rows, most) * classes * 4) : 0;
    if (wide < 0) {
      if (own) arena.release(own);
      return 0;
    }
    const targetsPtr = own || roomPtr + VALUES;
    const { i32, f32 } = arena.views;
    const from = resident ? addressOf(targets, arena) : targetsPtr;
    if (!resident && rows > FEW) i32.set(given, from / 4);
    else if (!resident) for (let row = 0; row < rows; row++) i32[from / 4 + row] = given[row]!;
    const count = kernels.readTargets(from, targetsPtr, rows, classes, ignoreIndex);
    let weightSum = Math.max(count, 0);
    if (weightPtr && count > 0) {
      weightSum = 0;
      for (let row = 0; row < rows; row++) {
        const y = i32[targetsPtr / 4 + row]!;
        if (y >= 0) weightSum += f32[weightPtr / 4 + y]!;
      }
    }
    const zPtr = addressOf(logits, arena);
    const scale = isMean ? 1 / weightSum : 1;
    const todo = weightSum === 0 ? 0 : rows;
    for (let row = 0; row < todo; row += most) {
      const some = Math.min(todo - row, most);
      const at = row * classes * 4;
      let blockPtr = zPtr + at;
      if (half) {
        blockPtr = wide || gradPtr + at;
        const widen = half === "float16" ? "float16ToFloat32" : "bfloat16ToFloat32";
        kernels[widen](zPtr + at / 2, blockPtr, some * classes);
      }
      kernels.crossEntropyRows(
        blockPtr,
        gradPtr && gradPtr + at,
        some,
        classes,
        targetsPtr + row * 4,
        weightPtr,
        labelSmoothing,
        0,
        scale,
        0,
        arena.scratch,
        roomPtr + LOSSES,
      );
      kernels.sumLosses(roomPtr + LOSSES, some, roomPtr);
    }
    i32[roomPtr / 4 + COUNT] = count;
    if (own) arena.release(own);
    if (wide) arena.release(wide);
    return weightSum;
  },
};

/** A block, or −1 where memory cannot grow: a plan needs less of it. */
function roomOf(arena: Arena, bytes: number): number {
  try {
    return arena.allocate(bytes);
  } catch {
    return -1;
  }
}

/**
 * crossEntropy with class indices of a tensor, without a plan: indices in a tensor or an Int32Array,
 * class weights in a tensor.
 */
import { typedArrayTag } from "../check.js";
import {
  COUNT,
  LOSSES,
  MAX_CLASSES,
  MOST_LOSSES,
  type ResidentLoss,
  VALUES,
  addressOf,
  isPlain,
} from "../memory/residentCall.js";

export const crossEntropyResident: ResidentLoss = {
  weights: "weight",
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
    const rows = logits.length / classes;
    if (!(rows > 0 && rows <= MOST_LOSSES && classes <= MAX_CLASSES)) return 0;
    if (!Number.isFinite(ignoreIndex) || typeof labelSmoothing !== "number") return 0;
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) return 0;
    const { i32, f32 } = arena.views;
    let given = i32;
    let from = 0;
    if (isPlain(targets, arena, "int32")) from = addressOf(targets, arena) / 4;
    else if (typedArrayTag(targets) === "Int32Array") given = targets as Int32Array;
    else return 0;
    if ((targets as Int32Array).length !== rows) return 0;
    // A view into this memory: the plan refuses a gradient that lies over it.
    if (from === 0 && gradPtr && arena.holds(given.buffer)) return 0;
    const targetsPtr = roomPtr + VALUES;
    let count = 0;
    let weightSum = 0;
    for (let row = 0; row < rows; row++) {
      let y = given[from + row]!;
      if (y === ignoreIndex) y = -1;
      else if (y >= 0 && y < classes) {
        count++;
        weightSum += weightPtr ? f32[weightPtr / 4 + y]! : 1;
      } else return 0;
      i32[targetsPtr / 4 + row] = y;
    }
    if (weightSum === 0) return 0;
    i32[roomPtr / 4 + COUNT] = count;
    kernels.crossEntropyRows(
      addressOf(logits, arena),
      gradPtr,
      rows,
      classes,
      targetsPtr,
      weightPtr,
      labelSmoothing,
      0,
      isMean ? 1 / weightSum : 1,
      0,
      arena.scratch,
      roomPtr + LOSSES,
    );
    kernels.sumLosses(roomPtr + LOSSES, rows, roomPtr);
    return weightSum;
  },
};

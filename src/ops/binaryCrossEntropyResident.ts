/**
 * binaryCrossEntropyWithLogits of tensors, without a plan: labels in a float32 tensor, weights of
 * positive labels by class in another.
 */
import { haveShape } from "../inputs/elementLabels.js";
import {
  COUNT,
  LOSSES,
  MOST_LOSSES,
  MOST_VALUES,
  type ResidentLoss,
  VALUES,
  addressOf,
  isPlain,
} from "../memory/residentCall.js";

/** Elements the kernel sums at a time. */
const BLOCK = 1024;

export const binaryCrossEntropyResident: ResidentLoss = {
  weights: "posWeight",
  hasAxis: false,
  run(
    kernels,
    arena,
    roomPtr,
    logits,
    classes,
    gradPtr,
    posWeightPtr,
    isMean,
    targets,
    ignoreIndex,
    labelSmoothing,
  ) {
    const { length } = logits;
    const losses = Math.ceil(length / BLOCK);
    if (losses > MOST_LOSSES || (ignoreIndex ?? labelSmoothing) !== undefined) return 0;
    if (!isPlain(targets, arena) || !haveShape(targets, logits)) return 0;
    if (posWeightPtr) {
      if (length > MOST_VALUES) return 0;
      const { f32 } = arena.views;
      const from = posWeightPtr / 4;
      posWeightPtr = roomPtr + VALUES;
      for (let i = 0; i < length; i++) {
        const weight = f32[from + (i % classes)]!;
        if (weight < 0) return 0;
        f32[posWeightPtr / 4 + i] = weight;
      }
    }
    if (length === 0) return 0;
    arena.views.i32[roomPtr / 4 + COUNT] = length;
    kernels.binaryCrossEntropyWithLogitsBlocks(
      addressOf(logits, arena),
      addressOf(targets, arena),
      0,
      posWeightPtr,
      length,
      1,
      0,
      isMean ? 1 / length : 1,
      0,
      0,
      gradPtr,
      roomPtr + LOSSES,
    );
    kernels.sumLosses(roomPtr + LOSSES, losses, roomPtr);
    return length;
  },
};

/** crossEntropy of a float32 tensor with class probabilities in another of its shape, without a plan. */
import type { Arena } from "../memory/arena.js";
import { COUNT, LOSSES, MOST_LOSSES, addressOf } from "../memory/residentCall.js";
import type { Tensor } from "../memory/tensor.js";
import type { Kernels } from "../wasm/exports.js";

/** As the `run` of a ResidentLoss, with options that have been looked at. */
export function runProbabilities(
  kernels: Kernels,
  arena: Arena,
  roomPtr: number,
  logits: Tensor,
  classes: number,
  gradPtr: number,
  weightPtr: number,
  isMean: boolean,
  probabilities: Tensor,
  labelSmoothing: number,
): number {
  if (logits.dtype !== "float32") return 0;
  if (probabilities.shape.join() !== logits.shape.join()) return 0;
  const rows = logits.length / classes;
  const zPtr = addressOf(logits, arena);
  const qPtr = addressOf(probabilities, arena);
  for (let row = 0; row < rows; row += MOST_LOSSES) {
    const some = Math.min(rows - row, MOST_LOSSES);
    const at = row * classes * 4;
    kernels.crossEntropyProbabilitiesRows(
      zPtr + at,
      gradPtr && gradPtr + at,
      some,
      classes,
      qPtr + at,
      weightPtr,
      1 - labelSmoothing,
      labelSmoothing / classes,
      0,
      isMean ? 1 / rows : 1,
      0,
      arena.scratch,
      roomPtr + LOSSES,
    );
    kernels.sumLosses(roomPtr + LOSSES, some, roomPtr);
  }
  arena.views.i32[roomPtr / 4 + COUNT] = rows;
  return rows;
}

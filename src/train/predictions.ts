/**
 * Logits of a fitted classifier for rows of features, chunk by chunk.
 */
import type { Engine } from "../engine.js";
import { makeArray } from "../memory/array.js";
import { chunkRows } from "../ops/linearSteps.js";
import { matmulBytes } from "../ops/matmul.js";
import { type Matrix, type Scaling, copyRows } from "./features.js";
import type { Parameters } from "./fitting.js";
import { once } from "./tensors.js";

/** (rows, outputs): x · weightᵀ + bias. */
export function logitsOf(
  engine: Engine,
  fn: string,
  matrix: Matrix,
  scaling: Scaling | undefined,
  { weight, bias }: Parameters,
): Float32Array {
  const { rows, columns: D } = matrix;
  const C = bias.length;
  const out = makeArray(fn, Float32Array, rows * C);
  if (rows === 0) return out;
  const chunk = chunkRows({ rows, features: D, classes: C });
  return engine.run(fn, (work) => {
    const [x, z] = [work.block(chunk * D * 4), work.block(chunk * C * 4)];
    const [w, b] = [work.block(weight.length * 4), work.block(C * 4)];
    const scratch = work.block(matmulBytes(C, D));
    return once(() => {
      const { f32 } = work.arena.views;
      f32.set(weight, w / 4);
      f32.set(bias, b / 4);
      for (let row = 0; row < rows; row += chunk) {
        const m = Math.min(chunk, rows - row);
        copyRows(matrix, scaling, row, m, f32.subarray(x / 4, x / 4 + m * D));
        work.kernels.matmul(x, D, false, w, D, true, b, z, C, m, C, D, scratch);
        out.set(f32.subarray(z / 4, z / 4 + m * C), row * C);
      }
      return out;
    });
  });
}

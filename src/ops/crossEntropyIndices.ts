/**
 * crossEntropy with class indices: the plan of assembly/kernels/crossEntropy.ts.
 */
import type { Place } from "../inputs/result.js";
import { type ClassIndices, targetRows } from "../inputs/targets.js";
import type { Job, Tile } from "../memory/job.js";
import { GROUP } from "../memory/layout.js";
import { Operands, pointerOf } from "../memory/operands.js";
import {
  type CrossEntropyPlan,
  gradScale,
  gradSink,
  uncap,
  weightSegments,
  wholeWeights,
} from "./crossEntropyPlan.js";
import { LossSums } from "./lossSums.js";

export function planIndices(
  plan: CrossEntropyPlan,
  indices: ClassIndices,
  placeGrad: () => Place | undefined,
): Job<unknown> {
  const { work, fn, layout, rule, smoothing, zLoss, weight, upstream } = plan;
  const { rows, classes } = layout;
  const { weightSum, count, nonzero } = indices;
  const sums = { weightSum, count, nonzero, rows, elements: rows * classes };
  const losses = new LossSums(fn, work, rule, sums, upstream, rows, 1, plan.lossFactors);
  const scale = gradScale(plan, losses.scale);
  const grad = placeGrad();
  const table = work.rowTable(classes);
  const weights = wholeWeights(plan);
  const operands = new Operands();
  const zAt = operands.add(plan.source);
  const targetAt = operands.add(targetRows(work.arena, indices));
  const lossAt = operands.add(losses);
  const factorAt = operands.add(plan.factors);
  const weightAt = operands.add(weightSegments(plan));
  const gradAt = operands.add(gradSink(plan, grad));
  plan.side.addTo(operands);
  /** Target of the row under way, when it is fed in segments. */
  const row = { y: -1, w: 1 };
  const weightOf = (tile: Tile, from: number): number =>
    weightAt < 0 ? weights && weights + from * 4 : pointerOf(tile, weightAt);
  return {
    rows,
    classes,
    operands: operands.list,
    run(kernels, tile) {
      const zPtr = pointerOf(tile, zAt);
      const gradPtr = pointerOf(tile, gradAt);
      const targetsPtr = pointerOf(tile, targetAt);
      const factorsPtr = pointerOf(tile, factorAt);
      const lossPtr = pointerOf(tile, lossAt);
      let moved = tile.rows;
      if (plan.columns) {
        kernels.crossEntropyShortRows(
          zPtr,
          gradPtr,
          moved,
          classes,
          true,
          targetsPtr,
          weights,
          0,
          scale,
          factorsPtr,
          table,
          lossPtr,
        );
        moved = Math.ceil(moved / GROUP) * GROUP;
      } else {
        kernels.crossEntropyRows(
          zPtr,
          gradPtr,
          moved,
          classes,
          targetsPtr,
          weights,
          smoothing,
          zLoss,
          scale,
          factorsPtr,
          table,
          lossPtr,
        );
      }
      plan.side.run(kernels, tile, 0, gradPtr, zPtr, classes);
      if (gradPtr) uncap(plan, kernels, gradPtr, zPtr, moved * classes);
    },
    ...(plan.side.allowsSegments && {
      segments: {
        divisible: true,
        anchor: () => row.y,
        enter(kernels, tile, from, length, keep) {
          if (from === 0) {
            row.y = work.arena.views.i32[pointerOf(tile, targetAt) / 4]!;
            row.w = row.y < 0 ? 0 : (weight?.[row.y] ?? 1);
          }
          if (row.y < 0) return;
          const zPtr = pointerOf(tile, zAt);
          const weightPtr = weightOf(tile, from);
          const ePtr = keep ? pointerOf(tile, gradAt) : 0;
          const smoothed = smoothing > 0;
          kernels.crossEntropySegment(zPtr, ePtr, length, from, row.y, weightPtr, smoothed, table);
        },
        close(kernels, tile) {
          const { f64 } = work.arena.views;
          const factor = factorAt < 0 ? 1 : f64[pointerOf(tile, factorAt) / 8]!;
          f64[pointerOf(tile, lossAt) / 8] =
            row.y < 0
              ? 0
              : kernels.crossEntropyClose(classes, row.w, smoothing, zLoss, scale * factor, table);
        },
        ...(grad && {
          write(kernels, tile, from, length, kept) {
            const zPtr = pointerOf(tile, zAt);
            const gradPtr = pointerOf(tile, gradAt);
            if (row.y < 0) {
              work.arena.views.u8.fill(0, gradPtr, gradPtr + length * 4);
              return;
            }
            const { y, w } = row;
            const weightPtr = weightOf(tile, from);
            const smoothed = smoothing > 0;
            if (!kept) {
              kernels.crossEntropySegment(
                zPtr,
                gradPtr,
                length,
                from,
                y,
                weightPtr,
                smoothed,
                table,
              );
            }
            kernels.crossEntropyWrite(gradPtr, length, from, y, w, weightPtr, table);
            uncap(plan, kernels, gradPtr, zPtr, length);
          },
        }),
      },
    }),
    finish: () => ({ ...losses.result(grad), ...plan.side.result() }),
  };
}

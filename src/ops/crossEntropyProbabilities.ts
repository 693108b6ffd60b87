/**
 * crossEntropy with class probabilities: the plan of assembly/kernels/crossEntropyProbabilities.ts.
 */
import { fail, shapeText } from "../check.js";
import type { Place } from "../inputs/result.js";
import { countRows } from "../inputs/masks.js";
import type { ArrayInput } from "../memory/array.js";
import type { Job, Tile } from "../memory/job.js";
import { Operands, pointerOf } from "../memory/operands.js";
import {
  type CrossEntropyPlan,
  gradScale,
  gradSink,
  sinkOf,
  sourceOf,
  uncap,
  weightSegments,
  wholeWeights,
} from "./crossEntropyPlan.js";
import { LossSums } from "./lossSums.js";

export function planProbabilities(
  plan: CrossEntropyPlan,
  probabilities: ArrayInput,
  placeGrad: () => Place | undefined,
  placeTargets: (grad: Place | undefined) => Place | undefined,
): Job<unknown> {
  const { work, fn, array, layout, masks, rule, smoothing, zLoss, upstream, side } = plan;
  const { rows, classes } = layout;
  checkSameShape(fn, probabilities, array);
  const count = countRows(masks.rows, rows);
  const sums = { weightSum: count, count, rows, elements: rows * classes };
  const losses = new LossSums(fn, work, rule, sums, upstream, rows, 1, plan.lossFactors);
  const scale = gradScale(plan, losses.scale);
  const grad = placeGrad();
  side.targets = placeTargets(grad);
  const table = work.rowTable(classes);
  const weights = wholeWeights(plan);
  const keep = 1 - smoothing;
  const share = smoothing / classes;
  const operands = new Operands();
  const zAt = operands.add(plan.source);
  const qAt = operands.add(sourceOf(plan, probabilities));
  const lossAt = operands.add(losses);
  const factorAt = operands.add(plan.factors);
  const weightAt = operands.add(weightSegments(plan));
  const gradAt = operands.add(gradSink(plan, grad));
  const targetGradAt = operands.add(side.targets && sinkOf(plan, side.targets));
  side.addTo(operands);
  const weightPtr = (tile: Tile, from: number): number =>
    weightAt < 0 ? weights && weights + from * 4 : pointerOf(tile, weightAt);
  return {
    rows,
    classes,
    operands: operands.list,
    run(kernels, tile) {
      const zPtr = pointerOf(tile, zAt);
      const gradPtr = pointerOf(tile, gradAt);
      if (targetGradAt >= 0) {
        kernels.probabilityGradients(
          zPtr,
          pointerOf(tile, targetGradAt),
          tile.rows,
          classes,
          weights,
          keep,
          losses.scale,
          pointerOf(tile, factorAt),
          table,
        );
      }
      kernels.crossEntropyProbabilitiesRows(
        zPtr,
        gradPtr,
        tile.rows,
        classes,
        pointerOf(tile, qAt),
        weights,
        keep,
        share,
        zLoss,
        scale,
        pointerOf(tile, factorAt),
        table,
        pointerOf(tile, lossAt),
      );
      side.run(kernels, tile, 0, gradPtr, zPtr, classes);
      if (gradPtr) uncap(plan, kernels, gradPtr, zPtr, tile.rows * classes);
    },
    ...(side.allowsSegments && {
      segments: {
        divisible: true,
        enter: (kernels, tile, from, length, keeping) =>
          kernels.crossEntropyProbabilitiesSegment(
            pointerOf(tile, zAt),
            keeping ? pointerOf(tile, gradAt) : 0,
            length,
            from,
            pointerOf(tile, qAt),
            weightPtr(tile, from),
            keep,
            share,
            table,
          ),
        close(kernels, tile) {
          const { f64 } = work.arena.views;
          const factor = factorAt < 0 ? 1 : f64[pointerOf(tile, factorAt) / 8]!;
          f64[pointerOf(tile, lossAt) / 8] = kernels.crossEntropyProbabilitiesClose(
            classes,
            zLoss,
            scale * factor,
            table,
          );
        },
        ...(grad && {
          write(kernels, tile, from, length, kept) {
            const zPtr = pointerOf(tile, zAt);
            const gradPtr = pointerOf(tile, gradAt);
            const qPtr = pointerOf(tile, qAt);
            const wPtr = weightPtr(tile, from);
            if (!kept) {
              kernels.crossEntropyProbabilitiesSegment(
                zPtr,
                gradPtr,
                length,
                from,
                qPtr,
                wPtr,
                keep,
                share,
                table,
              );
            }
            kernels.crossEntropyProbabilitiesWrite(
              gradPtr,
              length,
              from,
              qPtr,
              wPtr,
              keep,
              share,
              table,
            );
            uncap(plan, kernels, gradPtr, zPtr, length);
          },
        }),
      },
    }),
    finish: () => ({ ...losses.result(grad), ...side.result() }),
  };
}

export function checkSameShape(fn: string, probabilities: ArrayInput, logits: ArrayInput): void {
  const same =
    probabilities.shape.length === logits.shape.length &&
    probabilities.shape.every((size, i) => size === logits.shape[i]);
  const flat = probabilities.shape.length === 1 && probabilities.length === logits.length;
  if (same || flat) return;
  fail("ERR_SHAPE", {
    fn,
    argument: "targets",
    expected: `must have the logits' shape ${shapeText(logits.shape)} as probabilities`,
    gotText: `shape ${shapeText(probabilities.shape)}`,
    remedy: "pass integers (Int32Array, number[]) for class indices",
  });
}

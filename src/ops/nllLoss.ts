import { checkOptions } from "../check.js";
import { readArray } from "../inputs/array.js";
import { NLL_PRESETS } from "../inputs/compat.js";
import { type GradOption, placeGrad } from "../inputs/grad.js";
import {
  REDUCTION_OPTIONS,
  type ReductionOptions,
  factorRows,
  readClassWeights,
  readIgnoreIndex,
  readReduction,
  readUpstream,
} from "../inputs/lossOptions.js";
import { MASK_OPTIONS, type MaskOptions, keptLayout, readMasks } from "../inputs/masks.js";
import { pickedRows } from "../inputs/pickedRows.js";
import { readIndices, targetRows, targetWeights } from "../inputs/targets.js";
import type { Job, Tile } from "../memory/job.js";
import { checkClasses, layoutOf } from "../memory/layout.js";
import { Operands, pointerOf, valueRows } from "../memory/operands.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits } from "../types.js";
import type { Kernels } from "../wasm/exports.js";
import { sinkOf } from "./crossEntropyPlan.js";
import type { LossOf } from "./lossResult.js";
import { LossSums } from "./lossSums.js";

export interface NllLossOptions extends ReductionOptions, MaskOptions {
  /** The class axis; negative counts from the end (default −1). */
  readonly axis?: number | undefined;
  /** One finite weight per class. */
  readonly weight?: ArrayLike<number> | Tensor | undefined;
  /** Labels that are skipped; default −100 for signed index arrays, none for unsigned, null for none. */
  readonly ignoreIndex?: number | readonly number[] | null | undefined;
  /** Gradient of the objective with respect to `loss`: a number, or for "none" one per row. */
  readonly upstream?: number | ArrayLike<number> | undefined;
  /** Whether and where to write the gradient with respect to the log-probabilities. */
  readonly grad?: GradOption;
}

const OPTIONS = [
  "axis",
  "weight",
  "ignoreIndex",
  ...REDUCTION_OPTIONS,
  "upstream",
  "grad",
  ...MASK_OPTIONS,
] as const;

export interface NllLossMethods {
  /**
   * Negative log-likelihood of class indices under log-probabilities.
   *
   *   loss_i = −w_y · logp_i[y_i]
   *
   * From logits use {@link CrossEntropyMethods.crossEntropy}, which needs no logSoftmax first.
   *
   * @param logProbs - any shape, as logSoftmax returns them; `axis` names the class axis.
   * @param targets - N indices in [0, C), or ignored.
   * @param options - see {@link NllLossOptions}.
   * @returns as crossEntropy; the gradient is −w_y / denominator at the target and 0 elsewhere.
   * @throws {LogitsError} as crossEntropy.
   *
   * Special values: log-probability −∞ → +∞, or 0 where the weight is 0.
   * Accuracy: exact products; sums in float64.
   * @example
   * engine.nllLoss(engine.logSoftmax([1, 2, 3]), [0]).loss; // 2.4076
   */
  nllLoss<const O extends NllLossOptions = object, L extends Logits = Logits>(
    logProbs: L,
    targets: Logits | ArrayLike<number> | ArrayLike<bigint>,
    options?: O,
  ): LossOf<O, L>;
}

export function nllLoss(
  work: Workspace,
  logProbs: Logits,
  targets: unknown,
  options?: NllLossOptions,
): Job<unknown> {
  const fn = "nllLoss";
  const given = checkOptions(fn, options, OPTIONS);
  const rule = readReduction(fn, given, NLL_PRESETS);
  const ignoreIndex = readIgnoreIndex(fn, given.ignoreIndex);
  const { arena } = work;
  const array = readArray(fn, "logProbs", logProbs, arena);
  const whole = layoutOf(fn, array.shape, given.axis);
  const masks = readMasks(fn, given, whole);
  const { rows, classes } = keptLayout(whole, masks.classes);
  const weight = readClassWeights(fn, given.weight, whole.classes, arena);
  const upstream = readUpstream(fn, given.upstream, rule.reduction, rows);
  const indices = readIndices(fn, targets, whole, ignoreIndex, weight, arena, masks);
  checkClasses(fn, whole);
  const { weightSum, count, nonzero } = indices;
  const sums = { weightSum, count, nonzero, rows, elements: rows * classes };
  const losses = new LossSums(fn, work, rule, sums, upstream, rows);
  const grad = placeGrad(work, fn, given.grad, array, [indices.region]);
  const operands = new Operands();
  const pickedAt = operands.add(pickedRows(arena, array, whole, indices));
  const targetAt = operands.add(targetRows(arena, indices));
  const weights = weight && targetWeights(indices, weight);
  const weightAt = operands.add(weights && valueRows(arena, "f32", weights));
  const lossAt = operands.add(losses);
  const factorAt = operands.add(factorRows(arena, upstream, undefined));
  const gradAt = operands.add(grad && sinkOf({ work, whole, masks }, grad));
  const rowLosses = (k: Kernels, tile: Tile): void =>
    k.nllLossRows(
      pointerOf(tile, pickedAt),
      tile.rows,
      pointerOf(tile, targetAt),
      pointerOf(tile, weightAt),
      pointerOf(tile, lossAt),
    );
  const gradients = (k: Kernels, tile: Tile, from: number, length: number): void =>
    k.nllLossGradients(
      pointerOf(tile, gradAt),
      tile.rows,
      length,
      from,
      pointerOf(tile, targetAt),
      pointerOf(tile, weightAt),
      losses.scale,
      pointerOf(tile, factorAt),
    );
  return {
    rows,
    classes,
    operands: operands.list,
    run(k, tile) {
      rowLosses(k, tile);
      if (gradAt >= 0) gradients(k, tile, 0, classes);
    },
    segments: {
      enter() {},
      close: rowLosses,
      write: gradients,
    },
    finish: () => losses.result(grad),
  };
}

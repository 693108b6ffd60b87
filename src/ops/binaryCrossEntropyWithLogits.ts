import { checkNumber, checkOptions } from "../check.js";
import { readArray } from "../inputs/array.js";
import { ELEMENT_PRESETS, checkSmoothing } from "../inputs/compat.js";
import {
  checkLabels,
  elementSums,
  elementWeights,
  readElementWeights,
} from "../inputs/elementLabels.js";
import { type GradOption, placeGrad } from "../inputs/grad.js";
import {
  REDUCTION_OPTIONS,
  type ReductionOptions,
  readIgnoreIndex,
  readReduction,
  readUpstream,
} from "../inputs/lossOptions.js";
import { MASK_OPTIONS, type MaskOptions, elementFactors, readMasks } from "../inputs/masks.js";
import { inputOf } from "../inputs/result.js";
import type { Job } from "../memory/job.js";
import { elementReader } from "../memory/half.js";
import { staged } from "../memory/keptClasses.js";
import { elementLayout, layoutOf } from "../memory/layout.js";
import { Operands, pointerOf, valueRows } from "../memory/operands.js";
import { RowSink, Sink } from "../memory/sink.js";
import { Source } from "../memory/source.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits } from "../types.js";
import type { LogitsPlaces } from "./crossEntropy.js";
import type { LossWithTargetsOf } from "./lossResult.js";
import { LossSums } from "./lossSums.js";
import type { TargetGradientOption } from "./sideGradients.js";

export interface BinaryCrossEntropyOptions
  extends ReductionOptions, MaskOptions, TargetGradientOption {
  /** Weight of each element; broadcasts against the logits' shape. Not in the mean's denominator. */
  readonly weight?: number | Logits | undefined;
  /** q ≥ 0, weight of positive labels; broadcasts against the logits' shape. */
  readonly posWeight?: number | Logits | undefined;
  /** ε in [0, 1]: labels become z · (1 − ε) + ε / 2 (default 0). */
  readonly labelSmoothing?: number | undefined;
  /** Labels that are skipped (default null: none). */
  readonly ignoreIndex?: number | readonly number[] | null | undefined;
  /** Gradient of the objective with respect to `loss`: a number, or for "none" one per element. */
  readonly upstream?: number | ArrayLike<number> | undefined;
  /** Whether and where to write the gradient with respect to the logits. */
  readonly grad?: GradOption;
}

/** Options that say nothing of the logits' place. */
export const BINARY_OPTIONS = [
  "weight",
  "posWeight",
  "labelSmoothing",
  "ignoreIndex",
  ...REDUCTION_OPTIONS,
  "upstream",
  ...MASK_OPTIONS,
] as const;

const OPTIONS = [...BINARY_OPTIONS, "grad", "gradTargets"];

/** Elements the kernel sums at a time: tiles begin at multiples of it. */
const BLOCK = 1024;

export interface BinaryCrossEntropyWithLogitsMethods {
  /**
   * Binary cross entropy between logits and labels, element by element: for two classes and for
   * independent yes/no labels.
   *
   *   loss = w · [ q · z · softplus(−x) + (1 − z) · softplus(x) ]
   *   ∂loss/∂x = w · [ (1 − z) · σ(x) − q · z · σ(−x) ]
   *   ∂loss/∂z = w · [ q · softplus(−x) − softplus(x) ] · (1 − ε), that is −w · x for q = 1, ε = 0
   *
   * @param logits - any shape.
   * @param targets - labels z, usually in [0, 1], as many as logits and of their shape (a flat array
   *   will do); computed as given outside [0, 1].
   * @param options - see {@link BinaryCrossEntropyOptions}.
   * @returns as crossEntropy with elements in place of rows: the default mean divides by the number
   *   of elements that are not ignored.
   * @throws {LogitsError} ERR_SHAPE if shapes disagree or do not broadcast; else as crossEntropy.
   *
   * Special values: x = ±∞ → 0 beside the agreeing label, +∞ beside the other. Zero weight, or an
   * ignored label → 0 whatever the logit. NaN → NaN.
   * Accuracy: at most 6 ULP of each log1p term; the gradient of confident elements stays relative.
   * @example
   * engine.binaryCrossEntropyWithLogits([1.2], [1]).loss; // 0.2633
   */
  binaryCrossEntropyWithLogits<
    const O extends BinaryCrossEntropyOptions = object,
    L extends Logits = Logits,
    const T extends Logits | ArrayLike<number> | ArrayLike<bigint> = Logits,
  >(
    logits: L,
    targets: T,
    options?: O,
  ): LossWithTargetsOf<O, L, T>;
}

export function binaryCrossEntropyWithLogits(
  work: Workspace,
  logits: Logits,
  targets: unknown,
  options?: BinaryCrossEntropyOptions,
): Job<unknown> {
  const fn = "binaryCrossEntropyWithLogits";
  const given = checkOptions(fn, options, OPTIONS);
  return planBinary(work, fn, given, targets, {
    read: () => readArray(fn, "logits", logits, work.arena),
    place: (array, others) => placeGrad(work, fn, given.grad, array, others),
  });
}

/** The plan of the loss, and of the one that makes its logits itself. */
export function planBinary(
  work: Workspace,
  fn: string,
  given: Omit<BinaryCrossEntropyOptions, "grad">,
  targets: unknown,
  places: LogitsPlaces,
): Job<unknown> {
  const rule = readReduction(fn, given, ELEMENT_PRESETS);
  const unit = { min: 0, max: 1 };
  const smoothing = checkNumber(fn, "labelSmoothing", given.labelSmoothing ?? 0, unit);
  checkSmoothing(fn, rule, smoothing);
  const ignored = readIgnoreIndex(fn, given.ignoreIndex) ?? [];
  const { arena } = work;
  const array = places.read();
  const labels = readArray(fn, "targets", targets, arena, true);
  checkLabels(fn, array, labels);
  const layout = elementLayout(array.shape);
  const { rows } = layout;
  const whole = layoutOf(fn, array.shape);
  const masks = readMasks(fn, given, whole);
  const factors = elementFactors(fn, masks, whole);
  if (masks.rows || ignored.length > 0) {
    const label = elementReader(labels, arena.memory);
    const { classes } = whole;
    places.leaveOut?.((row) => {
      if (masks.rows?.[row] === 0) return true;
      let c = 0;
      while (c < classes && ignored.includes(label(row * classes + c))) c++;
      return c === classes;
    });
  }
  const weight = readElementWeights(fn, work, "weight", given.weight, -Infinity);
  const posWeight = readElementWeights(fn, work, "posWeight", given.posWeight, 0);
  const weights = elementWeights(fn, work, "weight", weight, array, labels, ignored, factors);
  const posWeights =
    posWeight && elementWeights(fn, work, "posWeight", posWeight, array, labels, []);
  const upstream = readUpstream(fn, given.upstream, rule.reduction, rows);
  const sums = elementSums(work, labels, ignored, factors, weight && weights, whole);
  const losses = new LossSums(fn, work, rule, sums, upstream, rows, BLOCK);
  const grad = places.place(array, [labels, weight, posWeight]);
  const apart = [array, weight, posWeight, grad && inputOf(grad)];
  const targetGrad = placeGrad(work, fn, given.gradTargets, labels, apart, "gradTargets");
  const operands = new Operands();
  const source = new Source(work, array, layout);
  const xAt = operands.add(source);
  const zAt = operands.add(new Source(work, labels, layout));
  const weightAt = operands.add(weights);
  const posWeightAt = operands.add(posWeights);
  const factorAt = operands.add(upstream.each && valueRows(arena, "f32", upstream.each));
  const lossAt = operands.add(losses);
  const each = losses.each;
  const eachAt = operands.add(each && new RowSink(work, 4, { data: each, address: 0 }));
  const sink = grad && new Sink(work, layout, grad);
  const gradAt = operands.add(sink);
  // Labels are read after it is made, and may be where it goes.
  const targetSink = targetGrad && staged(new Sink(work, layout, targetGrad));
  const targetGradAt = operands.add(targetSink);
  places.local?.add(source);
  if (sink) places.local?.add(sink);
  return {
    rows,
    classes: 1,
    granularity: BLOCK,
    operands: operands.list,
    run(k, tile) {
      if (targetSink) {
        k.labelGradients(
          pointerOf(tile, xAt),
          pointerOf(tile, targetGradAt),
          tile.rows,
          pointerOf(tile, weightAt),
          pointerOf(tile, posWeightAt),
          losses.scale * (1 - smoothing),
          pointerOf(tile, factorAt),
        );
      }
      k.binaryCrossEntropyWithLogitsBlocks(
        pointerOf(tile, xAt),
        pointerOf(tile, zAt),
        pointerOf(tile, weightAt),
        pointerOf(tile, posWeightAt),
        tile.rows,
        1 - smoothing,
        smoothing / 2,
        losses.scale,
        pointerOf(tile, factorAt),
        pointerOf(tile, eachAt),
        pointerOf(tile, gradAt),
        pointerOf(tile, lossAt),
      );
    },
    finish: () => ({
      ...losses.result(grad),
      ...(targetGrad && { gradTargets: targetGrad.result }),
    }),
  };
}

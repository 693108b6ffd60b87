import { checkBoolean, checkNumber, checkOptions, fail, shapeText } from "../check.js";
import { readArray } from "../inputs/array.js";
import { CTC_PRESETS } from "../inputs/compat.js";
import { placeGrad } from "../inputs/grad.js";
import { readLengths } from "../inputs/labelLists.js";
import { factorRows, readReduction, readUpstream } from "../inputs/lossOptions.js";
import { countRows, keptLayout, readMasks } from "../inputs/masks.js";
import type { Job } from "../memory/job.js";
import { checkClasses, layoutOf } from "../memory/layout.js";
import { Operands, pointerOf } from "../memory/operands.js";
import { Samples } from "../memory/samples.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits } from "../types.js";
import { sinkOf, sourceOf } from "./crossEntropyPlan.js";
import { readSequences } from "./ctcTargets.js";
import { ELEMENT_OPTIONS, type ElementLossOptions } from "./elementLoss.js";
import type { LossOf } from "./lossResult.js";
import { LossSums } from "./lossSums.js";

export interface CtcLossOptions extends ElementLossOptions {
  /** Class that stands for no label (default 0). */
  readonly blank?: number | undefined;
  /** Time steps of each sample (default: T). */
  readonly inputLengths?: ArrayLike<number> | undefined;
  /** Labels of each sample; needed where targets are one flat array (default: the lists' own). */
  readonly targetLengths?: ArrayLike<number> | undefined;
  /** Whether a sample without any alignment costs 0 instead of +∞ (default false). */
  readonly zeroInfinity?: boolean | undefined;
}

const OPTIONS = [
  ...ELEMENT_OPTIONS,
  "blank",
  "inputLengths",
  "targetLengths",
  "zeroInfinity",
] as const;

export interface CtcLossMethods {
  /**
   * Connectionist temporal classification: −ln of the probability that a sequence of classes, with
   * repeats merged and blanks taken out, is the target.
   *
   *   loss_n = −ln Σ_π Π_t e^(x_tn(π_t))          π: alignments of targets[n] with T_n time steps
   *   mean = (1 / N) · Σ_n loss_n / max(1, S_n)   as PyTorch; divisor "rows": (1 / N) · Σ_n loss_n
   *
   * @param logProbs - (T, N, C), or (T, C) for one sample, as logSoftmax returns them.
   * @param targets - class indices: a list for each sample, an integer array of shape (N, S), or
   *   one flat array of all lists with `targetLengths`.
   * @param options - see {@link CtcLossOptions}; `compat`: "torch", "keras", "tensorflow", "optax".
   * @returns as crossEntropy with samples in place of rows; where the mean divides by lengths,
   *   `lossSum` holds the divided losses. `grad` is the derivative with respect to logProbs, −γ;
   *   PyTorch adds e^x to it, which its logSoftmax takes away again.
   * @throws {LogitsError} ERR_TARGET_RANGE for a label out of range; ERR_SHAPE if lengths disagree.
   *
   * Special values: no alignment → +∞ (or 0 with zeroInfinity), gradient 0. NaN → NaN.
   * Accuracy: 1e-6 relative for the loss; gradients to 1e-6 of the scale.
   * @example
   * engine.ctcLoss(engine.logSoftmax([[[1, 2, 3]], [[3, 2, 1]]]), [[1]]).loss; // 1.4076
   */
  ctcLoss<const O extends CtcLossOptions = object, L extends Logits = Logits>(
    logProbs: L,
    targets: unknown,
    options?: O,
  ): LossOf<O, L>;
}

export function ctcLoss(
  work: Workspace,
  logProbs: Logits,
  targets: unknown,
  options?: CtcLossOptions,
): Job<unknown> {
  const fn = "ctcLoss";
  const given = checkOptions(fn, options, OPTIONS);
  const rule = readReduction(fn, given, CTC_PRESETS);
  const zeroInfinity = checkBoolean(fn, "zeroInfinity", given.zeroInfinity ?? false);
  const { arena } = work;
  const array = readArray(fn, "logProbs", logProbs, arena);
  const rank = array.shape.length;
  if (rank !== 2 && rank !== 3) {
    fail("ERR_SHAPE", {
      fn,
      argument: "logProbs",
      expected: "must have shape (T, N, C) or (T, C)",
      gotText: `shape ${shapeText(array.shape)}`,
    });
  }
  const whole = layoutOf(fn, array.shape);
  checkClasses(fn, whole);
  const time = array.shape[0]!;
  const samples = rank === 2 ? 1 : array.shape[1]!;
  const masks = readMasks(fn, { classMask: given.classMask }, whole);
  const { rows: kept } = readMasks(fn, { rowMask: given.rowMask }, { ...whole, rows: samples });
  const most = { min: 0, max: Math.max(0, whole.classes - 1), integer: true };
  const blank = checkNumber(fn, "blank", given.blank ?? 0, most);
  const steps = readLengths(fn, "inputLengths", given.inputLengths, samples, time);
  const positions = masks.classes?.positions;
  const sequences = readSequences(
    fn,
    arena,
    targets,
    given.targetLengths,
    samples,
    whole.classes,
    blank,
    positions,
  );
  const upstream = readUpstream(fn, given.upstream, rule.reduction, samples);
  const count = countRows(kept, samples);
  const layout = keptLayout(whole, masks.classes);
  const { classes } = layout;
  const sums = { weightSum: count, count, rows: samples, elements: layout.rows * classes };
  const byLength = rule.reduction === "mean" && rule.divisor === "weights";
  const factors =
    byLength || kept
      ? Float64Array.from({ length: samples }, (_unused, n) =>
          kept?.[n] === 0 ? 0 : byLength ? 1 / Math.max(1, sequences.lengthOf(n)) : 1,
        )
      : undefined;
  const losses = new LossSums(fn, work, rule, sums, upstream, samples, 1, factors);
  const grad = placeGrad(work, fn, given.grad, array, []);
  const labels = work.block(sequences.labels.length * 4);
  arena.views.i32.set(sequences.labels, labels / 4);
  const states = work.scratch((time + 1) * (2 * sequences.longest + 1) * 8);
  const places = { work, whole, masks };
  const operands = new Operands();
  const xAt = operands.add(new Samples(sourceOf(places, array), time, samples, classes));
  const lossAt = operands.add(losses);
  const factorAt = operands.add(factorRows(arena, upstream, factors));
  const gradAt = operands.add(grad && new Samples(sinkOf(places, grad), time, samples, classes));
  const blankAt = positions?.[blank] ?? blank;
  return {
    rows: samples,
    classes: time * classes,
    operands: operands.list,
    run(k, tile) {
      const bytes = time * classes * 4;
      const gradPtr = pointerOf(tile, gradAt);
      const lossPtr = pointerOf(tile, lossAt);
      const factorPtr = pointerOf(tile, factorAt);
      for (let r = 0; r < tile.rows; r++) {
        const n = tile.row + r;
        const { f64 } = arena.views;
        k.ctcLossSample(
          pointerOf(tile, xAt) + r * bytes,
          gradPtr && gradPtr + r * bytes,
          time,
          classes,
          steps?.[n] ?? time,
          labels + sequences.startOf(n) * 4,
          sequences.lengthOf(n),
          blankAt,
          zeroInfinity,
          losses.scale * (factorPtr ? f64[factorPtr / 8 + r]! : 1),
          states,
          lossPtr + r * 8,
        );
      }
    },
    finish: () => losses.result(grad),
  };
}

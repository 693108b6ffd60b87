import { checkBoolean, checkNumber, checkOptions, checkWord, fail } from "../check.js";
import { readArray } from "../inputs/array.js";
import {
  CandidateSource,
  type Sampler,
  expectedCount,
  readCounts,
  readSampled,
} from "../inputs/candidates.js";
import { SAMPLED_PRESETS } from "../inputs/compat.js";
import { type GradOption, placeGrad } from "../inputs/grad.js";
import {
  REDUCTION_OPTIONS,
  type ReductionOptions,
  factorRows,
  readIgnoreIndex,
  readReduction,
  readUpstream,
} from "../inputs/lossOptions.js";
import { type Mask, readMasks } from "../inputs/masks.js";
import { readIndices } from "../inputs/targets.js";
import type { Job } from "../memory/job.js";
import { layoutOf } from "../memory/layout.js";
import { Source } from "../memory/source.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits } from "../types.js";
import { planIndices } from "./crossEntropyIndices.js";
import type { LossOf } from "./lossResult.js";
import { SideGradients } from "./sideGradients.js";

export interface SampledSoftmaxLossOptions extends ReductionOptions {
  /** S class ids, sampled for all rows. */
  readonly sampled: ArrayLike<number>;
  /** Number of classes C that ids are below. */
  readonly classes: number;
  /** What drew `sampled`: "logUniform" (default; classes in order of falling frequency) or "uniform". */
  readonly sampler?: Sampler | undefined;
  /** Draws the sampler needed for S different classes (default S). */
  readonly tries?: number | undefined;
  /** Expected count of each row's target, in place of the sampler's. */
  readonly targetCounts?: ArrayLike<number> | undefined;
  /** Expected count of each sampled class, in place of the sampler's. */
  readonly sampledCounts?: ArrayLike<number> | undefined;
  /** Whether a sampled class that is the row's target is left out (default true). */
  readonly removeAccidentalHits?: boolean | undefined;
  /** Labels that are skipped; default −100 for signed index arrays, none for unsigned, null for none. */
  readonly ignoreIndex?: number | readonly number[] | null | undefined;
  /** One entry per row: a row that is false or 0 is ignored. */
  readonly rowMask?: Mask | undefined;
  /** Gradient of the objective with respect to `loss`: a number, or for "none" one per row. */
  readonly upstream?: number | ArrayLike<number> | undefined;
  /** Whether and where to write the gradient with respect to the logits. */
  readonly grad?: GradOption;
}

const OPTIONS = [
  "sampled",
  "classes",
  "sampler",
  "tries",
  "targetCounts",
  "sampledCounts",
  "removeAccidentalHits",
  "ignoreIndex",
  "rowMask",
  ...REDUCTION_OPTIONS,
  "upstream",
  "grad",
] as const;

export interface SampledSoftmaxLossMethods {
  /**
   * Cross entropy over the target and a sample of the other classes, for training with many classes.
   *
   *   v_i = [x_i0 − ln E(y_i), x_i1 − ln E(s_1), …, x_iS − ln E(s_S)],   loss_i = logSumExp(v_i) − v_i0
   *   E(k) = 1 − (1 − P(k))^tries: the expected count of class k in the sample
   *
   * An estimate for training; judge a model by {@link CrossEntropyMethods.crossEntropy}.
   *
   * @param logits - (N, 1 + S): in each row the logit of its target, then those of the sampled classes.
   * @param targets - N class ids in [0, classes), or ignored.
   * @param options - see {@link SampledSoftmaxLossOptions}; `sampled` and `classes` are needed;
   *   `compat`: "tensorflow".
   * @returns as crossEntropy; the gradient has the logits' shape, 0 at an accidental hit.
   * @throws {LogitsError} ERR_TARGET_RANGE for an id out of range; else as crossEntropy.
   *
   * Special values: as crossEntropy.
   * Accuracy: as crossEntropy, on logits rounded to float32 after the correction.
   * @example
   * engine.sampledSoftmaxLoss([[2, 1, 0]], [4], { sampled: [0, 7], classes: 10 }).loss; // 0.2742
   */
  sampledSoftmaxLoss<const O extends SampledSoftmaxLossOptions, L extends Logits = Logits>(
    logits: L,
    targets: Logits | ArrayLike<number> | ArrayLike<bigint>,
    options: O,
  ): LossOf<O, L>;
}

export function sampledSoftmaxLoss(
  work: Workspace,
  logits: Logits,
  targets: unknown,
  options?: SampledSoftmaxLossOptions,
): Job<unknown> {
  const fn = "sampledSoftmaxLoss";
  const given = checkOptions(fn, options, OPTIONS);
  const rule = readReduction(fn, given, SAMPLED_PRESETS);
  const positive = { min: 1, max: 2 ** 31 - 1, integer: true };
  const classes = checkNumber(fn, "classes", given.classes, positive);
  const sampled = readSampled(fn, given.sampled, classes);
  const sampler = checkWord(fn, "sampler", given.sampler ?? "logUniform", [
    "logUniform",
    "uniform",
  ]);
  const tries = checkNumber(fn, "tries", given.tries ?? sampled.length, { min: 0 });
  const removeHits = checkBoolean(fn, "removeAccidentalHits", given.removeAccidentalHits ?? true);
  const ignoreIndex = readIgnoreIndex(fn, given.ignoreIndex);
  const { arena } = work;
  const array = readArray(fn, "logits", logits, arena);
  const layout = layoutOf(fn, array.shape);
  const { rows } = layout;
  if (layout.classes !== sampled.length + 1) {
    fail("ERR_SHAPE", {
      fn,
      argument: "logits",
      expected: `must have 1 + S = ${sampled.length + 1} candidates on the last axis`,
      gotText: String(layout.classes),
    });
  }
  const masks = readMasks(fn, { rowMask: given.rowMask }, layout);
  const all = { ...layout, classes };
  const ids = readIndices(fn, targets, all, ignoreIndex, undefined, arena, masks);
  const upstream = readUpstream(fn, given.upstream, rule.reduction, rows);
  const countOf = (k: number): number => expectedCount(k, classes, tries, sampler);
  const targetCounts = readCounts(fn, "targetCounts", given.targetCounts, rows);
  const sampledCounts = readCounts(fn, "sampledCounts", given.sampledCounts, sampled.length);
  const targetLogs = Float64Array.from(ids.classOf, (y, i) =>
    y < 0 ? 0 : Math.log(targetCounts?.[i] ?? countOf(y)),
  );
  const sampledLogs = Float64Array.from(sampled, (k, j) =>
    Math.log(sampledCounts?.[j] ?? countOf(k)),
  );
  const { classOf } = ids;
  const plan = {
    work,
    fn,
    array,
    whole: layout,
    layout,
    masks,
    rule,
    weight: undefined,
    smoothing: 0,
    zLoss: 0,
    adjustment: undefined,
    upstream,
    lossFactors: undefined,
    factors: factorRows(arena, upstream, undefined),
    side: new SideGradients(fn, work),
    source: new CandidateSource(
      arena,
      new Source(work, array, layout),
      targetLogs,
      sampledLogs,
      (row, j) => removeHits && sampled[j] === classOf[row],
    ),
  };
  // The target is candidate 0 of every row.
  const first = { ...ids, classOf: classOf.map((y) => Math.min(y, 0)) };
  return planIndices(plan, first, () => placeGrad(work, fn, given.grad, array, [ids.region]));
}

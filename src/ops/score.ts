import { checkNumber, checkOptions, fail } from "../check.js";
import { type TemperatureOption, readAdjustment } from "../inputs/adjustment.js";
import { readArray } from "../inputs/array.js";
import { readIgnoreIndex } from "../inputs/lossOptions.js";
import { type Mask, type Masks, classesLeftOut, readMasks } from "../inputs/masks.js";
import {
  ColumnRows,
  type ScoreColumns,
  type ScoreOut,
  type TargetColumns,
} from "../inputs/scoreColumns.js";
import { indexArrayOf, readClassIndices } from "../inputs/targets.js";
import type { Arena } from "../memory/arena.js";
import { type ArrayInput, makeArray } from "../memory/array.js";
import type { Job } from "../memory/job.js";
import { type Layout, checkClasses, layoutOf } from "../memory/layout.js";
import { MaskedSource } from "../memory/maskedSource.js";
import { Sink } from "../memory/sink.js";
import { type Adjustment, Source } from "../memory/source.js";
import type { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import type { ArrayLikeObject, ArrayResult, Logits } from "../types.js";
import type { LogitsPlaces } from "./crossEntropy.js";
import { planScore } from "./scoreRows.js";

export interface ScoreOptions extends TemperatureOption {
  /** The class axis; negative counts from the end (default −1). */
  readonly axis?: number | undefined;
  /** How many of the most likely classes to list per row (default 0). */
  readonly topK?: number | undefined;
  /** One entry per class: a class that is false or 0 counts as −∞, and may not be a target. */
  readonly classMask?: Mask | undefined;
  /** Labels of rows without a target; default −100 for signed index arrays, none for unsigned. */
  readonly ignoreIndex?: number | readonly number[] | null | undefined;
  /** Log-probabilities below it are raised to it, as JSON has no −∞ (default none; −9999 is usual). */
  readonly floor?: number | undefined;
  /** The caller's arrays, one element per row or more; columns that are not in it are made. */
  readonly out?: ScoreOut | undefined;
}

export const SCORE_OPTIONS = ["topK", "temperature", "ignoreIndex", "floor", "out"] as const;
const OPTIONS = ["axis", "classMask", ...SCORE_OPTIONS] as const;

export type ScoreTargets = ArrayLike<number> | ArrayLike<bigint> | ArrayLikeObject | Tensor;

export type Scores<O, T> = ScoreColumns &
  (T extends null ? Partial<Record<keyof TargetColumns, undefined>> : TargetColumns) & {
    readonly topK: O extends { readonly topK: number } ? TopKScores : TopKScores | undefined;
  };

/** Log-probabilities and classes, most likely first, of shape (rows, k). */
export interface TopKScores {
  readonly values: ArrayResult;
  readonly indices: ArrayResult<Int32Array>;
}

export interface ScoreMethods {
  /**
   * Everything people ask of a row of logits, in one visit of it.
   *
   *   logSumExp = ln Σ_c e^(z_c),   targetLogprob = z_y − logSumExp,   entropy = −Σ_c p_c ln p_c
   *   max = z_argmax,   margin = max − second greatest,   rank = #{ c : z_c > z_y }
   *
   * @param logits - any shape; `axis` names the class axis.
   * @param targets - one class index per row, or null for none.
   * @param options - `axis` (−1), `topK` (0), `temperature` (1), `classMask`, `ignoreIndex`,
   *   `floor`, `out`.
   * @returns a typed array per column, one value per row; with targets also `targetLogprob` and
   *   `rank`; with topK also `topK.values` (log-probabilities) and `topK.indices` of shape
   *   (rows, k). All in JavaScript memory.
   * @throws {LogitsError} ERR_SHAPE if lengths disagree; ERR_TARGET_RANGE if an index is out of
   *   range; ERR_ARGUMENT_TYPE or ERR_ARGUMENT_VALUE for a wrong argument. Nothing is written then.
   *
   * Special values: a row with NaN → NaN, its argmax the first NaN, and NaN ranks above numbers;
   * +∞ → logSumExp +∞, log-probabilities and entropy NaN; −∞ only → logSumExp −∞, the rest NaN.
   * `flags` says which of these a row holds, see SCORE_FLAGS. One class → margin +∞. An ignored row
   * has targetLogprob NaN and rank −1. With a temperature all columns are of z / T.
   * Accuracy: log-probabilities and logSumExp as logSoftmax and logSumExp; entropy 1e-6 relative above 1e-29.
   * @example
   * const { rank, targetLogprob } = engine.score([[0.5, 1.5, 0.1], [2.2, 1.3, 1.7]], [1, 2]);
   * rank; // Int32Array [0, 1]
   */
  score<const O extends ScoreOptions = object, T extends ScoreTargets | null = ScoreTargets>(
    logits: Logits,
    targets: T,
    options?: O,
  ): Scores<O, T>;
}

export function score(
  work: Workspace,
  logits: Logits,
  targets: ScoreTargets | null,
  options?: ScoreOptions,
): Job<object> {
  const fn = "score";
  const given = checkOptions(fn, options, OPTIONS);
  return planColumns(work, fn, given, targets, {
    read: () => readArray(fn, "logits", logits, work.arena),
  });
}

/** The plan of score, and of the one that makes its logits itself. */
export function planColumns(
  work: Workspace,
  fn: string,
  given: ScoreOptions,
  targets: ScoreTargets | null,
  places: Pick<LogitsPlaces, "read" | "local">,
): Job<object> {
  const adjustment = readAdjustment(fn, given.temperature);
  const ignoreIndex = readIgnoreIndex(fn, given.ignoreIndex);
  const floor = given.floor === undefined ? -Infinity : checkNumber(fn, "floor", given.floor, {});
  const array = places.read();
  const layout = layoutOf(fn, array.shape, given.axis);
  const { rows, classes } = layout;
  const k = checkNumber(fn, "topK", given.topK ?? 0, { min: 0, max: classes, integer: true });
  const masks = readMasks(fn, { classMask: given.classMask }, layout);
  const indices = readTargets(fn, work.arena, targets, layout, ignoreIndex, masks);
  checkClasses(fn, layout);
  const records = new ColumnRows(fn, work, given.out, array, rows, indices, floor);
  const best = { shape: [rows, k], axis: 1, outer: rows, classes: k, inner: 1, rows };
  const values = makeArray(fn, Float32Array, rows * k);
  const classesOf = makeArray(fn, Int32Array, rows * k);
  const sink = (data: Float32Array | Int32Array): Sink | undefined =>
    k > 0 ? new Sink(work, best, { data, address: 0 }, true) : undefined;
  return planScore({
    work,
    array,
    layout,
    adjustment,
    indices,
    source: maskedSource(work, array, layout, adjustment, masks),
    records,
    brier: false,
    local: places.local,
    k,
    floor,
    values: sink(values),
    best: sink(classesOf),
    finish: () => ({
      ...records.columns,
      topK:
        given.topK === undefined
          ? undefined
          : {
              values: { data: values, shape: best.shape, dtype: "float32" },
              indices: { data: classesOf, shape: best.shape, dtype: "int32" },
            },
    }),
  });
}

/** Checked class indices, or undefined for null. */
function readTargets(
  fn: string,
  arena: Arena,
  targets: unknown,
  layout: Parameters<typeof readClassIndices>[3],
  ignoreIndex: readonly number[] | undefined,
  masks: Masks,
): ReturnType<typeof readClassIndices> | undefined {
  if (targets === null) return undefined;
  const values = indexArrayOf(fn, targets, arena);
  if (values === undefined) {
    fail("ERR_ARGUMENT_TYPE", {
      fn,
      argument: "targets",
      expected: "must be class indices, one per row, or null",
      got: targets,
    });
  }
  const indices = readClassIndices(
    fn,
    targets,
    values,
    layout,
    ignoreIndex,
    undefined,
    arena,
    masks,
  );
  return { ...indices, positions: undefined }; // classes left out stay in their places
}

/** The logits with classes left out at −∞; undefined where none is. */
function maskedSource(
  work: Workspace,
  array: ArrayInput,
  layout: Layout,
  adjustment: Adjustment | undefined,
  masks: Masks,
): MaskedSource | undefined {
  const leftOut = classesLeftOut(masks);
  if (leftOut === undefined) return undefined;
  const source = new Source(work, array, layout, adjustment);
  return new MaskedSource(work.arena, source, leftOut);
}

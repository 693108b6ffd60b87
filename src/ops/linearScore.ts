import { checkOptions } from "../check.js";
import { type LayerOptions, type LinearLayer, readLayer } from "../inputs/layer.js";
import type { Job } from "../memory/job.js";
import type { Workspace } from "../memory/workspace.js";
import { LinearSteps } from "./linearSteps.js";
import {
  SCORE_OPTIONS,
  type ScoreOptions,
  type ScoreTargets,
  type Scores,
  planColumns,
} from "./score.js";

export interface LinearScoreOptions extends Omit<ScoreOptions, "axis">, LayerOptions {}

const OPTIONS = [...SCORE_OPTIONS, "weightLayout"];

export interface LinearScoreMethods {
  /**
   * Scores of the logits of a linear layer, without ever holding the logits: the target's
   * log-probability, argmax, rank, entropy and the most likely classes of each row.
   *
   *   z = input · weightᵀ + bias,   columns as score(z, targets)
   *
   * @param layer - as linearCrossEntropy's.
   * @param targets - one class index per row of input, or null for none.
   * @param options - score's without `axis`; `weightLayout`.
   * @returns as {@link ScoreMethods.score}.
   * @throws {LogitsError} ERR_SHAPE if shapes disagree; else as score. Nothing is written then.
   *
   * Special values: as score's of z. Accuracy: of the logits, as linearCrossEntropy; then as score.
   * @example
   * const layer = { input: [[1, 2]], weight: [[1, 0], [0, 1], [1, 1]], bias: [0, 0, 0] };
   * engine.linearScore(layer, [1]).rank; // Int32Array [1]
   */
  linearScore<
    const O extends LinearScoreOptions = object,
    T extends ScoreTargets | null = ScoreTargets,
  >(
    layer: LinearLayer,
    targets: T,
    options?: O,
  ): Scores<O, T>;
}

export function linearScore(
  work: Workspace,
  layer: LinearLayer,
  targets: ScoreTargets | null,
  options?: LinearScoreOptions,
): Job<object> {
  const fn = "linearScore";
  const { weightLayout, ...given } = checkOptions(fn, options, OPTIONS);
  const read = readLayer(fn, work, layer, weightLayout);
  const steps = new LinearSteps(work, read);
  const { logits, local } = steps;
  return steps.job(planColumns(work, fn, given, targets, { read: () => logits, local }), {});
}

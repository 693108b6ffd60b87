/**
 * Metrics of a classifier over rows of score.ts, as the formulas stand.
 *
 *   ECE = Σ_b (n_b / n) |accuracy_b − confidence_b| over bins (b / B, (b + 1) / B], 0 in the first
 *   AUROC = mean over pairs of [s₊ > s₋] + ½ [s₊ = s₋]
 */
import type { ScoreRow } from "./score.ts";
import { sum } from "./sum.ts";

export type Includes = "high" | "low" | "lowAndOne";

export function binOf(confidence: number, bins: number, edges: Includes = "high"): number {
  for (let b = 0; b < bins; b++) {
    const inside =
      edges === "high"
        ? confidence <= (b + 1) / bins
        : confidence < (b + 1) / bins || (edges === "low" && b === bins - 1);
    if (inside) return b;
  }
  return bins;
}

export function calibrationErrors(
  rows: readonly { readonly confidence: number; readonly right: boolean }[],
  bins: number,
  edges: Includes = "high",
): { ece: number; mce: number } {
  const gaps: { gap: number; share: number }[] = [];
  for (let b = 0; b <= bins; b++) {
    const inside = rows.filter(({ confidence }) => binOf(confidence, bins, edges) === b);
    if (inside.length === 0) continue;
    const right = inside.filter((row) => row.right).length / inside.length;
    const mean = sum(inside.map(({ confidence }) => confidence)) / inside.length;
    gaps.push({ gap: Math.abs(right - mean), share: inside.length / rows.length });
  }
  return {
    ece: sum(gaps.map(({ gap, share }) => gap * share)),
    mce: Math.max(...gaps.map(({ gap }) => gap)),
  };
}

export function auroc(scores: readonly number[], positive: readonly boolean[]): number {
  const yes = scores.filter((_s, i) => positive[i]);
  const no = scores.filter((_s, i) => !positive[i]);
  return (
    sum(yes.flatMap((a) => no.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)))) /
    (yes.length * no.length)
  );
}

/** Place of the target among logits sorted best first, the lower class first among equals. */
export function placeOf(logProbs: Float64Array, y: number): number {
  const order = Array.from(logProbs.keys()).toSorted(
    (a, b) => logProbs[b]! - logProbs[a]! || a - b,
  );
  return order.indexOf(y);
}

export function meanLoss(rows: readonly ScoreRow[]): number {
  return sum(rows.map((row) => -row.targetLogprob)) / rows.length;
}

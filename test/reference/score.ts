/**
 * What there is to know of a row of logits z (rowSum.ts), with z = x / T:
 *
 *   targetLogprob = z_y − lse = −((m − z_y) + L),   entropy = L + Σ_j p_j (m − z_j)
 *   margin = m − second greatest (−∞ for one class),   rank = #{ j : z_j > z_y }, NaN above numbers
 *   brier = Σ_c (p_c − [c = y])²,   confidence = p_max
 *
 * Flags: 1 NaN, 2 +∞, 4 −∞ present, 8 nothing but −∞. Entropy takes 0 · ∞ as 0.
 */
import { adjust } from "./adjust.ts";
import { argmaxOf } from "./argmax.ts";
import { type ClassIndices, type IgnoreIndex, readIndices } from "./classIndices.ts";
import { compareLogits } from "./order.ts";
import { checkSize, type Numbers, readRow, rowsOf } from "./rows.ts";
import { complementsOf, logSumExpOf, probabilitiesOf, rowSum } from "./rowSum.ts";
import { sum, times } from "./sum.ts";

export interface ScoreRow {
  readonly logSumExp: number;
  readonly max: number;
  readonly argmax: number;
  readonly targetLogprob: number;
  readonly rank: number;
  readonly entropy: number;
  readonly margin: number;
  readonly flags: number;
  readonly confidence: number;
  readonly brier: number;
  /** z_j − lse for every j. */
  readonly logProbs: Float64Array;
}

export function score(
  logits: Numbers,
  shape: readonly number[],
  targets: ClassIndices | null,
  options: {
    readonly axis?: number;
    readonly temperature?: number;
    readonly ignoreIndex?: IgnoreIndex;
  } = {},
): ScoreRow[] {
  checkSize(logits, shape);
  const rows = rowsOf(shape, options.axis);
  const indices = targets && readIndices(targets, rows.rows, rows.classes, options.ignoreIndex);
  return Array.from({ length: rows.rows }, (_unused, i) =>
    scoreRow(adjust(readRow(logits, rows, i), options), indices?.[i] ?? -1),
  );
}

function scoreRow(z: Float64Array, y: number): ScoreRow {
  const row = rowSum(z);
  const argmax = argmaxOf(z);
  const max = z[argmax] as number;
  const others = z.filter((_value, j) => j !== argmax);
  const second = others.length === 0 ? -Infinity : (others[argmaxOf(others)] as number);
  const p = probabilitiesOf(z, row);
  const complement = complementsOf(z, row);
  const target = z[y] as number;
  const flags =
    Number(z.some(Number.isNaN)) +
    2 * Number(z.includes(Infinity)) +
    4 * Number(z.includes(-Infinity)) +
    8 * Number(z.every((value) => value === -Infinity));
  return {
    logSumExp: logSumExpOf(row),
    max,
    argmax,
    targetLogprob: y < 0 ? NaN : -(row.max - target + row.log),
    rank: y < 0 ? -1 : z.filter((value) => compareLogits(value, target) > 0).length,
    entropy: row.log + sum(z.map((value, j) => times(p[j] as number, row.max - value))),
    margin: Number.isNaN(max) ? NaN : max - second,
    flags,
    confidence: p[argmax] as number,
    brier:
      y < 0 ? NaN : sum(p.map((value, c) => (c === y ? (complement[c] as number) : value) ** 2)),
    logProbs: z.map((value) => value - row.max - row.log),
  };
}

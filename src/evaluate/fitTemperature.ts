/**
 * Temperature scaling (Guo et al. 2017), fitted on logits.
 *
 *   L(β) = Σ_i logSumExp(β z_i) − β z_iy,   β = 1 / T
 *   L′(β) = Σ_i E_p[z_i] − z_iy,   L″(β) = Σ_i Var_p[z_i] ≥ 0
 *
 * L is convex, so its minimum over a closed range is where L′ changes sign, or an end of the range.
 * Newton's step where it stays in the bracket, else bisection of ln β; float64 throughout.
 */
import { checkNumber, checkOptions } from "../check.js";
import type { Engine } from "../engine.js";
import { MASK_OPTIONS } from "../inputs/masks.js";
import type { ScoreTargets } from "../ops/score.js";
import type { Logits } from "../types.js";
import { type CalibrationReport, calibrationReport } from "./calibrationReport.js";
import { type LogitRows, type RowOptions, readLogitRows } from "./logitRows.js";

export interface FitTemperatureOptions extends RowOptions {
  /** Least temperature considered (default 0.01). */
  readonly min?: number | undefined;
  /** Greatest temperature considered (default 100). */
  readonly max?: number | undefined;
}

export interface TemperatureFit {
  /** Pass it as `temperature` to softmax, score and the others. */
  readonly temperature: number;
  /** Whether the optimum is at `min` or `max` or beyond: all right, all wrong, too few rows. */
  readonly atBound: boolean;
  /** False where no temperature is better than another (equal logits, no rows); it is 1 then. */
  readonly determined: boolean;
  /** Rows that could not be used: NaN, +∞, or −∞ at the target. */
  readonly skippedRows: number;
  /** Metrics of the same rows at temperature 1 and at the fitted one. */
  readonly before: CalibrationReport;
  readonly after: CalibrationReport;
}

const OPTIONS = ["axis", "ignoreIndex", ...MASK_OPTIONS, "min", "max"] as const;

/**
 * Finds the temperature that minimises the cross entropy of logits / T.
 *
 * @param logits - any accepted form; hold back rows the model was not trained on.
 * @param targets - one class index per row.
 * @param options - `axis` (−1), `ignoreIndex`, `rowMask`, `classMask`, `min` (0.01), `max` (100).
 * @throws {LogitsError} as engine.score; ERR_ARGUMENT_VALUE unless 0 < min ≤ 1 ≤ max.
 *
 * Accuracy: 1e-9 relative to the exact optimum of the float32 logits.
 * @example
 * fitTemperature(engine, [[4, 0], [4, 0], [0, 4]], [0, 1, 1]).temperature; // 5.7708
 */
export function fitTemperature(
  engine: Engine,
  logits: Logits,
  targets: ScoreTargets,
  options?: FitTemperatureOptions,
): TemperatureFit {
  const fn = "fitTemperature";
  const given = checkOptions(fn, options, OPTIONS);
  const min = checkNumber(fn, "min", given.min ?? 0.01, { min: 0, max: 1, above: true });
  const max = checkNumber(fn, "max", given.max ?? 100, { min: 1 });
  const rows = readLogitRows(engine, fn, logits, targets, given);
  const found = minimumOf(rows, 1 / max, 1 / min);
  const temperature = found.end === "low" ? max : found.end === "high" ? min : 1 / found.beta;
  return {
    temperature,
    atBound: found.end !== undefined,
    determined: found.determined,
    skippedRows: rows.skippedRows,
    before: calibrationReport(engine, rows, 1),
    after: calibrationReport(engine, rows, temperature),
  };
}

interface Minimum {
  readonly beta: number;
  /** The end of the range where the minimum is, if it is there. */
  readonly end?: "low" | "high";
  readonly determined: boolean;
}

function minimumOf(rows: LogitRows, least: number, most: number): Minimum {
  const atLeast = derivatives(rows, least).slope;
  const atMost = derivatives(rows, most).slope;
  if (atLeast >= 0 && atMost <= 0) return { beta: 1, determined: false };
  if (atLeast >= 0) return { beta: least, end: "low", determined: true };
  if (atMost <= 0) return { beta: most, end: "high", determined: true };
  let low = least;
  let high = most;
  let beta = Math.min(Math.max(1, low), high);
  for (let i = 0; i < 200 && high / low > 1 + 1e-14; i++) {
    const { slope, curvature } = derivatives(rows, beta);
    if (slope === 0) break;
    if (slope < 0) low = beta;
    else high = beta;
    let next = beta - slope / curvature;
    if (!(next > low && next < high)) next = Math.sqrt(low * high);
    if (Math.abs(next - beta) <= 1e-13 * beta) break;
    beta = next;
  }
  return { beta, determined: true };
}

/** L′ and L″. Classes at −∞ have probability 0 and do not enter. */
function derivatives(rows: LogitRows, beta: number): { slope: number; curvature: number } {
  const { logits, targets, count, classes } = rows;
  let slope = 0;
  let curvature = 0;
  for (let row = 0; row < count; row++) {
    const start = row * classes;
    let m = -Infinity;
    for (let i = start; i < start + classes; i++) if (logits[i]! > m) m = logits[i]!;
    let sum = 0;
    let first = 0;
    let second = 0;
    for (let i = start; i < start + classes; i++) {
      const gap = logits[i]! - m;
      const w = Math.exp(beta * gap);
      if (w === 0) continue;
      sum += w;
      first += w * gap;
      second += w * gap * gap;
    }
    const mean = first / sum;
    slope += mean - (logits[start + targets[row]!]! - m);
    curvature += second / sum - mean * mean;
  }
  return { slope, curvature };
}

/**
 * Vector scaling (Guo et al. 2017): a factor and an offset for each class, fitted on logits.
 *
 *   z′_c = a_c z_c + b_c,   L = mean_i(logSumExp(z′_i) − z′_iy) + (λ / 2) Σ_c ((a_c − 1)² + b_c²)
 */
import { checkNumber, checkOptions } from "../check.js";
import type { Engine } from "../engine.js";
import { MASK_OPTIONS } from "../inputs/masks.js";
import type { ScoreTargets } from "../ops/score.js";
import { type Evaluation, minimize } from "../optimize/lbfgs.js";
import type { Logits } from "../types.js";
import { type CalibrationReport, calibrationReport } from "./calibrationReport.js";
import { type LogitRows, type RowOptions, readLogitRows } from "./logitRows.js";

export interface FitVectorOptions extends RowOptions {
  /** λ ≥ 0 (default 1e-6, which keeps the optimum finite for separable rows). */
  readonly l2?: number | undefined;
  readonly maxIterations?: number | undefined;
}

export interface VectorFit {
  /** a_c and b_c. */
  readonly scale: Float64Array;
  readonly offset: Float64Array;
  /** False where maxIterations came first. */
  readonly converged: boolean;
  readonly skippedRows: number;
  readonly before: CalibrationReport;
  readonly after: CalibrationReport;
  /** a_c z_c + b_c of rows of `classes` logits. */
  apply(logits: ArrayLike<number>): Float32Array;
}

const OPTIONS = ["axis", "ignoreIndex", ...MASK_OPTIONS, "l2", "maxIterations"] as const;

/**
 * Finds the factor and offset of each class that minimise the cross entropy.
 *
 * @param logits - any accepted form; hold back rows the model was not trained on.
 * @param targets - one class index per row.
 * @param options - `axis` (−1), `ignoreIndex`, `rowMask`, `classMask` (a class that is left out keeps
 *   factor 1 and offset 0), `l2` (1e-6), `maxIterations` (500).
 * @throws {LogitsError} as engine.score.
 */
export function fitVector(
  engine: Engine,
  logits: Logits,
  targets: ScoreTargets,
  options?: FitVectorOptions,
): VectorFit {
  const fn = "fitVector";
  const given = checkOptions(fn, options, OPTIONS);
  const l2 = checkNumber(fn, "l2", given.l2 ?? 1e-6, { min: 0 });
  const steps = { min: 0, max: 1e6, integer: true };
  const maxIterations = checkNumber(fn, "maxIterations", given.maxIterations ?? 500, steps);
  const rows = readLogitRows(engine, fn, logits, targets, given);
  const { classes } = rows;
  const start = new Float64Array(2 * classes).fill(1, 0, classes);
  const rules = { maxIterations, tolerance: 1e-9, rounding: 1e-16 };
  const found = minimize((x) => objective(rows, l2, x), start, rules);
  const scale = found.at.subarray(0, classes);
  const offset = found.at.subarray(classes);
  const apply = (z: ArrayLike<number>): Float32Array =>
    Float32Array.from(z, (v, i) => scaled(v, scale[i % classes]!, offset[i % classes]!));
  return {
    scale,
    offset,
    converged: found.stopped === "converged",
    skippedRows: rows.skippedRows,
    before: calibrationReport(engine, rows, 1),
    after: calibrationReport(engine, { ...rows, logits: apply(rows.logits) }, 1),
    apply,
  };
}

/** A masked class stays masked whatever its factor. */
function scaled(z: number, scale: number, offset: number): number {
  return z === -Infinity ? z : scale * z + offset;
}

function objective(rows: LogitRows, l2: number, x: Float64Array): Evaluation {
  const { logits, targets, count, classes } = rows;
  const z = new Float64Array(classes);
  const gradient = new Float64Array(x.length);
  let loss = 0;
  for (let row = 0; row < count; row++) {
    const start = row * classes;
    const y = targets[row]!;
    let m = -Infinity;
    for (let c = 0; c < classes; c++) {
      z[c] = scaled(logits[start + c]!, x[c]!, x[classes + c]!);
      m = Math.max(m, z[c]!);
    }
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(z[c]! - m);
    loss += m - z[y]! + Math.log(sum);
    for (let c = 0; c < classes; c++) {
      const pull = Math.exp(z[c]! - m) / sum - (c === y ? 1 : 0);
      if (pull === 0) continue;
      gradient[c]! += pull * logits[start + c]!;
      gradient[classes + c]! += pull;
    }
  }
  const share = count === 0 ? 0 : 1 / count;
  let penalty = 0;
  for (let j = 0; j < x.length; j++) {
    const away = x[j]! - (j < classes ? 1 : 0);
    penalty += (away * away * l2) / 2;
    gradient[j] = gradient[j]! * share + l2 * away;
  }
  return { value: loss * share + penalty, gradient };
}

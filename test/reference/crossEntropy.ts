/**
 * Cross entropy of logits with class indices or class probabilities, as PyTorch's cross_entropy:
 * every row is a row with shares t (crossEntropyRow.ts), C = number of classes, ε = labelSmoothing.
 *
 *   indices         t_c = (1 − ε) · w_y · [c = y] + (ε / C) · w_c
 *   probabilities   t_c = w_c · ((1 − ε) · q_c + ε / C)
 *
 * The default mean divides by Σ w_y over the rows not ignored, and by the number of rows for
 * probabilities. Rows of q need not sum to 1: the gradient is that of the loss as it stands.
 */
import {
  type ClassIndices,
  denominatorsOf,
  type IgnoreIndex,
  readIndices,
} from "./classIndices.ts";
import { crossEntropyRow, type RowLossOptions } from "./crossEntropyRow.ts";
import {
  chainRule,
  type Denominators,
  type LossAndGradient,
  reduceLosses,
  type ReductionOptions,
} from "./reduction.ts";
import { checkSize, type Numbers, readRow, type Rows, rowsOf, writeRow } from "./rows.ts";
import { times } from "./sum.ts";

export interface CrossEntropyProbabilitiesOptions extends ReductionOptions, RowLossOptions {
  readonly axis?: number;
  /** One for every class. */
  readonly weight?: Numbers;
  readonly labelSmoothing?: number;
}

export interface CrossEntropyOptions extends CrossEntropyProbabilitiesOptions {
  readonly ignoreIndex?: IgnoreIndex;
}

/** With class indices, one for every row. */
export function crossEntropy(
  logits: Numbers,
  shape: readonly number[],
  targets: ClassIndices,
  options: CrossEntropyOptions = {},
): LossAndGradient {
  const { weight, labelSmoothing = 0 } = options;
  const rows = checkedRows(logits, shape, options.axis);
  const indices = readIndices(targets, rows.rows, rows.classes, options.ignoreIndex);
  const weightOf = (c: number): number => (weight === undefined ? 1 : (weight[c] as number));
  return overRows(logits, rows, denominatorsOf(indices, rows.classes, weight), options, (i) => {
    const y = indices[i] as number;
    if (y < 0) return null;
    return Float64Array.from({ length: rows.classes }, (_unused, c) => {
      const smoothed = times(labelSmoothing / rows.classes, weightOf(c));
      return c === y ? times(1 - labelSmoothing, weightOf(y)) + smoothed : smoothed;
    });
  });
}

/** With class probabilities of the logits' shape. */
export function crossEntropyProbabilities(
  logits: Numbers,
  shape: readonly number[],
  probabilities: Numbers,
  options: CrossEntropyProbabilitiesOptions = {},
): LossAndGradient {
  const { weight, labelSmoothing = 0 } = options;
  const rows = checkedRows(logits, shape, options.axis);
  checkSize(probabilities, shape);
  const denominators: Denominators = {
    weights: rows.rows,
    valid: rows.rows,
    rows: rows.rows,
    elements: rows.rows * rows.classes,
  };
  return overRows(logits, rows, denominators, options, (i) =>
    readRow(probabilities, rows, i).map((q, c) => {
      const smoothed = (1 - labelSmoothing) * q + labelSmoothing / rows.classes;
      return weight === undefined ? smoothed : times(weight[c] as number, smoothed);
    }),
  );
}

function checkedRows(logits: Numbers, shape: readonly number[], axis: number | undefined): Rows {
  checkSize(logits, shape);
  const rows = rowsOf(shape, axis);
  if (rows.classes === 0 && rows.rows > 0) throw new RangeError("a loss needs a class");
  return rows;
}

/** Runs crossEntropyRow with the shares of each row; null marks an ignored row. */
function overRows(
  logits: Numbers,
  rows: Rows,
  denominators: Denominators,
  options: CrossEntropyProbabilitiesOptions,
  sharesOf: (row: number) => Float64Array | null,
): LossAndGradient {
  const losses = new Float64Array(rows.rows);
  const grad = new Float64Array(logits.length);
  const gradMagnitude = new Float64Array(logits.length);
  const carry = chainRule(denominators, options);
  for (let i = 0; i < rows.rows; i++) {
    const shares = sharesOf(i);
    if (shares === null) continue;
    const row = crossEntropyRow(readRow(logits, rows, i), shares, options);
    losses[i] = row.loss;
    const carried = (value: number): number => carry(value, i);
    writeRow(grad, rows, i, row.grad.map(carried));
    writeRow(gradMagnitude, rows, i, row.magnitude.map(carried).map(Math.abs));
  }
  return { ...reduceLosses(losses, denominators, options), grad, gradMagnitude };
}

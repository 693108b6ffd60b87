/**
 * Options of a MultiLabelEvaluator, checked and filled in; they travel with its state.
 */
import { checkBoolean, checkNumber, checkOptions, fail } from "../check.js";
import { readIgnoreIndex } from "../inputs/lossOptions.js";
import { readIntegers } from "./evaluatorOptions.js";
import { type Edges, readEdges } from "./reliability.js";

export interface MultiLabelOptions {
  /** Labels per row: length of the last axis. */
  readonly labels: number;
  /** Probability from which on the answer is yes: one for all, or one per label (default 0.5). */
  readonly thresholds?: number | readonly number[] | undefined;
  /** Label values that are skipped (default none). */
  readonly ignoreIndex?: number | readonly number[] | null | undefined;
  /** Labels that count, by place; the others are skipped and not read (default all). */
  readonly allowedClasses?: readonly number[] | undefined;
  readonly bins?: number | undefined;
  readonly edges?: Edges | undefined;
  /** Count logits for the AUROC of each label (default false). */
  readonly auroc?: boolean | undefined;
}

export interface MultiLabelSettings {
  readonly labels: number;
  readonly thresholds: readonly number[];
  readonly ignoreIndex: readonly number[];
  readonly allowedClasses: readonly number[] | undefined;
  readonly bins: number;
  readonly edges: Edges;
  readonly auroc: boolean;
}

const NAMES = [
  "labels",
  "thresholds",
  "ignoreIndex",
  "allowedClasses",
  "bins",
  "edges",
  "auroc",
] as const;

export function readSettings(fn: string, options: MultiLabelOptions): MultiLabelSettings {
  const given = checkOptions(fn, options, NAMES);
  const labels = checkNumber(fn, "labels", given.labels, { min: 1, max: 2 ** 24, integer: true });
  const list = Array.isArray(given.thresholds) ? (given.thresholds as unknown[]) : undefined;
  if (list && list.length !== labels) {
    fail("ERR_SHAPE", {
      fn,
      argument: "thresholds.length",
      expected: `must be the number of labels = ${labels}`,
      gotText: String(list.length),
    });
  }
  const unit = { min: 0, max: 1 };
  return {
    labels,
    thresholds: Array.from({ length: labels }, (_unused, c) =>
      list
        ? checkNumber(fn, `thresholds[${c}]`, list[c], unit)
        : checkNumber(fn, "thresholds", given.thresholds ?? 0.5, unit),
    ),
    ignoreIndex: readIgnoreIndex(fn, given.ignoreIndex) ?? [],
    allowedClasses:
      given.allowedClasses &&
      readIntegers(fn, "allowedClasses", given.allowedClasses, 0, labels - 1),
    bins: checkNumber(fn, "bins", given.bins ?? 15, { min: 1, max: 10000, integer: true }),
    edges: readEdges(fn, given.edges),
    auroc: checkBoolean(fn, "auroc", given.auroc ?? false),
  };
}

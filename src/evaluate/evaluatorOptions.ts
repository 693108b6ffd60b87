/**
 * Options of an Evaluator, checked and filled in; they travel with its state.
 */
import { checkBoolean, checkNumber, checkOptions, checkWord, fail } from "../check.js";
import { readIgnoreIndex } from "../inputs/lossOptions.js";
import type { Mask } from "../inputs/masks.js";
import { type Edges, readEdges } from "./reliability.js";

export interface EvaluatorOptions {
  /** Length of the class axis. */
  readonly classes: number;
  /** The class axis of logits; negative counts from the end (default −1). */
  readonly axis?: number | undefined;
  /** Labels that are skipped; default −100 for signed index arrays, none for unsigned, null for none. */
  readonly ignoreIndex?: number | readonly number[] | null | undefined;
  /** Classes that count; the others are treated as −∞, and may not be targets (default all). */
  readonly allowedClasses?: readonly number[] | undefined;
  /** Logits are divided by it (default 1). */
  readonly temperature?: number | undefined;
  /** Values of k for top-k accuracy (default none). */
  readonly topK?: readonly number[] | undefined;
  /** "lowest": among equal logits the lower class comes first (default). "inclusive": all are in. */
  readonly ties?: "lowest" | "inclusive" | undefined;
  /** Equal bins of the calibration error (default 15). */
  readonly bins?: number | undefined;
  /**
   * "high": (lo, hi], 0 in the first (default; Guo et al., scikit-learn). "low": [lo, hi), 1 in the
   * last (netcal). "lowAndOne": [lo, hi), 1 in a bin of its own (torchmetrics).
   */
  readonly edges?: Edges | undefined;
  /** Keep the confusion matrix (default up to 256 classes). */
  readonly confusion?: boolean | undefined;
  /** Count scores for one-vs-rest AUROC: 1 MiB a class, at most 1024 classes (default false). */
  readonly auroc?: boolean | undefined;
  /** How many of the rows with the greatest loss to keep (default 0). */
  readonly hardest?: number | undefined;
}

export interface UpdateOptions {
  /** Number of the first row, for `hardest` (default: rows seen so far). */
  readonly firstRow?: number | undefined;
  /** One entry per row: a row that is false or 0 is ignored. */
  readonly rowMask?: Mask | undefined;
}

export interface EvaluatorSettings {
  readonly classes: number;
  readonly axis: number;
  /** undefined: the default of the targets' type. */
  readonly ignoreIndex: readonly number[] | undefined;
  readonly allowedClasses: readonly number[] | undefined;
  readonly temperature: number;
  readonly topK: readonly number[];
  readonly ties: "lowest" | "inclusive";
  readonly bins: number;
  readonly edges: Edges;
  readonly confusion: boolean;
  readonly auroc: boolean;
  readonly hardest: number;
}

const NAMES = [
  "classes",
  "axis",
  "ignoreIndex",
  "allowedClasses",
  "temperature",
  "topK",
  "ties",
  "bins",
  "edges",
  "confusion",
  "auroc",
  "hardest",
] as const;

const MAX_CONFUSION = 8192;
const MAX_AUROC = 1024;

export function readSettings(fn: string, options: EvaluatorOptions): EvaluatorSettings {
  const given = checkOptions(fn, options, NAMES);
  const count = { min: 1, max: 2 ** 31 - 1, integer: true };
  const classes = checkNumber(fn, "classes", given.classes, count);
  const settings: EvaluatorSettings = {
    classes,
    axis: checkNumber(fn, "axis", given.axis ?? -1, { integer: true }),
    ignoreIndex: readIgnoreIndex(fn, given.ignoreIndex),
    allowedClasses:
      given.allowedClasses &&
      readIntegers(fn, "allowedClasses", given.allowedClasses, 0, classes - 1),
    temperature: checkNumber(fn, "temperature", given.temperature ?? 1, { min: 0, above: true }),
    topK: readIntegers(fn, "topK", given.topK ?? [], 1, classes),
    ties: checkWord(fn, "ties", given.ties ?? "lowest", ["lowest", "inclusive"]),
    bins: checkNumber(fn, "bins", given.bins ?? 15, { min: 1, max: 10000, integer: true }),
    edges: readEdges(fn, given.edges),
    confusion: checkBoolean(fn, "confusion", given.confusion ?? classes <= 256),
    auroc: checkBoolean(fn, "auroc", given.auroc ?? false),
    hardest: checkNumber(fn, "hardest", given.hardest ?? 0, { min: 0, max: 1e6, integer: true }),
  };
  if (settings.confusion) checkAtMost(fn, "confusion", classes, MAX_CONFUSION);
  if (settings.auroc) checkAtMost(fn, "auroc", classes, MAX_AUROC);
  return settings;
}

/** A list of integers in [min, max]. */
export function readIntegers(
  fn: string,
  argument: string,
  value: unknown,
  min: number,
  max: number,
): number[] {
  if (!Array.isArray(value)) {
    fail("ERR_ARGUMENT_TYPE", { fn, argument, expected: "must be a list", got: value });
  }
  return Array.from(value as unknown[], (one, i) =>
    checkNumber(fn, `${argument}[${i}]`, one, { min, max, integer: true }),
  );
}

function checkAtMost(fn: string, argument: string, classes: number, most: number): void {
  if (classes <= most) return;
  fail("ERR_ARGUMENT_VALUE", {
    fn,
    argument,
    expected: `must be false with more than ${most} classes`,
    gotText: `true with ${classes}`,
  });
}

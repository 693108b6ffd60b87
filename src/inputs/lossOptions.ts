/**
 * Options that losses share, checked: reduction and denominator, what is ignored, class weights,
 * the upstream gradient.
 */
import { checkNumber, checkWord, fail, typedArrayTag } from "../check.js";
import type { Arena } from "../memory/arena.js";
import { makeArray } from "../memory/array.js";
import type { Operand } from "../memory/job.js";
import { valueRows } from "../memory/operands.js";
import type { Compat, Divisor, OnEmpty, Reduction } from "../types.js";
import { readArray } from "./array.js";
import type { Presets, SmoothingRule } from "./compat.js";
import { checkLength, refuseElement } from "./lists.js";

export interface ReductionOptions {
  /** "mean" (default), "sum", or "none" for one loss per row. */
  readonly reduction?: Reduction | undefined;
  /** What "mean" divides by (default "weights"). */
  readonly divisor?: Divisor | undefined;
  /** What a mean over nothing is (default "nan"). */
  readonly onEmpty?: OnEmpty | undefined;
  /** Follows a library's divisor, empty rule and smoothing rule; the result's `explain` names them. */
  readonly compat?: Compat | undefined;
}

export interface ReductionRule {
  readonly reduction: Reduction;
  readonly divisor: Divisor;
  readonly onEmpty: OnEmpty;
  readonly smoothing: SmoothingRule;
  readonly compat: Compat | undefined;
}

export const REDUCTION_OPTIONS = ["reduction", "divisor", "onEmpty", "compat"] as const;

export function readReduction(
  fn: string,
  options: ReductionOptions,
  presets: Presets,
): ReductionRule {
  const { compat } = options;
  if (compat !== undefined) checkWord(fn, "compat", compat, Object.keys(presets) as Compat[]);
  const preset = compat === undefined ? undefined : presets[compat];
  const { reduction = "mean" } = options;
  const { divisor = preset?.divisor ?? "weights", onEmpty = preset?.onEmpty ?? "nan" } = options;
  checkWord(fn, "reduction", reduction, ["none", "mean", "sum"]);
  checkWord(fn, "onEmpty", onEmpty, ["nan", "zero", "throw"]);
  if (typeof divisor === "number") checkNumber(fn, "divisor", divisor, { min: 0, above: true });
  else checkWord(fn, "divisor", divisor, DIVISORS);
  return { reduction, divisor, onEmpty, smoothing: preset?.smoothing ?? "classes", compat };
}

const DIVISORS = ["weights", "valid", "nonzero", "rows", "elements"] as const;

export interface Denominators {
  readonly weightSum: number;
  readonly count: number;
  /** Of `count`, those whose weight is not 0 (default: all). */
  readonly nonzero?: number;
  readonly rows: number;
  readonly elements: number;
}

/** What the losses are divided by: 1 unless the reduction is "mean". */
export function denominatorOf(fn: string, rule: ReductionRule, sums: Denominators): number {
  const { reduction, divisor, onEmpty } = rule;
  if (reduction !== "mean") return 1;
  const value =
    typeof divisor === "number"
      ? divisor
      : {
          weights: sums.weightSum,
          valid: sums.count,
          nonzero: sums.nonzero ?? sums.count,
          rows: sums.rows,
          elements: sums.elements,
        }[divisor];
  if (value === 0 && onEmpty === "throw") {
    fail("ERR_ARGUMENT_VALUE", {
      fn,
      argument: "targets",
      expected: "must leave something to average",
      gotText: "a mean over nothing",
      remedy: 'set onEmpty to "nan" or "zero"',
    });
  }
  return value;
}

/** `lossSum` over the denominator; over 0 what onEmpty says. */
export function meanOf(lossSum: number, denominator: number, rule: ReductionRule): number {
  if (rule.reduction !== "mean") return lossSum;
  if (denominator !== 0) return lossSum / denominator;
  return rule.onEmpty === "zero" ? 0 : NaN;
}

/** The rule where class weights cannot follow a target, as there is no single one. */
export function byClasses(rule: ReductionRule): ReductionRule {
  return rule.smoothing === "targets" ? { ...rule, smoothing: "classes" } : rule;
}

/** A list of labels to skip; undefined where the default applies, [] for null. */
export function readIgnoreIndex(fn: string, value: unknown): readonly number[] | undefined {
  if (value === undefined) return undefined;
  if (value === null) return [];
  // Array.from, as map would pass over holes.
  return Array.from(Array.isArray(value) ? (value as unknown[]) : [value], (label) => {
    if (typeof label === "number" && !Number.isNaN(label)) return label;
    return fail("ERR_ARGUMENT_TYPE", {
      fn,
      argument: "ignoreIndex",
      expected: "must be a number, a list of numbers or null",
      got: label,
    });
  });
}

/** One finite weight per class as Float32Array, or undefined. Zero and negative weights are allowed. */
export function readClassWeights(
  fn: string,
  value: unknown,
  classes: number,
  arena: Arena,
  argument = "weight",
): Float32Array | undefined {
  if (value === undefined || value === null) return undefined;
  const { data, length, encoding } = readArray(fn, argument, value, arena, true);
  if (encoding !== "number") {
    fail("ERR_ARGUMENT_TYPE", {
      fn,
      argument,
      expected: "must be float32 or float64",
      gotText: encoding,
    });
  }
  checkLength(fn, argument, data, classes, "classes");
  const weights = makeArray(fn, Float32Array, length);
  weights.set(data);
  for (let i = 0; i < length; i++) {
    if (!Number.isFinite(weights[i])) refuseElement(fn, argument, i, FINITE, weights[i]);
  }
  return weights;
}

const FINITE = "must be finite";

export interface Upstream {
  /** Multiplies every gradient. */
  readonly scale: number;
  /** One factor per loss, for reduction "none". */
  readonly each: Float64Array | undefined;
}

/** The gradient of the objective with respect to `loss`: a number, or for "none" one per loss. */
export function readUpstream(
  fn: string,
  value: unknown,
  reduction: Reduction,
  losses: number,
): Upstream {
  if (value === undefined) return { scale: 1, each: undefined };
  if (typeof value === "number")
    return { scale: checkNumber(fn, "upstream", value, {}), each: undefined };
  const tag = typedArrayTag(value);
  const list = Array.isArray(value) || tag === "Float32Array" || tag === "Float64Array";
  if (!list || reduction !== "none") {
    fail("ERR_ARGUMENT_TYPE", {
      fn,
      argument: "upstream",
      expected:
        reduction === "none"
          ? "must be a number or one number per loss"
          : `must be a number with reduction ${JSON.stringify(reduction)}`,
      got: value,
    });
  }
  const given = value as ArrayLike<unknown>;
  checkLength(fn, "upstream", given, losses, "losses");
  const each = makeArray(fn, Float64Array, losses);
  for (let i = 0; i < losses; i++) {
    const factor = given[i];
    if (typeof factor === "number" && Number.isFinite(factor)) each[i] = factor;
    else refuseElement(fn, "upstream", i, FINITE, factor);
  }
  return { scale: 1, each };
}

/**
 * What multiplies each row's gradient: its upstream factor, and `factors` (0 for a row left out).
 * Undefined where both are 1 throughout.
 */
export function factorRows(
  arena: Arena,
  upstream: Upstream,
  factors: Float64Array | undefined,
): Operand | undefined {
  const { each } = upstream;
  const values = each && factors ? each.map((u, i) => u * factors[i]!) : (each ?? factors);
  return values && valueRows(arena, "f64", values);
}

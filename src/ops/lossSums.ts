/**
 * The end of every loss: float64 losses per row, summed in a fixed tree or handed out one by one.
 */
import {
  type Denominators,
  type ReductionRule,
  type Upstream,
  denominatorOf,
  meanOf,
} from "../inputs/lossOptions.js";
import type { Place } from "../inputs/result.js";
import { makeArray } from "../memory/array.js";
import type { Operand } from "../memory/job.js";
import type { Workspace } from "../memory/workspace.js";
import type { Divisor, LossResult, LossRules } from "../types.js";

/** Bytes of the state of the kernel sumLosses. */
export const STATE_BYTES = 48;

/**
 * Takes one float64 loss per row, or per group of rows, and reduces it: kernels leave the losses of a
 * tile at its address, and tiles are stored in order.
 */
export class LossSums implements Operand {
  readonly rowBytes: number;
  readonly resident = 0;
  /** The gradient's common factor: upstream over the denominator; 0 where that is 0. */
  readonly scale: number;
  readonly #work: Workspace;
  readonly #rule: ReductionRule;
  readonly #sums: Denominators;
  readonly #denominator: number;
  readonly #state: number;
  readonly #each: Float32Array | undefined;
  readonly #group: number;
  readonly #factors: Float64Array | undefined;

  /**
   * @param group - rows of each loss that kernels leave; "none" is then the operation's matter.
   * @param factors - multiply losses row by row (group 1); one with factor 0 is 0 whatever it was.
   */
  constructor(
    fn: string,
    work: Workspace,
    rule: ReductionRule,
    sums: Denominators,
    upstream: Upstream,
    losses: number,
    group = 1,
    factors?: Float64Array,
  ) {
    this.#group = group;
    this.rowBytes = 8 / group;
    this.#factors = factors;
    this.#work = work;
    this.#rule = rule;
    this.#sums = sums;
    this.#denominator = denominatorOf(fn, rule, sums);
    this.scale = this.#denominator === 0 ? 0 : upstream.scale / this.#denominator;
    this.#state = work.block(STATE_BYTES);
    this.#each = rule.reduction === "none" ? makeArray(fn, Float32Array, losses) : undefined;
    work.arena.views.f64.fill(0, this.#state / 8, (this.#state + STATE_BYTES) / 8);
  }

  /** Where "none" puts its losses. */
  get each(): Float32Array | undefined {
    return this.#each;
  }

  store(row: number, rows: number, _from: number, _count: number, at: number): void {
    const { kernels, arena } = this.#work;
    if (this.#factors) multiply(arena.views.f64, at / 8, this.#factors, row, rows);
    kernels.sumLosses(at, Math.ceil(rows / this.#group), this.#state);
    if (this.#each === undefined || this.#group > 1) return;
    kernels.roundLosses(at, at, rows); // each float32 lands at or before the float64 it came from
    this.#each.set(arena.views.f32.subarray(at / 4, at / 4 + rows), row);
  }

  result(grad: Place | undefined): LossResult & { grad?: Place["result"] } {
    const lossSum = this.#work.kernels.totalOf(this.#state);
    const { weightSum, count } = this.#sums;
    const loss = this.#each ?? meanOf(lossSum, this.#denominator, this.#rule);
    const explain = explainRule(this.#rule, this.#denominator);
    const result = { loss, lossSum, weightSum, count, ...(explain && { explain }) };
    return grad === undefined ? result : { ...result, grad: grad.result };
  }
}

function multiply(
  losses: Float64Array,
  at: number,
  factors: Float64Array,
  row: number,
  rows: number,
): void {
  for (let r = 0; r < rows; r++) {
    const factor = factors[row + r]!;
    losses[at + r] = factor === 0 ? 0 : losses[at + r]! * factor;
  }
}

const DIVIDED_BY: { readonly [divisor in Divisor & string]: string } = {
  weights: "the weights of what is not ignored",
  valid: "what is not ignored",
  nonzero: "what is not ignored and has a weight other than 0",
  rows: "all rows",
  elements: "all elements",
};

const SMOOTHED = {
  classes: "label smoothing gives each class's share its own weight",
  targets: "the target's weight multiplies the smoothed loss",
  labels: "label smoothing moves labels towards 1/2",
  none: "no label smoothing",
} as const;

function explainRule(rule: ReductionRule, denominator: number): LossRules | undefined {
  const { compat, reduction, divisor, onEmpty, smoothing } = rule;
  if (compat === undefined) return undefined;
  const by = typeof divisor === "number" ? String(divisor) : DIVIDED_BY[divisor];
  const empty = { nan: "NaN", zero: "0", throw: "an error" }[onEmpty];
  const mean = `divided by ${by}; over nothing ${empty}`;
  const sums = { mean, sum: "summed", none: "one by one" }[reduction];
  const text = `${compat}: losses ${sums}; ${SMOOTHED[smoothing]}`;
  return { compat, reduction, divisor, denominator, onEmpty, smoothing, text };
}

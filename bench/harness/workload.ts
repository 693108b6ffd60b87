/**
 * The words of the benchmarks; types only.
 *
 * A workload is one computation on a table of shapes. Contenders compute it, each on the same
 * inputs, in buffers of its own that it fills before the clock starts.
 */
import type { Engine } from "../../dist/index.js";

export type { Engine };

export type Build = "fma" | "strict";

/** One set of inputs; a contender gets several and takes turns with them. */
export interface Inputs {
  readonly shape: readonly number[];
  /** Class axis, from the front. */
  readonly axis: number;
  readonly rows: number;
  readonly classes: number;
  /** Distance of neighbouring classes: 1 on the last axis. */
  readonly stride: number;
  readonly logits: Float32Array;
  /** Class index of each row. */
  readonly targets: Int32Array;
  /** 0 or 1 for each logit. */
  readonly labels: Float32Array;
}

/** What a contender computed, or the truth about it. */
export interface Outcome {
  /** Probabilities, gradient, … */
  readonly values?: ArrayLike<number>;
  /** Mean loss. */
  readonly loss?: number;
}

export interface Prepared {
  /** Computes on inputs `index`; may return a promise. Absent where `measure` is there. */
  run?(index: number): unknown;
  /** Times itself, in a process of its own: the median milliseconds of a call within a round. */
  measure?(milliseconds: number): Promise<number>;
  /** Computes once more and reads the result. */
  outcome(index: number): Outcome | Promise<Outcome>;
  close?(): unknown;
}

export interface Contender {
  readonly name: string;
  /** Undefined where the contender cannot do this shape. */
  open(inputs: readonly Inputs[]): Prepared | undefined | Promise<Prepared | undefined>;
}

export interface Case {
  readonly shape: readonly number[];
  /** Class axis (the last). */
  readonly axis?: number;
  /** Share of the logits that are −∞. */
  readonly masked?: number;
  /** Why this shape is measured. */
  readonly reason: string;
}

export interface Workload {
  readonly name: string;
  /** How many bytes a logit costs, and why. */
  readonly bytes: string;
  readonly bytesPerLogit: number;
  readonly cases: readonly Case[];
  /** Changes the drawn inputs before anyone sees them. */
  adjust?(inputs: Inputs): void;
  /** In float64. */
  reference(inputs: Inputs): Outcome;
  ours(engine: Engine, inputs: readonly Inputs[]): Prepared;
  /** Baselines in plain JavaScript, or other forms of our own call. */
  readonly others: readonly Contender[];
}

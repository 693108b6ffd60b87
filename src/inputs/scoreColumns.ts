/**
 * The columns of a score: where each goes, and the operand that takes the kernel's records apart.
 */
import { checkOptions, fail } from "../check.js";
import type { Arena } from "../memory/arena.js";
import type { ArrayInput } from "../memory/array.js";
import type { Operand } from "../memory/job.js";
import type { ResultArray } from "../memory/sink.js";
import type { Workspace } from "../memory/workspace.js";
import { type Place, type ResultDType, placeResult } from "./result.js";
import type { ClassIndices } from "./targets.js";

/** Bytes of a record, and its fields in 4-byte words (assembly/kernels/score.ts). */
export const RECORD_BYTES = 64;
export const RECORD = {
  /** float64, in words of 8 bytes. */
  loss: 0,
  logSumExp: 1,
  entropy: 2,
  confidence: 3,
  brier: 4,
  /** float32 and int32, in words of 4 bytes. */
  max: 10,
  margin: 11,
  argmax: 12,
  rank: 13,
  flags: 14,
  /** Classes before the target's with the same logit. */
  ties: 15,
} as const;

/** One value per row each, in the order of the logits' shape without the class axis. */
export interface ScoreColumns {
  /** ln Σ e^z. */
  readonly logSumExp: Float32Array;
  /** The greatest logit; NaN if one is NaN. */
  readonly max: Float32Array;
  /** Its class: lowest index wins ties, the first NaN wins. */
  readonly argmax: Int32Array;
  /** Σ p · (logSumExp − z), in nats. */
  readonly entropy: Float32Array;
  /** Greatest minus second greatest logit: the log of the ratio of their probabilities. */
  readonly margin: Float32Array;
  /** Sum of SCORE_FLAGS. */
  readonly flags: Uint8Array;
}

/** Columns about the target. */
export interface TargetColumns {
  /** z_y − logSumExp; NaN for an ignored row. */
  readonly targetLogprob: Float32Array;
  /** Classes more likely than the target: 0 for the most likely, ties share it; −1 if ignored. */
  readonly rank: Int32Array;
}

/** What `flags` is the sum of. */
export const SCORE_FLAGS = {
  /** A logit is NaN. */
  nan: 1,
  /** A logit is +∞. */
  positiveInfinity: 2,
  /** A logit is −∞: a masked class. */
  negativeInfinity: 4,
  /** Every logit is −∞. */
  allMasked: 8,
} as const;

type Name = keyof ScoreColumns | keyof TargetColumns;
export type ScoreOut = { readonly [N in Name]?: (ScoreColumns & TargetColumns)[N] | undefined };

const DTYPES: Record<Name, ResultDType> = {
  logSumExp: "float32",
  max: "float32",
  argmax: "int32",
  targetLogprob: "float32",
  rank: "int32",
  entropy: "float32",
  margin: "float32",
  flags: "uint8",
};

/** Takes records and writes a value per row into each column. */
export class ColumnRows implements Operand {
  readonly rowBytes = RECORD_BYTES;
  readonly resident = 0;
  readonly columns: Partial<Record<Name, ResultArray>> = {};
  readonly #arena: Arena;
  readonly #floor: number;

  /** `out` holds the caller's arrays; columns that are not in it are made. */
  constructor(
    fn: string,
    work: Workspace,
    out: unknown,
    logits: ArrayInput,
    rows: number,
    targets: ClassIndices | undefined,
    floor: number,
  ) {
    this.#arena = work.arena;
    this.#floor = floor;
    const names = (Object.keys(DTYPES) as Name[]).filter(
      (name) => targets !== undefined || (name !== "targetLogprob" && name !== "rank"),
    );
    const given = checkOptions(fn, out as Record<string, unknown> | undefined, names);
    const { tensor: _handle, ...array } = logits;
    for (const name of names) {
      const place: Place = placeResult(work, {
        fn,
        argument: `out.${name}`,
        out: given[name],
        shape: [rows],
        dtype: DTYPES[name],
        logits: array,
        others: [targets?.region],
      });
      if (place.data === undefined) {
        fail("ERR_ARGUMENT_TYPE", {
          fn,
          argument: `out.${name}`,
          expected: "must be a typed array in JavaScript memory",
          gotText: "a Tensor",
        });
      }
      this.columns[name] = place.data;
    }
  }

  store(row: number, rows: number, _from: number, _count: number, at: number): void {
    const { f32, f64, i32 } = this.#arena.views;
    const { logSumExp, max, argmax, targetLogprob, rank, entropy, margin, flags } = this.columns;
    for (let r = row; r < row + rows; r++, at += RECORD_BYTES) {
      const wide = at / 8;
      const word = at / 4;
      logSumExp![r] = f64[wide + RECORD.logSumExp]!;
      entropy![r] = f64[wide + RECORD.entropy]!;
      max![r] = f32[word + RECORD.max]!;
      margin![r] = f32[word + RECORD.margin]!;
      argmax![r] = i32[word + RECORD.argmax]!;
      flags![r] = i32[word + RECORD.flags]!;
      if (targetLogprob === undefined) continue;
      const logProb = 0 - f64[wide + RECORD.loss]!;
      targetLogprob[r] = logProb < this.#floor ? this.#floor : logProb;
      rank![r] = i32[word + RECORD.rank]!;
    }
  }
}

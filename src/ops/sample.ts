import { checkNumber, checkOptions } from "../check.js";
import { readArray } from "../inputs/array.js";
import { NOISE_OPTIONS, type NoiseOptions, readNoise } from "../inputs/noiseKey.js";
import { TOKEN_RULE_OPTIONS, type TokenRuleOptions, readTokenRules } from "../inputs/tokenRules.js";
import { RECORD_BYTES, SampleColumns } from "../inputs/sampleColumns.js";
import type { Job } from "../memory/job.js";
import { checkClasses, layoutOf } from "../memory/layout.js";
import { Source } from "../memory/source.js";
import type { Workspace } from "../memory/workspace.js";
import type { Logits } from "../types.js";

export interface SampleOptions extends TokenRuleOptions, NoiseOptions {
  /** The class axis; negative counts from the end (default −1). */
  readonly axis?: number | undefined;
  /** Logits are divided by it; 0 takes the most likely token (default 1). */
  readonly temperature?: number | undefined;
  /** Keep the k most likely tokens, and any equal to the last of them; 0 is off (default). */
  readonly topK?: number | undefined;
  /** Keep the fewest tokens that hold this share of the probability; 1 is off (default). */
  readonly topP?: number | undefined;
  /** Keep tokens at least this fraction as likely as the most likely; 0 is off (default). */
  readonly minP?: number | undefined;
  /** Keep the tokens of most typical information that hold this share; 1 is off (default). */
  readonly typicalP?: number | undefined;
}

const OPTIONS = [
  "axis",
  "temperature",
  "topK",
  "topP",
  "minP",
  "typicalP",
  ...NOISE_OPTIONS,
  ...TOKEN_RULE_OPTIONS,
] as const;

/** One value per row each. */
export interface Samples {
  readonly ids: Int32Array;
  /** ln softmax(logits) of the token drawn, of the logits as they came. */
  readonly rawLogprob: Float32Array;
  /** Its log-probability among the tokens kept, after penalties and temperature. */
  readonly processedLogprob: Float32Array;
}

/** Bytes of a candidate, and of what stands before them (assembly/kernels/candidates.ts). */
const CANDIDATE_BYTES = 32;
const BUCKET_BYTES = 8192;

export interface SampleMethods {
  /**
   * Draws a token from each row of logits.
   *
   *   allowed, banned → bias → repetition, frequency, presence → temperature
   *   → top-k → top-p → min-p → typical → argmax_j (x_j + g_j),  g Gumbel noise
   *
   * Each filter works on the renormalised rest of the one before, as in Hugging Face transformers;
   * penalties are those of vLLM. The noise of a token is a function of (seed, row, step, token)
   * alone: the same ids in every runtime, numeric build and batch.
   *
   * @param logits - any shape; `axis` names the vocabulary.
   * @param options - see {@link SampleOptions}; pass `step` anew for each token drawn.
   * @returns `ids`, `rawLogprob` and `processedLogprob`, one value per row, in JavaScript memory.
   * @throws {LogitsError} ERR_ARGUMENT_VALUE, with the row as `index`, for a row with NaN or +∞ or
   *   with every token masked; ERR_ARGUMENT_TYPE, ERR_ARGUMENT_VALUE or ERR_SHAPE for a wrong argument.
   *
   * Special values: −∞ is never drawn. Temperature 0: the greatest logit, the lowest id in ties,
   * whatever the filters; processedLogprob 0. topP 0 keeps one token. Ties of top-p go to lower ids.
   * Accuracy: rawLogprob as logSoftmax; processedLogprob float64, rounded.
   * @example
   * engine.sample([[1, 9, 2, 8]], { temperature: 0 }).ids; // Int32Array [1]
   */
  sample(logits: Logits, options?: SampleOptions): Samples;
}

export function sample(work: Workspace, logits: Logits, options?: SampleOptions): Job<Samples> {
  const fn = "sample";
  const given = checkOptions(fn, options, OPTIONS);
  const unit = { min: 0, max: 1 };
  const temperature = checkNumber(fn, "temperature", given.temperature ?? 1, { min: 0 });
  const topP = checkNumber(fn, "topP", given.topP ?? 1, unit);
  const minP = checkNumber(fn, "minP", given.minP ?? 0, unit);
  const typicalP = checkNumber(fn, "typicalP", given.typicalP ?? 1, unit);
  const topK = checkNumber(fn, "topK", given.topK ?? 0, {
    min: 0,
    max: 2 ** 31 - 1,
    integer: true,
  });
  const array = readArray(fn, "logits", logits, work.arena);
  const layout = layoutOf(fn, array.shape, given.axis);
  const { rows, classes } = layout;
  checkClasses(fn, layout);
  const { seedOf, stepOf, rowOf } = readNoise(fn, given, rows);
  const rules = readTokenRules(fn, given, rows, classes);
  const columns = new SampleColumns(fn, work.arena, rows);
  const k = topK < classes ? topK : 0;
  const listBytes = temperature > 0 ? BUCKET_BYTES + classes * CANDIDATE_BYTES : 0;
  const { table, rest: list } = work.rowTableAnd(classes, listBytes + k * 8);
  const heap = list + listBytes;
  const copy = rules ? work.block(classes * 4) : 0;
  return {
    rows,
    classes,
    operands: [new Source(work, array, layout), columns],
    undivided: rules !== undefined,
    run(kernels, { row, rows: count, ptr }) {
      for (let r = 0; r < count; r++) {
        const zPtr = ptr[0]! + r * classes * 4;
        if (rules) {
          const { f32 } = work.arena.views;
          f32.copyWithin(copy / 4, zPtr / 4, zPtr / 4 + classes);
          const original = f32.subarray(zPtr / 4, zPtr / 4 + classes);
          rules(f32.subarray(copy / 4, copy / 4 + classes), original, row + r);
        }
        kernels.sampleRow(
          zPtr,
          rules ? copy : zPtr,
          classes,
          temperature,
          k,
          topP,
          minP,
          typicalP,
          seedOf(row + r),
          rowOf(row + r),
          stepOf(row + r),
          heap,
          list,
          table,
          ptr[1]! + r * RECORD_BYTES,
        );
      }
    },
    finish: () => columns.result(),
  };
}

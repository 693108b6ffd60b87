/**
 * Figures of language models from the columns of engine.score, with the definitions of
 * lm-evaluation-harness. Rows without a target (rank −1) do not count.
 */
import { checkNumber, fail } from "../check.js";
import type { ScoreColumns, TargetColumns } from "../inputs/scoreColumns.js";

/** Σ log-probability of the targets in nats, and how many there are. */
export function logLikelihood(scores: TargetColumns): {
  readonly sum: number;
  readonly count: number;
} {
  const { targetLogprob, rank } = scores;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < rank.length; i++) {
    if (rank[i]! < 0) continue;
    sum += targetLogprob[i]!;
    count++;
  }
  return { sum, count };
}

/**
 * Perplexity per token:  e^(−Σ log p / count)
 *
 * @returns NaN where there is no target.
 * @example
 * perplexity(engine.score([[0, 0], [0, 0]], [0, 1])); // 2
 */
export function perplexity(scores: TargetColumns): number {
  const { sum, count } = logLikelihood(scores);
  return Math.exp(-sum / count);
}

/**
 * Bits per byte of text:  −Σ log p / (bytes · ln 2)
 *
 * @param bytes - UTF-8 bytes of the text that the targets spell.
 * @throws {LogitsError} ERR_ARGUMENT_VALUE unless `bytes` is above 0.
 */
export function bitsPerByte(scores: TargetColumns, bytes: number): number {
  checkNumber("bitsPerByte", "bytes", bytes, { min: 0, above: true });
  return -logLikelihood(scores).sum / bytes / Math.LN2;
}

/**
 * Whether greedy decoding would give the targets: each is the argmax of its row.
 *
 * @param targets - those that were scored.
 * @throws {LogitsError} ERR_SHAPE if lengths disagree.
 */
export function greedyMatch(
  scores: Pick<ScoreColumns, "argmax"> & Pick<TargetColumns, "rank">,
  targets: ArrayLike<number> | ArrayLike<bigint>,
): boolean {
  const { argmax, rank } = scores;
  if (targets.length !== rank.length) {
    fail("ERR_SHAPE", {
      fn: "greedyMatch",
      argument: "targets.length",
      expected: `must be the number of rows = ${rank.length}`,
      gotText: String(targets.length),
    });
  }
  return rank.every((place, i) => place < 0 || argmax[i] === Number(targets[i]));
}

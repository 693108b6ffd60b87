/**
 * The distribution a token is drawn from, by sorting: penalties, temperature, then top-k, top-p,
 * min-p and typical, each over what the one before has kept. p_j = e^(x_j) / Σ e^x, x = (z − m) / T.
 *
 *   top-k     x_j ≥ the k-th greatest, ties included
 *   top-p     the fewest, by falling x (then rising id), with Σ p ≥ top-p; at least one
 *   min-p     p_j ≥ min-p · max p
 *   typical   the fewest, by rising |−ln p_j − H| (then rising id), with Σ p ≥ typical
 */
import type { Numbers } from "./rows.ts";
import { sum } from "./sum.ts";

export interface SampleFilters {
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly typicalP?: number;
}

export interface Penalties {
  readonly repetitionPenalty?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly promptIds?: readonly number[];
  readonly outputIds?: readonly number[];
}

/** ln p of every token that may be drawn, by id. */
export function sampleDistribution(
  logits: Numbers,
  { temperature = 1, topK = 0, topP = 1, minP = 0, typicalP = 1 }: SampleFilters = {},
): Map<number, number> {
  const m = Math.max(...Array.from(logits));
  let kept = Array.from(logits, (z, id) => ({ id, z, x: (z - m) / temperature }));
  kept = kept.filter(({ z }) => z > -Infinity);
  const byX = (): typeof kept => kept.toSorted((a, b) => b.x - a.x || a.id - b.id);
  if (topK > 0 && topK < kept.length) {
    const least = byX()[topK - 1]!.z;
    kept = kept.filter(({ z }) => z >= least);
  }
  if (topP < 1) kept = beginning(byX(), topP);
  if (minP > 0) kept = kept.filter(({ x }) => x >= Math.log(minP));
  if (typicalP < 1) {
    const log = Math.log(massOf(kept));
    const mean = sum(kept.map(({ x }) => Math.exp(x - log) * (log - x)));
    const distance = (x: number): number => Math.abs(log - x - mean);
    const order = kept.toSorted((a, b) => distance(a.x) - distance(b.x) || a.id - b.id);
    kept = beginning(order, typicalP);
  }
  const log = Math.log(massOf(kept));
  return new Map(kept.map(({ id, x }) => [id, x - log]));
}

/** Repetition over prompt and output, frequency and presence over the output, in this order. */
export function penalize(logits: Numbers, given: Penalties): Float64Array {
  const { repetitionPenalty = 1, frequencyPenalty = 0, presencePenalty = 0 } = given;
  const { promptIds = [], outputIds = [] } = given;
  return Float64Array.from(logits, (z, id) => {
    const n = outputIds.filter((one) => one === id).length;
    const seen = n > 0 || promptIds.includes(id);
    const repeated = !seen ? z : z < 0 ? z * repetitionPenalty : z / repetitionPenalty;
    return repeated - frequencyPenalty * n - (n > 0 ? presencePenalty : 0);
  });
}

function massOf(tokens: readonly { readonly x: number }[]): number {
  return sum(tokens.map(({ x }) => Math.exp(x)));
}

function beginning<T extends { readonly x: number }>(order: readonly T[], share: number): T[] {
  const enough = share * massOf(order);
  let mass = 0;
  let count = 0;
  do mass += Math.exp(order[count++]!.x);
  while (mass < enough && count < order.length);
  return order.slice(0, count);
}

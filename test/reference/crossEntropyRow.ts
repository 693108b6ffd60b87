/**
 * Cross entropy of one row of logits x with shares t, one for every class, and its gradient.
 *
 *   z = cap · tanh(x / cap) / T                                            (adjust.ts)
 *   loss = Σ_c t_c · (lse − z_c) + ζ · lse²,   lse − z_c = (m − z_c) + L   (rowSum.ts)
 *   ∂loss/∂z_j = (Σ_c t_c + 2 ζ lse) · p_j − t_j
 *              = p_j · (Σ_{c≠j} t_c + 2 ζ lse) − t_j · (1 − p_j)
 *
 * The last line does not subtract p_j and t_j from each other: at a confident target it is
 * −t_y · (1 − p_y), minus the sum of the others.
 *
 * Zero times anything is 0: classes with t_c = 0 do not enter the loss, and a row with every
 * t_c = 0 and ζ = 0 is 0, whatever its logits. Otherwise a row with NaN or +∞, or of −∞ only, is NaN.
 */
import { adjust, type Adjustment, slopes } from "./adjust.ts";
import { complementsOf, probabilitiesOf, rowSum } from "./rowSum.ts";
import { sum, times } from "./sum.ts";

export interface RowLossOptions extends Adjustment {
  readonly zLoss?: number | undefined;
}

export interface RowLoss {
  readonly loss: number;
  /** ∂loss/∂x. */
  readonly grad: Float64Array;
  /** |terms| of grad, added up. */
  readonly magnitude: Float64Array;
}

export function crossEntropyRow(
  x: Float64Array,
  t: Float64Array,
  { zLoss = 0, ...adjustment }: RowLossOptions,
): RowLoss {
  const constant = (value: number): Float64Array => x.map(() => value);
  if (zLoss === 0 && t.every((share) => share === 0)) {
    return { loss: 0, grad: constant(0), magnitude: constant(0) };
  }
  const z = adjust(x, adjustment);
  const row = rowSum(z);
  if (Number.isNaN(row.log)) return { loss: NaN, grad: constant(NaN), magnitude: constant(NaN) };

  const lse = row.max + row.log;
  const gaps = z.map((value) => row.max - value + row.log); // lse − z_c ≥ 0
  const terms = t.map((share, c) => times(share, gaps[c] as number));
  const loss = sum([...terms, times(zLoss, lse * lse)]);

  const p = probabilitiesOf(z, row);
  const complement = complementsOf(z, row);
  const others = sumsOfOthers(t);
  const slope = slopes(x, adjustment);
  const pull = 2 * zLoss * lse;
  const at = (values: Float64Array, j: number): number => values[j] as number;
  return {
    loss,
    grad: x.map(
      (_x, j) => (at(p, j) * (at(others, j) + pull) - at(t, j) * at(complement, j)) * at(slope, j),
    ),
    magnitude: x.map((_x, j) => {
      const gain = at(p, j) * (Math.abs(at(others, j) + at(t, j)) + Math.abs(pull));
      return (gain + Math.abs(at(t, j))) * at(slope, j);
    }),
  };
}

/** Σ_{c≠j} t_c for every j, as prefix + suffix: no t_j is added and taken away again. */
function sumsOfOthers(t: Float64Array): Float64Array {
  const others = new Float64Array(t.length);
  let before = 0;
  t.forEach((share, j) => {
    others[j] = before;
    before += share;
  });
  let after = 0;
  for (let j = t.length - 1; j >= 0; j--) {
    others[j] = (others[j] as number) + after;
    after += t[j] as number;
  }
  return others;
}

/**
 * Divergences of one row of student logits x from teacher logits y, p = softmax(x / T), q = softmax(y / T):
 *
 *   forward  Σ q ln(q / p)    reverse  Σ p ln(p / q)    jensenShannon  ½ Σ p ln(p / m) + ½ Σ q ln(q / m)
 *
 * A class with probability 0 in front of the logarithm does not enter. Distributions that nearly
 * agree lose digits here (1e-16 absolute); tests of those compare with a series.
 */
import { adjust } from "./adjust.ts";
import { probabilitiesOf, rowSum } from "./rowSum.ts";
import { sum } from "./sum.ts";

export type Direction = "forward" | "reverse" | "jensenShannon";

export function distillationLoss(
  x: Float64Array,
  y: Float64Array,
  direction: Direction = "forward",
  temperature = 1,
): number {
  const [student, teacher] = [x, y].map((row) => {
    const z = adjust(row, { temperature });
    const parts = rowSum(z);
    return { p: probabilitiesOf(z, parts), log: z.map((value) => value - parts.max - parts.log) };
  }) as [Distribution, Distribution];
  if (direction === "forward") return divergence(teacher, student.log);
  if (direction === "reverse") return divergence(student, teacher.log);
  const middle = student.p.map((p, c) => Math.log((p + (teacher.p[c] as number)) / 2));
  return (divergence(student, middle) + divergence(teacher, middle)) / 2;
}

interface Distribution {
  readonly p: Float64Array;
  readonly log: Float64Array;
}

function divergence({ p, log }: Distribution, other: Float64Array): number {
  return sum(p.map((value, c) => (value === 0 ? 0 : value * (log[c]! - other[c]!))));
}

/** (w / C) · Σ_{j≠y} max(0, margin − x_y + x_j)^p of one row. */
import { sum } from "./sum.ts";

export function multiMarginLoss(
  x: Float64Array,
  y: number,
  { p = 1, margin = 1 }: { readonly p?: number; readonly margin?: number } = {},
): number {
  const hinge = (value: number): number => (value <= 0 ? 0 : value);
  const terms = x.map((value, j) => (j === y ? 0 : hinge(margin - x[y]! + value) ** p));
  return sum(terms) / x.length;
}

/**
 * Rows to learn from and rows to judge by.
 */
import type { HeldRows } from "../jobs/heldRows.js";

/** Rows held out by a generator with a seed, in their order. */
export function split(
  all: HeldRows,
  share: number,
  seed: number,
): Record<"training" | "heldOut", HeldRows> {
  const order = Array.from({ length: all.rows }, (_, row) => row);
  let state = seed >>> 0;
  for (let i = order.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const held = Math.floor(share * all.rows);
  return { heldOut: taken(all, order.slice(0, held)), training: taken(all, order.slice(held)) };
}

function taken({ data, targets, columns }: HeldRows, rows: number[]): HeldRows {
  rows.sort((a, b) => a - b);
  const some = new Float32Array(rows.length * columns);
  rows.forEach((row, i) =>
    some.set(data.subarray(row * columns, (row + 1) * columns), i * columns),
  );
  return {
    data: some,
    targets: Int32Array.from(rows, (row) => targets[row]!),
    rows: rows.length,
    columns,
  };
}

export const matrix = ({
  data,
  rows,
  columns,
}: HeldRows): { data: Float32Array; shape: number[] } => ({
  data,
  shape: [rows, columns],
});

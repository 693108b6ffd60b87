/**
 * A matrix product as a step: the plan of assembly/kernels/matmul.ts.
 */
import type { Step } from "../memory/job.js";

/** Blocks of the kernel, rows of its panel, and its edge tile in bytes. */
const PANEL_ROWS = 4;
const BLOCK_COLUMNS = 512;
const BLOCK_DEPTH = 256;
const EDGE_BYTES = 128;
/** Rows or columns of out that are not divided further. */
const UNITS = 128;

/** Bytes of scratch for products of at most this size. */
export function matmulBytes(columns: number, depth: number): number {
  const wide = Math.ceil(Math.min(columns, BLOCK_COLUMNS) / 8) * 8;
  return EDGE_BYTES + (PANEL_ROWS + wide) * Math.min(depth, BLOCK_DEPTH) * 4;
}

/** A matrix in linear memory: where, its stride, and whether its first index runs fastest. */
export type Matrix = readonly [at: number, stride: number, turned: boolean];

/**
 * out = start + a · b, divided along the longer side of out: no bit depends on how.
 *
 * @param start - what rows start from: out itself, 0, or a bias.
 */
export function productStep(
  done: number,
  [a, aStride, aTurned]: Matrix,
  [b, bStride, bTurned]: Matrix,
  start: number,
  out: number,
  rows: number,
  columns: number,
  depth: number,
  scratch: number,
): Step {
  const byColumns = columns > rows;
  return {
    done,
    rows: byColumns ? columns : rows,
    // What pieces are sized by: a row's work, 64 multiply-adds for an element.
    classes: Math.ceil(((byColumns ? rows : columns) * depth) / 64),
    operands: [],
    granularity: UNITS,
    run(kernels, { row, rows: count }) {
      const m = byColumns ? 0 : row * 4;
      const n = byColumns ? row * 4 : 0;
      const at = out + m * columns + n;
      kernels.matmul(
        a + m * (aTurned ? 1 : aStride),
        aStride,
        aTurned,
        b + n * (bTurned ? bStride : 1),
        bStride,
        bTurned,
        start === out ? at : start && start + n,
        at,
        columns,
        byColumns ? rows : count,
        byColumns ? count : columns,
        depth,
        scratch,
      );
    },
    finish() {},
  };
}

/**
 * A matrix product as a step: the plan of assembly/kernels/matmul.ts.
 */
import type { Step } from "../memory/job.js";

/** Blocks of the kernel, and its edge tile in bytes. */
const BLOCK_ROWS = 64;
const BLOCK_COLUMNS = 512;
const BLOCK_DEPTH = 256;
const EDGE_BYTES = 128;
/** Rows or columns of out that are not divided further. */
const UNITS = 128;

/** Bytes of scratch for products of at most this size. */
export function matmulBytes(rows: number, columns: number, depth: number): number {
  const high = Math.ceil(Math.min(rows, BLOCK_ROWS) / 4) * 4;
  const wide = Math.ceil(Math.min(columns, BLOCK_COLUMNS) / 8) * 8;
  return EDGE_BYTES + (high + wide) * Math.min(depth, BLOCK_DEPTH) * 4;
}

/** A matrix in linear memory, dense: `turned` where its first index runs fastest. */
export interface Matrix {
  readonly at: number;
  readonly stride: number;
  readonly turned: boolean;
}

export interface Product {
  readonly a: Matrix;
  readonly b: Matrix;
  /** What rows start from: out itself, 0, or a bias. */
  readonly start: number;
  readonly out: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly scratch: number;
}

/** out = start + a · b, divided along the longer side of out: no bit depends on how. */
export function productStep(product: Product, done: number): Step {
  const { a, b, start, out, rows, columns, depth, scratch } = product;
  const byColumns = columns > rows;
  const aStep = a.turned ? 4 : a.stride * 4;
  const bStep = b.turned ? b.stride * 4 : 4;
  return {
    done,
    rows: byColumns ? columns : rows,
    // What pieces are sized by: a row's work, 64 multiply-adds for an element.
    classes: Math.ceil(((byColumns ? rows : columns) * depth) / 64),
    operands: [],
    granularity: UNITS,
    run(kernels, { row, rows: count }) {
      const [m, n] = byColumns ? [0, row] : [row, 0];
      const at = out + (m * columns + n) * 4;
      kernels.matmul(
        a.at + m * aStep,
        a.stride,
        a.turned,
        b.at + n * bStep,
        b.stride,
        b.turned,
        start === out ? at : start && start + n * 4,
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

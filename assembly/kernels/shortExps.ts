/**
 * The exponentials of a chunk of short rows (at most 64 classes), all relative to one k:  e = e^z · 2^−k
 *
 * Mathematics
 *   k is even, so e for two k differ by an exact power of two (exp.ts). What is formed from the e of one
 *   row alone, as sums, quotients and their logarithms, has the same bits whatever k is, as long as
 *   nothing is lost at either end: a row's bits never depend on the rows beside it.
 *
 * Stability
 *   The chunk passes where −64 ≤ n − k ≤ 63 for every logit (n of exp.ts) but −∞, whose e is 0. NaN
 *   stays in its own row. Otherwise each row has a k of its own, and a row for which there is none,
 *   too wide or beyond |z| = 2000, has e = NaN: its kernel takes it to the code for long rows.
 *   A row of a chunk that passes would pass alone, so the way a row goes depends on the row alone.
 *
 * Layout
 *   The chunk is one run of numbers without rows: contiguous logits, whatever the class count. The k of
 *   the last chunk is tried at once and checked on the way; only where it does not fit are the logits
 *   looked at first. chunkExp.ts uses FACTORS and PLACES for its own.
 *   Scratch, 16 KiB: a row and its results at 0 and 256, the row table at 512, then
 *   targets, exponentials, and one number a row each: sums, factors, places.
 */
import { expOwn, expShared } from "../simd/chunkExp";

/** Offsets in the scratch. */
// @ts-ignore: decorator
@inline
export const ROW: usize = 0;
// @ts-ignore: decorator
@inline
export const ROW_EXPS: usize = 256;
// @ts-ignore: decorator
@inline
export const TABLE: usize = 512;
// @ts-ignore: decorator
@inline
export const TARGETS: usize = 1024;
// @ts-ignore: decorator
@inline
export const EXPS: usize = 4096;
// @ts-ignore: decorator
@inline
export const SUMS: usize = 8448;
// @ts-ignore: decorator
@inline
export const FACTORS: usize = 10496;
// @ts-ignore: decorator
@inline
export const PLACES: usize = 12544;

/** Leaves the exponentials of `rows` rows at EXPS; with `turned` as columns (turnColumns.ts). */
export function enterShort(
  zPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  scratchPtr: usize,
): void {
  const exps = scratchPtr + EXPS;
  const count = (turned ? (rows + 3) & ~3 : rows) * classes;
  if (expShared(zPtr, exps, count, scratchPtr) || expOwn(zPtr, exps, count)) return;
  for (let r = 0; r < rows; r++) {
    const row = rowAt(zPtr, r, classes, turned, scratchPtr);
    const out = turned ? scratchPtr + ROW_EXPS : exps + ((<usize>(r * classes)) << 2);
    if (!expOwn(row, out, classes)) {
      for (let c = 0; c < classes; c++) store<f32>(out + ((<usize>c) << 2), NaN);
    }
    if (turned) putBack(exps, r, classes, scratchPtr);
  }
}

/** Address of row r of the chunk at ptr; a row that lies as a column is copied to ROW first. */
export function rowAt(ptr: usize, r: i32, classes: i32, turned: bool, scratchPtr: usize): usize {
  if (!turned) return ptr + ((<usize>(r * classes)) << 2);
  const column = ptr + placeOf(r, 0, classes, true);
  for (let c = 0; c < classes; c++) {
    store<u32>(scratchPtr + ((<usize>c) << 2), load<u32>(column + ((<usize>c) << 4)), ROW);
  }
  return scratchPtr + ROW;
}

/** Copies the results at ROW_EXPS to the column of row r. */
export function putBack(ptr: usize, r: i32, classes: i32, scratchPtr: usize): void {
  const column = ptr + placeOf(r, 0, classes, true);
  for (let c = 0; c < classes; c++) {
    store<u32>(column + ((<usize>c) << 4), load<u32>(scratchPtr + ((<usize>c) << 2), ROW_EXPS));
  }
}

/** Offset of class c of row r in a chunk. */
// @ts-ignore: decorator
@inline
export function placeOf(r: i32, c: i32, classes: i32, turned: bool): usize {
  const index = turned ? ((r & ~3) * classes + (c << 2)) | (r & 3) : r * classes + c;
  return (<usize>index) << 2;
}

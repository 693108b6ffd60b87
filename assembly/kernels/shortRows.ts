/**
 * Rows of at most 64 classes. They go through in chunks of up to 1024 logits, in passes: exponentials
 * (shortExps.ts), sums, results. One group of rows at a time would wait for its own latencies.
 */

/** Rows of at most this many classes are short. */
// @ts-ignore: decorator
@inline
export const SHORT: i32 = 64;

/** Rows in a chunk: a multiple of 4, of few classes of 16, with at most 1024 logits, and at most 512. */
// @ts-ignore: decorator
@inline
export function chunkRows(classes: i32): i32 {
  return classes > 16 ? (256 / classes) << 2 : min(32, 64 / classes) << 4;
}

/** Offset in the scratch of one more number a row, for chunks of MOST_ROWS rows at most. */
// @ts-ignore: decorator
@inline
export const EXTRAS: usize = 14864;
// @ts-ignore: decorator
@inline
export const MOST_ROWS: i32 = 340;

/**
 * Counters in linear memory, each an i32, by their addresses.
 */

/** Increments what four addresses point to. */
// @ts-ignore: decorator
@inline
export function countFour(ptr: usize): void {
  increment(load<usize>(ptr));
  increment(load<usize>(ptr, 4));
  increment(load<usize>(ptr, 8));
  increment(load<usize>(ptr, 12));
}

// @ts-ignore: decorator
@inline
function increment(ptr: usize): void {
  store<i32>(ptr, load<i32>(ptr) + 1);
}

/**
 * Counters in linear memory, each an i32, by their addresses.
 */

/** Increments what four addresses point to, two of which are loaded at once. */
// @ts-ignore: decorator
@inline
export function countFour(ptr: usize): void {
  const low = load<u64>(ptr);
  const high = load<u64>(ptr, 8);
  increment(<usize>low);
  increment(<usize>(low >> 32));
  increment(<usize>high);
  increment(<usize>(high >> 32));
}

// @ts-ignore: decorator
@inline
function increment(ptr: usize): void {
  store<i32>(ptr, load<i32>(ptr) + 1);
}

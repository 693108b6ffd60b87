// @ts-check
/**
 * Mulberry32: a small generator with 2^32 states, enough to shuffle. The same seed gives the same
 * numbers on every machine.
 *
 * @param {number} seed an integer
 * @returns {() => number} draws from [0, 1)
 */
export function createRandom(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Shuffles `array` in place (Fisher and Yates) and returns it.
 *
 * @param {Int32Array} array
 * @param {() => number} random
 */
export function shuffle(array, random) {
  for (let last = array.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [array[last], array[other]] = [array[other], array[last]];
  }
  return array;
}

/** @param {number} count @returns {Int32Array} 0, 1, … count − 1 */
export const range = (count) => Int32Array.from({ length: count }, (_, index) => index);

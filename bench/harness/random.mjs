// @ts-check
/**
 * Mulberry32, seeded: the same data on every machine.
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
 * N(0, 1) by Box and Muller:  √(−2 ln u) · cos(2π v),  u in (0, 1].
 *
 * @param {() => number} random
 */
export function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

// @ts-check
/**
 * The same inputs in every runtime: integers from a seed (mulberry32), then + and × only, which
 * IEEE 754 fixes. Math.log and its like differ between engines.
 */

/** Values at which float32 code breaks. */
export const SPECIALS = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  2 ** -126,
  -(2 ** -126),
  2 ** -149,
  -(2 ** -149),
  88.72283935546875,
  -87.33654022216797,
  -103.97208404541016,
  16777216,
  1e4,
  -1e4,
  1e7,
];

/** Uniform on [0, 1), 32 bits a draw. */
export function uniforms(/** @type {number} */ seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Sums of four uniforms: bell-shaped, of about the given deviation. */
export function bells(
  /** @type {number} */ length,
  { seed = 1, deviation = 3, mean = 0, specials = 0 } = {},
) {
  const draw = uniforms(seed * 7919 + length);
  return Float32Array.from({ length }, () => {
    const bell = draw() + draw() + draw() + draw() - 2;
    const isSpecial = draw() < specials;
    const pick = Math.floor(draw() * SPECIALS.length);
    return isSpecial ? SPECIALS[pick] : mean + 1.75 * deviation * bell;
  });
}

/** Class indices in [0, classes); a share of them is `ignoreIndex`. */
export function indices(
  /** @type {number} */ length,
  /** @type {number} */ classes,
  { seed = 1, ignored = 0, ignoreIndex = -100 } = {},
) {
  const draw = uniforms(seed * 104729 + classes);
  return Int32Array.from({ length }, () => {
    const y = Math.floor(draw() * classes);
    return draw() < ignored ? ignoreIndex : y;
  });
}

/** Rows of probabilities: multiples of 1/64 that sum to 1. */
export function probabilities(
  /** @type {number} */ rows,
  /** @type {number} */ classes,
  { seed = 1 } = {},
) {
  const draw = uniforms(seed * 1299709 + classes);
  const out = new Float32Array(rows * classes);
  for (let i = 0; i < rows; i++) {
    for (let share = 0; share < 64; share++) {
      out[i * classes + Math.floor(draw() * classes)] += 1 / 64;
    }
  }
  return out;
}

/** Bits of half-precision numbers of both signs with magnitudes from 2^-6 to 2^5. */
export function halves(
  /** @type {number} */ length,
  /** @type {"float16" | "bfloat16"} */ dtype,
  { seed = 1 } = {},
) {
  const draw = uniforms(seed * 15485863 + length);
  const [fractionBits, bias] = dtype === "float16" ? [10, 15] : [7, 127];
  return Uint16Array.from({ length }, () => {
    const sign = draw() < 0.5 ? 0x8000 : 0;
    const exponent = bias - 6 + Math.floor(draw() * 11);
    return sign + exponent * 2 ** fractionBits + Math.floor(draw() * 2 ** fractionBits);
  });
}

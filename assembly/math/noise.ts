/**
 * Counter-based noise: a Gumbel variate for each token that depends on its key and id alone.
 *
 * Mathematics
 *   key = mix(mix(mix(seed) ⊕ row) ⊕ step),   h = mix(key + (token + 1) · φ),   φ = 2^64 / golden ratio
 *   u = (⌊h / 2^12⌋ + 1/2) · 2^−52 ∈ (0, 1),   g = −ln(−ln u)
 *   argmax_j (x_j + g_j) is a draw from softmax(x).
 *
 * Stability
 *   u has 53 significant bits and is never 0 or 1, so −3.6 < g < 36.8. Integers and the float64
 *   logarithm compiled into the module: the same bits in every runtime.
 *
 * Source     mix: finalizer of SplitMix64 (Steele, Lea, Flood 2014; constants by Stafford, variant 13)
 */
// @ts-ignore: decorator
@inline
const PHI: u64 = 0x9e3779b97f4a7c15;

function mix(z: u64): u64 {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/** The key of a row; the arguments are integers up to 2^53. */
export function noiseKey(seed: f64, row: f64, step: f64): u64 {
  const seeded = mix(<u64>seed + PHI);
  const placed = mix((seeded ^ (<u64>row)) + PHI);
  return mix((placed ^ (<u64>step)) + PHI);
}

/** The 64 random bits of a token. */
// @ts-ignore: decorator
@inline
export function noiseBits(key: u64, token: i32): u64 {
  return mix(key + <u64>(token + 1) * PHI);
}

/** Gumbel noise of 64 random bits. */
export function gumbel(bits: u64): f64 {
  const u = (<f64>(bits >> 12) + 0.5) * 2.220446049250313e-16; // 2^−52
  return -NativeMath.log(-NativeMath.log(u));
}

/** No less than gumbel(bits), without a logarithm: −ln u ≥ 1 − u ≥ 2^−(n + 1), n leading ones. */
export function gumbelBound(bits: u64): f64 {
  return (<f64>clz<u64>(~(bits | 0xfff)) + 1) * 0.6931471805599454; // ln 2, rounded up
}

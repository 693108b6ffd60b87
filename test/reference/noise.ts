/**
 * The noise of a token, in BigInt:  key = mix(mix(mix(seed + φ) ⊕ row + φ) ⊕ step + φ),
 * h = mix(key + (token + 1) φ),  u = (⌊h / 2^12⌋ + 1/2) 2^−52,  g = −ln(−ln u).
 */
const PHI = 0x9e3779b97f4a7c15n;
const wrap = (z: bigint): bigint => BigInt.asUintN(64, z);

function mix(z: bigint): bigint {
  const a = wrap((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  const b = wrap((a ^ (a >> 27n)) * 0x94d049bb133111ebn);
  return b ^ (b >> 31n);
}

export function gumbelNoise(seed: number, row: number, step: number, token: number): number {
  const seeded = mix(wrap(BigInt(seed) + PHI));
  const placed = mix(wrap((seeded ^ BigInt(row)) + PHI));
  const key = mix(wrap((placed ^ BigInt(step)) + PHI));
  const bits = mix(wrap(key + BigInt(token + 1) * PHI));
  return -Math.log(-Math.log((Number(bits >> 12n) + 0.5) * 2 ** -52));
}

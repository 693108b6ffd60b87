/**
 * ln x for one float64, without the tables of the standard library's logarithm:
 *
 *   x = 2^k · f, f in [√½, √2),   ln x = k · ln 2 + ln(1 + (f − 1))
 *
 *   f − 1 is exact, and near x = 1, where k = 0, nothing is added to log1p. ln 0 = −∞, NaN below 0.
 *
 * Domain     normal float64 (every float32 is one), 0, +∞
 */
export function logarithm(x: f64): f64 {
  if (!(x > 0) || x == Infinity) return x == 0 ? -Infinity : x > 0 ? x : NaN;
  const bits = reinterpret<u64>(x);
  let k = <i32>(bits >> 52) - 1023;
  let f = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (f > 1.4142135623730951) {
    f *= 0.5;
    k++;
  }
  return <f64>k * 0.6931471805599453 + NativeMath.log1p(f - 1);
}

/** u^γ for u in [0, 1] and γ > 0. */
export function power(u: f64, gamma: f64): f64 {
  if (gamma == 2) return u * u;
  return u == 0 ? 0 : NativeMath.exp(gamma * logarithm(u));
}

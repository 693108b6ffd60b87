/**
 * Soft cap, then temperature, before any softmax:
 *
 *   z = cap · tanh(x / cap) / T
 *   ∂z/∂x = sech²(x / cap) / T,   sech²(u) = 4 e^(−2|u|) / (1 + e^(−2|u|))²
 *
 * Without a cap z = x / T. The slope is not written as 1 − tanh², which cancels for large x / cap.
 * Rounding z to float64 costs 2^−53 · |z| in every e^(z − m): 1e−11 at |z| = 1e5, the oracles' only
 * error above 1e−14. With T a power of two and no cap, z is exact.
 */
export interface Adjustment {
  readonly temperature?: number | undefined;
  readonly softcap?: number | undefined;
}

export function adjust(x: Float64Array, { temperature = 1, softcap }: Adjustment): Float64Array {
  if (softcap === undefined) return x.map((value) => value / temperature);
  return x.map((value) => (softcap * Math.tanh(value / softcap)) / temperature);
}

/** ∂z/∂x at every x. */
export function slopes(x: Float64Array, { temperature = 1, softcap }: Adjustment): Float64Array {
  if (softcap === undefined) return x.map(() => 1 / temperature);
  return x.map((value) => {
    const e = Math.exp(-2 * Math.abs(value / softcap));
    return (4 * e) / (1 + e) ** 2 / temperature;
  });
}

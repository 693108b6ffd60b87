/**
 * Gradient of a float64 function by central differences:
 *
 *   ∂f/∂x_j ≈ (f(x + h e_j) − f(x − h e_j)) / 2h,   error h² f‴/6 + 2^−53 |f| / h
 *
 * With h = 1e-6, as PyTorch's gradcheck, the second term rules: 1e-10 for f near 1.
 */
export function centralDifference(
  f: (x: Float64Array) => number,
  x: ArrayLike<number>,
  h = 1e-6,
): Float64Array {
  const at = Float64Array.from(x);
  return at.map((center, j) => {
    at[j] = center + h;
    const above = f(at);
    at[j] = center - h;
    const below = f(at);
    at[j] = center;
    return (above - below) / (2 * h);
  });
}

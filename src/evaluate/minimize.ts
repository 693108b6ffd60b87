/**
 * L-BFGS with backtracking, float64: for smooth convex functions of a few hundred parameters.
 *
 *   direction −H ∇f, H from the last ten steps s and changes of gradient y (two-loop recursion);
 *   the step is halved until f falls by 1e-4 of what the slope promises. Pairs with y·s ≤ 0 are left out.
 */
export interface Minimum {
  readonly at: Float64Array;
  readonly value: number;
  /** Whether the greatest gradient entry came below the tolerance. */
  readonly converged: boolean;
}

/** `f` writes its gradient into the second argument and returns its value. */
export function minimize(
  f: (x: Float64Array, gradient: Float64Array) => number,
  start: Float64Array,
  maxIterations: number,
  tolerance: number,
): Minimum {
  let x = start.slice();
  let gradient = new Float64Array(x.length);
  let value = f(x, gradient);
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let i = 0; i < maxIterations; i++) {
    if (Math.max(0, ...gradient.map(Math.abs)) <= tolerance) break;
    let direction = descent(gradient, pairs);
    let slope = dot(direction, gradient);
    if (!(slope < 0)) {
      pairs.length = 0;
      direction = gradient.map((g) => -g);
      slope = dot(direction, gradient);
    }
    let step = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    let found = false;
    for (let halvings = 0; halvings < 60 && !found; halvings++, step /= 2) {
      const next = x.map((v, j) => v + step * direction[j]!);
      const nextGradient = new Float64Array(x.length);
      const nextValue = f(next, nextGradient);
      if (!(nextValue <= value + 1e-4 * step * slope)) continue;
      const s = next.map((v, j) => v - x[j]!);
      const y = nextGradient.map((g, j) => g - gradient[j]!);
      const curvature = dot(s, y);
      if (curvature > 0) pairs.push({ s, y, rho: 1 / curvature });
      if (pairs.length > 10) pairs.shift();
      [x, gradient, value, found] = [next, nextGradient, nextValue, true];
    }
    if (!found) break;
  }
  return { at: x, value, converged: Math.max(0, ...gradient.map(Math.abs)) <= tolerance };
}

function descent(
  gradient: Float64Array,
  pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
  const q = gradient.map((g) => -g);
  const alphas: number[] = [];
  for (const { s, y, rho } of [...pairs].reverse()) {
    const alpha = rho * dot(s, q);
    alphas.unshift(alpha);
    for (let j = 0; j < q.length; j++) q[j]! -= alpha * y[j]!;
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = dot(last.s, last.y) / dot(last.y, last.y);
    for (let j = 0; j < q.length; j++) q[j]! *= scale;
  }
  pairs.forEach(({ s, y, rho }, i) => {
    const beta = rho * dot(y, q);
    for (let j = 0; j < q.length; j++) q[j]! += (alphas[i]! - beta) * s[j]!;
  });
  return q;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

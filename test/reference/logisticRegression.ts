/**
 * The least value of the objective of logistic regression, in float64:
 *
 *   f(W, b) = 1/N · Σ_i [ ln Σ_c e^(z_ic) − z_iy ] + (λ / 2) · ‖W‖²,   z = x · Wᵀ + b
 *
 * or with one output   1/N · Σ_i [ ln(1 + e^(z_i)) − y_i · z_i ] + …
 *
 * by Newton's method: each step H p = −∇f is solved by conjugate gradients, and halved until f falls.
 * f is convex, so where ∇f = 0 is its least value.
 */
export interface Regression {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly rows: number;
  readonly features: number;
  /** Classes, or 1 for the binary form. */
  readonly outputs: number;
  readonly l2: number;
}

export interface Optimum {
  readonly theta: Float64Array;
  readonly value: number;
  readonly gradientNorm: number;
}

/** θ = W row by row, then b. */
export function objective(problem: Regression, theta: ArrayLike<number>): number {
  return evaluate(problem, theta).value;
}

interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
  /** Probabilities, (rows, outputs). */
  readonly p: Float64Array;
}

function evaluate(problem: Regression, theta: ArrayLike<number>): Evaluation {
  const { x, y, rows, features: D, outputs: C, l2 } = problem;
  const gradient = new Float64Array(theta.length);
  const p = new Float64Array(rows * C);
  const z = new Float64Array(C);
  const bias = C * D;
  let value = 0;
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < C; c++) {
      let sum = theta[bias + c]!;
      for (let d = 0; d < D; d++) sum += theta[c * D + d]! * x[i * D + d]!;
      z[c] = sum;
    }
    if (C === 1) {
      value += Math.max(z[0]!, 0) + Math.log1p(Math.exp(-Math.abs(z[0]!))) - y[i]! * z[0]!;
      p[i] = 1 / (1 + Math.exp(-z[0]!));
    } else {
      const most = Math.max(...z);
      const total = z.reduce((sum, v) => sum + Math.exp(v - most), 0);
      value += most + Math.log(total) - z[y[i]!]!;
      for (let c = 0; c < C; c++) p[i * C + c] = Math.exp(z[c]! - most) / total;
    }
    for (let c = 0; c < C; c++) {
      const slope = (p[i * C + c]! - (C === 1 ? y[i]! : c === y[i] ? 1 : 0)) / rows;
      gradient[bias + c]! += slope;
      for (let d = 0; d < D; d++) gradient[c * D + d]! += slope * x[i * D + d]!;
    }
  }
  value /= rows;
  for (let j = 0; j < bias; j++) {
    value += (l2 / 2) * theta[j]! ** 2;
    gradient[j]! += l2 * theta[j]!;
  }
  return { value, gradient, p };
}

/** H v at the probabilities p. */
function curvature(problem: Regression, p: Float64Array, v: Float64Array): Float64Array {
  const { x, rows, features: D, outputs: C, l2 } = problem;
  const out = new Float64Array(v.length);
  const bias = C * D;
  const u = new Float64Array(C);
  for (let i = 0; i < rows; i++) {
    let mean = 0;
    for (let c = 0; c < C; c++) {
      let sum = v[bias + c]!;
      for (let d = 0; d < D; d++) sum += v[c * D + d]! * x[i * D + d]!;
      u[c] = sum;
      mean += p[i * C + c]! * sum;
    }
    for (let c = 0; c < C; c++) {
      const change = C === 1 ? p[i]! * (1 - p[i]!) * u[0]! : p[i * C + c]! * (u[c]! - mean);
      const slope = change / rows;
      out[bias + c]! += slope;
      for (let d = 0; d < D; d++) out[c * D + d]! += slope * x[i * D + d]!;
    }
  }
  for (let j = 0; j < bias; j++) out[j]! += l2 * v[j]!;
  return out;
}

export function minimum(problem: Regression, start?: Float64Array): Optimum {
  let theta = start ?? new Float64Array(problem.outputs * (problem.features + 1));
  let at = evaluate(problem, theta);
  for (let step = 0; step < 50; step++) {
    const norm = Math.sqrt(dot(at.gradient, at.gradient));
    if (norm < 1e-9) break;
    const direction = solve(problem, at, Math.min(0.1, norm) * norm);
    const slope = dot(direction, at.gradient);
    let a = 1;
    for (let tries = 0; tries < 60; tries++, a /= 2) {
      const next = theta.map((v, j) => v + a * direction[j]!);
      const there = evaluate(problem, next);
      if (!(there.value <= at.value + 1e-4 * a * slope) && tries < 59) continue;
      theta = next;
      at = there;
      break;
    }
  }
  return { theta, value: at.value, gradientNorm: Math.sqrt(dot(at.gradient, at.gradient)) };
}

/** Conjugate gradients for H p = −∇f until the residual is below `tolerance`. */
function solve(problem: Regression, at: Evaluation, tolerance: number): Float64Array {
  const p = new Float64Array(at.gradient.length);
  const r = at.gradient.map((g) => -g);
  const d = r.slice();
  let size = dot(r, r);
  for (let i = 0; i < 400 && Math.sqrt(size) > tolerance; i++) {
    const h = curvature(problem, at.p, d);
    const alpha = size / dot(d, h);
    for (let j = 0; j < p.length; j++) {
      p[j]! += alpha * d[j]!;
      r[j]! -= alpha * h[j]!;
    }
    const next = dot(r, r);
    for (let j = 0; j < p.length; j++) d[j] = r[j]! + (next / size) * d[j]!;
    size = next;
  }
  return p;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}

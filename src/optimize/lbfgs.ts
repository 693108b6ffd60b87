/**
 * L-BFGS with a line search, float64, for smooth convex functions:
 *
 *   direction −H ∇f, H from the last steps s and changes of gradient y (two-loop recursion)
 *   step a along it with   f(a) ≤ f(0) + 1e-4 · a · f'(0)   and   |f'(a)| ≤ 0.9 · |f'(0)|
 *
 * f may come from float32 kernels: near the end it no longer tells one step from another, so a rise
 * within its rounding is allowed there and the slope decides (Hager and Zhang 2005).
 */
export interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

export interface LbfgsOptions {
  readonly maxIterations: number;
  /** Ends where the greatest |∇f| is at most this. */
  readonly tolerance: number;
  /** Relative rounding of f; 1e-8 for a mean loss of float32 kernels. */
  readonly rounding: number;
}

export interface LbfgsState {
  readonly at: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** Why it ended; undefined while it goes on. */
  readonly stopped?: "converged" | "epochs" | "diverged";
}

/** A request to evaluate f, or the news that an iteration is done. */
export type LbfgsRequest =
  | { readonly evaluate: Float64Array }
  | { readonly evaluate: undefined; readonly state: LbfgsState };

const PAIRS = 10;
/** A fall below this share of f's rounding is not looked for; 1 / curvature of directions that still matter. */
const WORTHLESS = 0.1;
const FLAT = 100;
/** Iterations without a fall of f above its rounding, until no more is expected. */
const STALLED = 5;

interface Point extends Evaluation {
  readonly x: Float64Array;
}

export function* lbfgs(
  start: Float64Array,
  { maxIterations, tolerance, rounding }: LbfgsOptions,
): Generator<LbfgsRequest, LbfgsState, Evaluation | undefined> {
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  let point: Point = { x: start, ...(yield { evaluate: start })! };
  let stalled = 0;
  let iterations = 0;
  const state = (stopped?: LbfgsState["stopped"]): LbfgsState => ({
    at: point.x,
    value: point.value,
    iterations,
    ...(stopped && { stopped }),
  });
  if (!isFinitePoint(point)) return state("diverged");
  while (iterations < maxIterations) {
    if (greatest(point.gradient) <= tolerance || stalled >= STALLED) return state("converged");
    let direction = descent(point.gradient, pairs);
    if (!(dot(direction, point.gradient) < 0)) {
      pairs.length = 0;
      direction = point.gradient.map((g) => -g);
    }
    const slope = dot(direction, point.gradient);
    // What a step promises; without pairs the curvature is unknown, so as much as a flat one would.
    const promised = pairs.length > 0 ? -slope / 2 : -slope * FLAT;
    if (promised <= WORTHLESS * rounding * Math.abs(point.value)) return state("converged");
    const first = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    const next = yield* search(point, direction, slope, first, rounding * Math.abs(point.value));
    if (next === undefined) {
      if (pairs.length === 0) return state("converged"); // downhill no step falls: f is at its rounding
      pairs.length = 0;
      continue;
    }
    const s = next.x.map((v, j) => v - point.x[j]!);
    const y = next.gradient.map((g, j) => g - point.gradient[j]!);
    const curvature = dot(s, y);
    if (curvature > 0) pairs.push({ s, y, rho: 1 / curvature });
    if (pairs.length > PAIRS) pairs.shift();
    stalled = point.value - next.value > rounding * Math.abs(next.value) ? 0 : stalled + 1;
    if (next.value <= point.value || greatest(next.gradient) < greatest(point.gradient))
      point = next;
    iterations++;
    yield { evaluate: undefined, state: state() };
  }
  return state(greatest(point.gradient) <= tolerance ? "converged" : "epochs");
}

/** The minimum of a function that is there to call. */
export function minimize(
  f: (x: Float64Array) => Evaluation,
  start: Float64Array,
  options: LbfgsOptions,
): LbfgsState {
  const requests = lbfgs(start, options);
  let next = requests.next();
  while (!next.done) {
    const { evaluate } = next.value;
    next = requests.next(evaluate && f(evaluate));
  }
  return next.value;
}

/** A step that meets both conditions, by bracketing; undefined where there is none. */
function* search(
  from: Point,
  direction: Float64Array,
  slope: number,
  first: number,
  rounding: number,
): Generator<LbfgsRequest, Point | undefined, Evaluation | undefined> {
  let low = 0;
  let lowSlope = slope;
  let high = Infinity;
  let highSlope = NaN;
  let best: Point | undefined;
  let a = first;
  for (let tries = 0; tries < 30; tries++) {
    const x = from.x.map((v, j) => v + a * direction[j]!);
    const point: Point = { x, ...(yield { evaluate: x })! };
    const along = isFinitePoint(point) ? dot(direction, point.gradient) : NaN;
    const falls = point.value <= from.value + 1e-4 * a * slope + rounding;
    if (falls && Math.abs(along) <= -0.9 * slope) return point;
    if (falls && (best === undefined || point.value < best.value)) best = point;
    if (tries > 2 && -a * slope <= WORTHLESS * rounding) break;
    if (!falls || !(along < 0)) {
      high = a;
      highSlope = along;
    } else {
      low = a;
      lowSlope = along;
    }
    if (high === Infinity) a *= 2;
    else {
      const width = high - low;
      if (width <= 1e-12 * high) break;
      const secant = low - (lowSlope * width) / (highSlope - lowSlope);
      const inside = secant > low + 0.1 * width && secant < high - 0.1 * width;
      a = highSlope > 0 && inside ? secant : (low + high) / 2;
    }
  }
  return best;
}

function descent(
  gradient: Float64Array,
  pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
  const q = gradient.map((g) => -g);
  const alphas: number[] = [];
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { s, y, rho } = pairs[i]!;
    const alpha = rho * dot(s, q);
    alphas[i] = alpha;
    for (let j = 0; j < q.length; j++) q[j]! -= alpha * y[j]!;
  }
  const last = pairs[pairs.length - 1];
  if (last) {
    const scale = 1 / (last.rho * dot(last.y, last.y));
    for (let j = 0; j < q.length; j++) q[j]! *= scale;
  }
  for (let i = 0; i < pairs.length; i++) {
    const { s, y, rho } = pairs[i]!;
    const change = alphas[i]! - rho * dot(y, q);
    for (let j = 0; j < q.length; j++) q[j]! += change * s[j]!;
  }
  return q;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function greatest(x: Float64Array): number {
  let most = 0;
  for (let i = 0; i < x.length; i++) most = Math.max(most, Math.abs(x[i]!));
  return most;
}

function isFinitePoint({ value, gradient }: Evaluation): boolean {
  return Number.isFinite(value) && Number.isFinite(dot(gradient, gradient));
}

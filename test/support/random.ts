/**
 * Seeded random numbers (mulberry32): the same data on every machine, and a seed to print.
 */
import { GREATEST, SMALLEST_NORMAL } from "./ulp.ts";

/** Values at which float32 code breaks; each is there for a reason. */
export const SPECIALS: readonly number[] = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  GREATEST, // x − max overflows beside its negative
  -GREATEST,
  SMALLEST_NORMAL,
  -SMALLEST_NORMAL,
  2 ** -149, // the smallest subnormal
  -(2 ** -149),
  88.72283, // the greatest x with finite e^x
  88.72284,
  -87.33655, // e^x leaves the normal range
  -103.97208, // e^x is the smallest subnormal
  -104,
  16777216, // 2^24: x + 1 is no float32
  1e4,
  -1e4,
  1e7,
];

/** The specials without NaN and ±∞. */
export const FINITE_SPECIALS: readonly number[] = SPECIALS.filter(Number.isFinite);

export class Random {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed >>> 0;
  }

  /** Uniform on [0, 1), 32 bits. */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Uniform on [from, to). */
  between(from: number, to: number): number {
    return from + (to - from) * this.uniform();
  }

  /** Uniform on 0 … limit − 1. */
  integer(limit: number): number {
    return Math.floor(this.uniform() * limit);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.integer(choices.length)] as T;
  }

  /** N(0, 1) by Box and Muller:  √(−2 ln u) · cos(2π v),  u in (0, 1]. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** `length` values of N(mean, deviation²). */
  normals(length: number, deviation = 1, mean = 0): Float32Array {
    return Float32Array.from({ length }, () => mean + deviation * this.normal());
  }

  /** `length` values uniform on [from, to). */
  uniforms(length: number, from = 0, to = 1): Float32Array {
    return Float32Array.from({ length }, () => this.between(from, to));
  }

  /** N(0, 3²) with a share of `specials`. */
  withSpecials(length: number, share = 0.3, specials = SPECIALS): Float32Array {
    return Float32Array.from({ length }, () =>
      this.uniform() < share ? this.pick(specials) : 3 * this.normal(),
    );
  }

  /** `rows` class indices; a share of them is `ignoreIndex`. */
  indices(rows: number, classes: number, ignored = 0, ignoreIndex = -100): Int32Array {
    return Int32Array.from({ length: rows }, () =>
      this.uniform() < ignored ? ignoreIndex : this.integer(classes),
    );
  }

  /** `rows` distributions over `classes`: uniforms divided by their sum. */
  probabilities(rows: number, classes: number): Float32Array {
    const out = new Float32Array(rows * classes);
    for (let i = 0; i < rows; i++) {
      const row = this.uniforms(classes);
      const total = row.reduce((sum, value) => sum + value, 0) || 1;
      out.set(
        row.map((value) => value / total),
        i * classes,
      );
    }
    return out;
  }
}

/**
 * A sum that hardly depends on its order:  hi + lo = Σ v, with lo the rounding errors of hi.
 *
 *   t = fl(hi + v),  e = (hi + v) − t exactly (Knuth's two-sum),  lo ← lo + e
 *
 * The relative error is near 2^−100, so any split over chunks and threads gives the same float64 for
 * all practical purposes. +∞ and NaN are counted beside it and decide the value.
 */
import { readCount, readList, readNumber } from "./state.js";

export type ExactSumState = readonly [hi: number, lo: number, infinite: number, nan: number];

export class ExactSum {
  #hi = 0;
  #lo = 0;
  #infinite = 0;
  #nan = 0;

  add(v: number): void {
    if (v - v !== 0) {
      if (v === Infinity) this.#infinite++;
      else this.#nan++;
      return;
    }
    const t = this.#hi + v;
    const b = t - this.#hi;
    this.#lo += this.#hi - (t - b) + (v - b);
    this.#hi = t;
  }

  /** Adds the first n numbers. */
  addAll(values: Float64Array, n: number): void {
    let hi = this.#hi;
    let lo = this.#lo;
    for (let i = 0; i < n; i++) {
      const v = values[i]!;
      if (v - v !== 0) {
        this.add(v);
        continue;
      }
      const t = hi + v;
      const b = t - hi;
      lo += hi - (t - b) + (v - b);
      hi = t;
    }
    this.#hi = hi;
    this.#lo = lo;
  }

  /** Adds hi + lo, the sum of finite numbers. */
  addSum(hi: number, lo: number): void {
    this.add(hi);
    this.#lo += lo;
  }

  get value(): number {
    if (this.#nan > 0) return NaN;
    return this.#infinite > 0 ? Infinity : this.#hi + this.#lo;
  }

  toJSON(): ExactSumState {
    return [this.#hi, this.#lo, this.#infinite, this.#nan];
  }

  absorb(state: unknown, place: string): void {
    const [hi, lo, infinite, nan] = readList(state, place, 4);
    const [h, l] = [readNumber(hi, `${place}[0]`), readNumber(lo, `${place}[1]`)];
    const [i, n] = [readCount(infinite, `${place}[2]`), readCount(nan, `${place}[3]`)];
    this.addSum(h, l);
    this.#infinite += i;
    this.#nan += n;
  }
}

/**
 * Operands of sequences: an array of shape (T, N, C) as N samples of T · C elements each.
 */
import type { Operand } from "./job.js";

/** `steps` is an operand of rows in the order of the array: row t · N + n is step t of sample n. */
export class Samples implements Operand {
  readonly classes: number;
  readonly rowBytes: number;
  readonly resident = 0;
  readonly #steps: Operand;
  readonly #time: number;
  readonly #samples: number;

  constructor(steps: Operand, time: number, samples: number, classes: number) {
    this.#steps = steps;
    this.#time = time;
    this.#samples = samples;
    this.classes = time * classes;
    this.rowBytes = this.classes * 4;
  }

  load(
    row: number,
    rows: number,
    _from: number,
    _count: number,
    at: number,
    scratch: number,
  ): void {
    this.#each(row, rows, at, (step, place, count) => {
      this.#steps.load?.(step, 1, 0, count, place, scratch);
    });
  }

  store(
    row: number,
    rows: number,
    _from: number,
    _count: number,
    at: number,
    scratch: number,
  ): void {
    this.#each(row, rows, at, (step, place, count) => {
      this.#steps.store?.(step, 1, 0, count, place, scratch);
    });
  }

  #each(
    row: number,
    rows: number,
    at: number,
    visit: (step: number, place: number, count: number) => void,
  ): void {
    const count = this.#time === 0 ? 0 : this.classes / this.#time;
    for (let r = 0; r < rows; r++) {
      for (let t = 0; t < this.#time; t++) {
        visit(t * this.#samples + row + r, at + (r * this.#time + t) * count * 4, count);
      }
    }
  }
}

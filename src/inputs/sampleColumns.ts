/**
 * The columns of a sample, taken from the records of assembly/kernels/sample.ts.
 */
import { fail } from "../check.js";
import type { Arena } from "../memory/arena.js";
import { makeArray } from "../memory/array.js";
import type { Operand } from "../memory/job.js";

export const RECORD_BYTES = 24;

/** Status of a record that holds no token. */
const NO_NUMBER = 1;

export class SampleColumns implements Operand {
  readonly rowBytes = RECORD_BYTES;
  readonly resident = 0;
  readonly #fn: string;
  readonly #arena: Arena;
  readonly #ids: Int32Array;
  readonly #raw: Float32Array;
  readonly #processed: Float32Array;

  constructor(fn: string, arena: Arena, rows: number) {
    this.#fn = fn;
    this.#arena = arena;
    this.#ids = makeArray(fn, Int32Array, rows);
    this.#raw = makeArray(fn, Float32Array, rows);
    this.#processed = makeArray(fn, Float32Array, rows);
  }

  store(row: number, rows: number, _from: number, _count: number, at: number): void {
    const { f64, i32 } = this.#arena.views;
    for (let r = row; r < row + rows; r++, at += RECORD_BYTES) {
      const status = i32[at / 4 + 1]!;
      if (status !== 0) {
        fail("ERR_ARGUMENT_VALUE", {
          fn: this.#fn,
          argument: `logits row ${r}`,
          expected: "must leave a token to draw",
          gotText: status === NO_NUMBER ? "a row with NaN or +∞" : "a row of −∞ only",
          index: r,
        });
      }
      this.#ids[r] = i32[at / 4]!;
      this.#raw[r] = f64[at / 8 + 1]!;
      this.#processed[r] = f64[at / 8 + 2]!;
    }
  }

  result(): { ids: Int32Array; rawLogprob: Float32Array; processedLogprob: Float32Array } {
    return { ids: this.#ids, rawLogprob: this.#raw, processedLogprob: this.#processed };
  }
}

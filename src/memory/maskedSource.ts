/**
 * Rows of another source in which some classes are −∞: a class mask, whatever the logits say.
 */
import type { Arena } from "./arena.js";
import type { Operand } from "./job.js";
import type { Source } from "./source.js";

export class MaskedSource implements Operand {
  readonly rowBytes: number;
  readonly classes: number;
  readonly resident = 0;
  readonly together: number;
  readonly #arena: Arena;
  readonly #source: Source;
  readonly #masked: readonly number[];

  constructor(arena: Arena, source: Source, masked: readonly number[]) {
    this.#arena = arena;
    this.#source = source;
    this.#masked = masked;
    this.rowBytes = source.rowBytes;
    this.together = source.together;
    this.classes = source.classes;
  }

  load(row: number, rows: number, from: number, count: number, at: number, scratch: number): void {
    this.#source.load(row, rows, from, count, at, scratch);
    const { f32 } = this.#arena.views;
    for (let r = 0; r < rows; r++) {
      const start = at / 4 + r * count - from;
      for (const c of this.#masked) if (c >= from && c < from + count) f32[start + c] = -Infinity;
    }
  }
}

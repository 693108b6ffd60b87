/**
 * The N rows with the greatest loss, in a heap with the easiest of them on top.
 *
 * NaN counts as the greatest loss; among equal losses the lower row is harder, so the rows kept do
 * not depend on the order in which they came.
 */
import { readCount, readField, readList, readNumber } from "./state.js";

export interface HardRow {
  readonly row: number;
  readonly loss: number;
  readonly target: number;
  readonly prediction: number;
  /** Greatest minus second greatest logit. */
  readonly margin: number;
}

export class HardestRows {
  readonly #limit: number;
  readonly #heap: HardRow[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A loss below it is not kept; NaN where any may be. */
  get bound(): number {
    if (this.#limit === 0) return Infinity;
    return this.#heap.length < this.#limit ? NaN : this.#heap[0]!.loss;
  }

  /** Whether a row of this loss would be kept. */
  wants(loss: number, row: number): boolean {
    if (this.#heap.length < this.#limit) return true;
    return this.#limit > 0 && harder(loss, row, this.#heap[0]!);
  }

  add(entry: HardRow): void {
    const heap = this.#heap;
    if (!this.wants(entry.loss, entry.row)) return;
    if (heap.length < this.#limit) {
      heap.push(entry);
      let at = heap.length - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (harder(heap[at]!.loss, heap[at]!.row, heap[parent]!)) break;
        [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
        at = parent;
      }
      return;
    }
    heap[0] = entry;
    for (let at = 0; ;) {
      let easiest = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        const { loss, row } = heap[easiest]!;
        if (child < heap.length && harder(loss, row, heap[child]!)) easiest = child;
      }
      if (easiest === at) return;
      [heap[at], heap[easiest]] = [heap[easiest]!, heap[at]!];
      at = easiest;
    }
  }

  /** Hardest first. */
  result(): HardRow[] {
    return this.#heap.toSorted((a, b) => (harder(a.loss, a.row, b) ? -1 : 1));
  }

  toJSON(): object[] {
    const text = (value: number): number | string => (value - value === 0 ? value : String(value));
    return this.result().map((entry) => ({
      ...entry,
      loss: text(entry.loss),
      margin: text(entry.margin),
    }));
  }

  absorb(state: unknown, place: string): void {
    const number = (value: unknown, at: string): number =>
      typeof value === "string" && /^(NaN|-?Infinity)$/.test(value)
        ? Number(value)
        : readNumber(value, at);
    readList(state, place).forEach((entry, i) => {
      const at = `${place}[${i}]`;
      this.add({
        row: readCount(readField(entry, "row", at), `${at}.row`),
        loss: number(readField(entry, "loss", at), `${at}.loss`),
        target: readCount(readField(entry, "target", at), `${at}.target`),
        prediction: readCount(readField(entry, "prediction", at), `${at}.prediction`),
        margin: number(readField(entry, "margin", at), `${at}.margin`),
      });
    });
  }
}

function harder(loss: number, row: number, than: HardRow): boolean {
  const a = Number.isNaN(loss) ? 2 : loss === Infinity ? 1 : 0;
  const b = Number.isNaN(than.loss) ? 2 : than.loss === Infinity ? 1 : 0;
  if (a !== b) return a > b;
  if (a === 0 && loss !== than.loss) return loss > than.loss;
  return row < than.row;
}

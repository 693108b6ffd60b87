/**
 * What caller and workers share beside linear memory: counters, and the ring of described calls.
 *
 *   int32   published · claimed · done · sleepers · roused · caller, each on a cache line of its own
 *           busy, one line a worker
 *           finished, one word a slot: ticket + 1 of the piece that was last finished there
 *   float64 SLOTS descriptions of SLOT_NUMBERS numbers; see recorder.ts
 *
 * Tickets number the pieces of work; ticket t stands in slot t mod SLOTS. Who moves `claimed` from t
 * to t + 1 runs piece t. Counters wrap, so they are compared by their difference.
 */
const LINE = 16;

/** Pieces in flight at most. A power of two, so tickets may wrap. */
export const SLOTS = 64;
/** Numbers in the description of a piece. */
export const SLOT_NUMBERS = 256;

/** Where the caller is: at work, in Atomics.wait, or in its event loop, to be sent a message. */
export const AWAKE = 0;
export const BLOCKED = 1;
export const AWAY = 2;

export interface Layout {
  readonly published: number;
  readonly claimed: number;
  readonly done: number;
  readonly sleepers: number;
  /** How often a sleeper was roused, in all. */
  readonly roused: number;
  readonly caller: number;
  readonly busy: number;
  readonly finished: number;
  /** First number of the first description. */
  readonly slots: number;
  readonly slotMask: number;
  readonly slotNumbers: number;
  readonly line: number;
}

export class Control {
  readonly layout: Layout;
  readonly buffer: ArrayBufferLike;
  readonly words: Int32Array;
  readonly numbers: Float64Array;

  /** `shared` false where there are no workers; the caller then talks to itself. */
  constructor(threads: number, shared: boolean) {
    const busy = 6 * LINE;
    const finished = busy + threads * LINE;
    const slots = (finished + SLOTS) / 2;
    this.layout = {
      published: 0,
      claimed: LINE,
      done: 2 * LINE,
      sleepers: 3 * LINE,
      roused: 4 * LINE,
      caller: 5 * LINE,
      busy,
      finished,
      slots,
      slotMask: SLOTS - 1,
      slotNumbers: SLOT_NUMBERS,
      line: LINE,
    };
    const bytes = (slots + SLOTS * SLOT_NUMBERS) * 8;
    this.buffer = shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
    this.words = new Int32Array(this.buffer);
    this.numbers = new Float64Array(this.buffer);
  }
}

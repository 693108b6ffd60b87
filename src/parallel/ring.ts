/**
 * Pieces of work in flight: described by the caller, run by whoever claims them, finished in any
 * order. One call uses the ring at a time.
 */
import { AWAKE, AWAY, BLOCKED, type Control, SLOTS } from "./control.js";
import type { Crew } from "./crew.js";
import { turn } from "./turn.js";
import type { Recorder } from "./recorder.js";

/** How long the caller spins for the last pieces before it waits, and waits before it looks up, ms. */
const SPIN = 0.02;
const NAP = 5;
/**
 * Spinning that came to nothing is left out this many times: a system may wake a worker on the
 * caller's own core, where it runs only once the caller stops.
 */
const SKIPS = 15;
/**
 * Naps in a row without progress after which workers count as lost: 0.8 s, more where pieces are large
 * (0.2 µs an element), and at least four times what a piece took the caller.
 */
const MAX_NAPS = 160;
const ELEMENTS_A_NAP = 25000;
const TIMES_OWN = 4;

export interface RingOptions {
  /** Whether the caller may wait in Atomics.wait. */
  readonly mayBlock: boolean;
  /** Whether the caller runs pieces too. */
  readonly takesPart: boolean;
}

export class Ring {
  readonly recorder: Recorder;
  readonly #control: Control;
  readonly #crew: Crew | undefined;
  readonly #options: RingOptions;
  /** Ticket of the next piece to be published. */
  #next = 0;
  /** Sleepers notified in all; those that are not up yet are not notified again, for it is dear. */
  #notified = 0;
  #skips = 0;
  #naps = 0;
  #maxNaps = MAX_NAPS;
  #lastDone = 0;

  constructor(recorder: Recorder, control: Control, crew: Crew | undefined, options: RingOptions) {
    this.recorder = recorder;
    this.#control = control;
    this.#crew = crew;
    this.#options = options;
  }

  /** Whether there are workers to share with. */
  get shared(): boolean {
    return this.#crew !== undefined && this.#crew.size > 0;
  }

  /** Slot of the piece that is published next. */
  get slot(): number {
    return this.#next & (SLOTS - 1);
  }

  /** Says how many elements pieces have from now on. */
  expect(elements: number): void {
    this.#maxNaps = MAX_NAPS + Math.ceil(elements / ELEMENTS_A_NAP);
  }

  /** Publishes the piece described in `slot` and returns its ticket; sleepers sleep on until roused. */
  publish(): number {
    const { words, layout } = this.#control;
    const ticket = this.#next;
    this.#next = (ticket + 1) | 0;
    Atomics.store(words, layout.published, this.#next);
    return ticket;
  }

  /** Wakes as many sleepers as there are pieces to claim. Dear, so it follows several pieces. */
  rouse(): void {
    const { words, layout } = this.#control;
    const waking = (this.#notified - Atomics.load(words, layout.roused)) | 0;
    const asleep = Atomics.load(words, layout.sleepers) - waking;
    const pieces = (this.#next - Atomics.load(words, layout.claimed)) | 0;
    if (asleep <= 0 || pieces <= 0) return;
    this.#notified += Atomics.notify(words, layout.published, Math.min(asleep, pieces));
  }

  isFinished(ticket: number): boolean {
    const { words, layout } = this.#control;
    return Atomics.load(words, layout.finished + (ticket & (SLOTS - 1))) === ((ticket + 1) | 0);
  }

  /** Runs one piece that nobody has claimed; false if there is none. */
  takePart(): boolean {
    if (!this.#options.takesPart) return false;
    const { words, layout } = this.#control;
    for (;;) {
      const ticket = Atomics.load(words, layout.claimed);
      if (ticket === this.#next) return false;
      const next = (ticket + 1) | 0;
      if (Atomics.compareExchange(words, layout.claimed, ticket, next) !== ticket) continue;
      const slot = ticket & (SLOTS - 1);
      const start = performance.now();
      this.recorder.run(slot);
      const took = performance.now() - start;
      this.#maxNaps = Math.max(this.#maxNaps, MAX_NAPS + (TIMES_OWN * took) / NAP);
      Atomics.store(words, layout.finished + slot, next);
      Atomics.add(words, layout.done, 1);
      return true;
    }
  }

  /** Waits for a worker to finish the piece: spins, then sleeps for a moment at most. */
  wait(ticket: number): Promise<void> | undefined {
    if (this.#spin(ticket)) return undefined;
    const { words, layout } = this.#control;
    const seen = Atomics.load(words, layout.done);
    if (seen !== this.#lastDone) this.#naps = 0;
    this.#lastDone = seen;
    if (++this.#naps > this.#maxNaps) this.#crew?.abandon();
    return this.#sleep(seen, () => this.isFinished(ticket));
  }

  /** Takes back what is not claimed and waits until no worker runs a piece. */
  async clear(): Promise<void> {
    const { words, layout } = this.#control;
    Atomics.store(words, layout.claimed, this.#next);
    this.#naps = 0;
    this.#notified = Atomics.load(words, layout.roused); // one that died is never up
    while (this.#crew?.busy) {
      if (++this.#naps > this.#maxNaps) this.#crew.abandon();
      await this.#sleep(Atomics.load(words, layout.done), () => !this.#crew?.busy);
      await turn();
    }
    this.#naps = 0;
  }

  #spin(ticket: number): boolean {
    if (this.#skips > 0) {
      this.#skips--;
      return this.isFinished(ticket);
    }
    const end = performance.now() + SPIN;
    do {
      for (let i = 0; i < 64; i++) if (this.isFinished(ticket)) return true;
    } while (performance.now() < end);
    this.#skips = SKIPS;
    return false;
  }

  /** Sleeps until `done` moves from `seen`, unless what is waited for is `there` by then. */
  #sleep(seen: number, isThere: () => boolean): Promise<void> | undefined {
    const { words, layout } = this.#control;
    const { mayBlock } = this.#options;
    Atomics.store(words, layout.caller, mayBlock ? BLOCKED : AWAY);
    if (!isThere() && !mayBlock) return this.#crew?.message(NAP);
    if (!isThere()) Atomics.wait(words, layout.done, seen, NAP);
    Atomics.store(words, layout.caller, AWAKE);
    return undefined;
  }
}

/**
 * Which tensors pending calls read and write. A call may read what others read; a tensor that a
 * pending call writes can be used by no other, and one that a pending call reads cannot be written.
 * A tensor that is disposed while in use gives its memory back when the last use ends.
 */
import { fail } from "../check.js";
import type { Arena, BlockUses } from "../memory/arena.js";

interface Use {
  readers: number;
  written: boolean;
  released: boolean;
}

/** The uses of one call: address → whether it is written. */
export type CallUses = ReadonlyMap<number, boolean>;

export class TensorUses implements BlockUses {
  readonly #arena: Arena;
  readonly #pending = new Map<number, Use>();
  #planning = new Map<number, boolean>();

  constructor(arena: Arena) {
    this.#arena = arena;
    arena.uses = this;
  }

  read(at: number, fn: string, argument: string): void {
    if (this.#pending.get(at)?.written) refuse(fn, argument, "writes");
    if (!this.#planning.has(at)) this.#planning.set(at, false);
  }

  write(at: number, fn: string, argument: string): void {
    const use = this.#pending.get(at);
    if (use) refuse(fn, argument, use.written ? "writes" : "reads");
    this.#planning.set(at, true);
  }

  defer(at: number): boolean {
    const use = this.#pending.get(at);
    if (use === undefined) return false;
    use.released = true;
    return true;
  }

  /** Notes what `plan` uses, for one call. */
  during<T>(plan: () => T): { uses: CallUses; result: T } {
    const uses = new Map<number, boolean>();
    this.#planning = uses;
    return { uses, result: plan() };
  }

  begin(uses: CallUses): void {
    for (const [at, written] of uses) {
      const use = this.#pending.get(at);
      if (use) use.readers++;
      else this.#pending.set(at, { readers: 1, written, released: false });
    }
  }

  end(uses: CallUses): void {
    for (const at of uses.keys()) {
      const use = this.#pending.get(at);
      if (use === undefined || --use.readers > 0) continue;
      this.#pending.delete(at);
      if (use.released && !this.#arena.disposed) this.#arena.release(at);
    }
  }
}

function refuse(fn: string, argument: string, does: string): never {
  fail("ERR_STATE", {
    fn,
    argument,
    expected: "must not be in use by a pending call",
    gotText: `a tensor that a pending call ${does}`,
    remedy: "await that call first",
  });
}

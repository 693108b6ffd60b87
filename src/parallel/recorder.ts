/**
 * Kernels that can be called now or described for later. A description is a list of numbers:
 *
 *   calls · local base · local stride · { kernel · count · locals · values… } for each call
 *
 * Addresses from LOCAL on stand for scratch of whoever runs the call: worker w reads LOCAL + x as
 * base + w · stride + x. Bit j of `locals` marks value j as one. Only i32 parameters can be
 * addresses, so a float that happens to be as large is left alone.
 */
import type { Kernels } from "../wasm/exports.js";
import type { KernelSignature } from "../wasm/moduleBytes.js";
import { type Control, SLOT_NUMBERS } from "./control.js";

/** Beyond every address and count of 32 bits. */
export const LOCAL = 2 ** 33;

type Kernel = (...values: number[]) => unknown;

export class Recorder {
  /** What plans and operands call: runs at once, or is noted while recording. */
  readonly kernels: Kernels;
  readonly #direct: readonly Kernel[];
  readonly #numbers: Float64Array;
  readonly #slots: number;
  #recording = false;
  /** Where LOCAL addresses lie: base for the caller, base + w · stride for worker w. */
  local = { base: 0, stride: 0 };
  /** Start of the description being written, its next number, its calls; past `#end` it is too long. */
  #start = 0;
  #at = 0;
  #calls = 0;

  /**
   * @param signatures - in the order of the module's exports, which workers number alike; none where
   *   there are no workers, and kernels are called as they are.
   */
  constructor(kernels: Kernels, signatures: readonly KernelSignature[], control: Control) {
    this.#numbers = control.numbers;
    this.#slots = control.layout.slots;
    const all = kernels as unknown as Record<string, Kernel>;
    this.#direct = signatures.map(({ name }) => all[name]!);
    const own: Record<string, Kernel> = {};
    signatures.forEach(({ name, integers }, index) => {
      own[name] = (...values) => this.#call(index, integers, values);
    });
    this.kernels = signatures.length > 0 ? (own as unknown as Kernels) : kernels;
  }

  /** Begins the description of a piece in `slot`. */
  begin(slot: number): void {
    this.#start = this.#slots + slot * SLOT_NUMBERS;
    this.#at = this.#start + 3;
    this.#calls = 0;
  }

  /** Whether calls are noted in the description rather than run. */
  record(on: boolean): void {
    this.#recording = on;
  }

  /** Ends the description; false if it had no room for every call, and is void. */
  end(): boolean {
    this.#recording = false;
    this.#numbers[this.#start] = this.#calls;
    this.#numbers[this.#start + 1] = this.local.base;
    this.#numbers[this.#start + 2] = this.local.stride;
    return this.#at <= this.#start + SLOT_NUMBERS;
  }

  /** Runs a description, as the caller: worker 0. */
  run(slot: number): void {
    const numbers = this.#numbers;
    let at = this.#slots + slot * SLOT_NUMBERS;
    const calls = numbers[at]!;
    const local = numbers[at + 1]!;
    at += 3;
    for (let i = 0; i < calls; i++) {
      const kernel = this.#direct[numbers[at]!]!;
      const count = numbers[at + 1]!;
      const locals = numbers[at + 2]!;
      at += 3;
      const values: number[] = [];
      for (let j = 0; j < count; j++, at++) {
        values.push((locals >> j) & 1 ? numbers[at]! + local : numbers[at]!);
      }
      kernel(...values);
    }
  }

  #call(index: number, integers: readonly boolean[], values: number[]): unknown {
    const isLocal = (j: number): boolean => values[j]! >= LOCAL && integers[j]!;
    if (!this.#recording) {
      for (let j = 0; j < values.length; j++) if (isLocal(j)) values[j]! += this.local.base - LOCAL;
      return this.#direct[index]!(...values);
    }
    const next = this.#at + 3 + values.length;
    this.#calls++;
    if (next > this.#start + SLOT_NUMBERS) {
      this.#at = next;
      return undefined;
    }
    let locals = 0;
    for (let j = 0; j < values.length; j++) {
      if (isLocal(j)) locals |= 1 << j;
      this.#numbers[this.#at + 3 + j] = isLocal(j) ? values[j]! - LOCAL : Number(values[j]);
    }
    this.#numbers[this.#at] = index;
    this.#numbers[this.#at + 1] = values.length;
    this.#numbers[this.#at + 2] = locals;
    this.#at = next;
    return undefined;
  }
}

/**
 * Guarded regions: the sanitizer that linear memory lacks.
 *
 *   | guard | region: `length` elements, first NaN | guard |
 *
 * The guard is a NaN with a payload of its own: a read past the region's end turns the result into
 * NaN, a write is found by `check`. The region begins at any element of the host array, so every
 * alignment of 4 bytes can be tried.
 */

/** A quiet NaN that no arithmetic makes. */
const GUARD_BITS = 0x7fc5a5a5;

/** What holds the region: an engine's float32 tensor, or anything with such a view. */
export interface GuardHost {
  /** Read anew at every use, since memory growth replaces views. */
  readonly data: ArrayBufferView;
}

export class GuardedRegion {
  readonly #host: GuardHost;
  readonly #start: number;
  readonly length: number;

  /**
   * @param host - holds at least start + length elements of 32 bits, and one more as a guard.
   * @param start - first element of the region; at least one guard must come before it.
   */
  constructor(host: GuardHost, start: number, length: number) {
    const words = wordsOf(host);
    if (start < 1 || start + length >= words.length) {
      throw new RangeError(`no room for guards: ${start} + ${length} of ${words.length}`);
    }
    this.#host = host;
    this.#start = start;
    this.length = length;
    words.fill(GUARD_BITS);
    this.data.fill(NaN);
  }

  /** The region as float32, on the memory as it is now. */
  get data(): Float32Array {
    const { buffer, byteOffset } = this.#words();
    return new Float32Array(buffer, byteOffset, this.length);
  }

  /** Byte address within the host's buffer: a pointer, where that buffer is linear memory. */
  get pointer(): number {
    return this.#words().byteOffset;
  }

  /** Throws if a word outside the region has changed. */
  check(context = "guard"): void {
    wordsOf(this.#host).forEach((bits, i) => {
      const inside = i >= this.#start && i < this.#start + this.length;
      if (inside || bits === GUARD_BITS) return;
      const place = i < this.#start ? i - this.#start : i - this.#start - this.length;
      const side = place < 0 ? `${-place} before the start` : `${place + 1} past the end`;
      throw new Error(`${context}: wrote 0x${bits.toString(16)} ${side} of the region`);
    });
  }

  #words(): Uint32Array {
    return wordsOf(this.#host).subarray(this.#start, this.#start + this.length);
  }
}

/** Elements of a host that give a region `padding` guards on both sides. */
export function guardedSize(length: number, padding = 16): number {
  return length + 2 * padding;
}

function wordsOf(host: GuardHost): Uint32Array {
  const { buffer, byteOffset, byteLength } = host.data;
  return new Uint32Array(buffer, byteOffset, byteLength >> 2);
}

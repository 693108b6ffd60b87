/**
 * The allocator of one linear memory, and the only caller of memory.grow.
 *
 *   Blocks are multiples of 64 bytes, 64-byte aligned. A freed block is kept by its size and handed
 *   out again for the same size at once. When no block fits, neighbours are joined, the best fit is
 *   split, and only then does memory grow.
 *
 *   Growth detaches the old buffer, so views are taken anew whenever it changed.
 */
import { failState } from "../check.js";

const ALIGN = 64;
const PAGE = 65536;
const MAX_BYTES = 65536 * PAGE;

/** Room that every call may use while a kernel runs. */
export const SCRATCH_BYTES = 16384;

/** Who uses which block in calls that outlive their planning; src/parallel keeps such a list. */
export interface BlockUses {
  /** Notes a use, or refuses it with the name of the argument at fault. */
  read(at: number, fn: string, argument: string): void;
  write(at: number, fn: string, argument: string): void;
  /** Whether the block is in use: it is then released when the last use ends. */
  defer(at: number): boolean;
}

export class Arena {
  readonly memory: WebAssembly.Memory;
  uses: BlockUses | undefined;
  #scratch = -1;
  readonly #maximumBytes: number;
  #views: Views;
  #top: number;
  #liveBytes = 0;
  #disposed = false;
  readonly #buffers = new WeakSet<ArrayBufferLike>();
  /** Addresses of free blocks by size, and sizes of all live blocks by address. */
  readonly #free = new Map<number, number[]>();
  readonly #live = new Map<number, number>();

  /**
   * Serves addresses from `base` (the end of the module's static tables) and grows the memory in
   * whole pages up to `maximumBytes`.
   */
  constructor(memory: WebAssembly.Memory, base: number, maximumBytes: number = MAX_BYTES) {
    this.memory = memory;
    this.#maximumBytes = Math.min(Math.floor(maximumBytes / PAGE) * PAGE, MAX_BYTES);
    this.#top = roundUp(base, ALIGN);
    this.#buffers.add(memory.buffer);
    this.#views = viewsOf(memory.buffer);
  }

  /** Bytes of linear memory held, and those of live blocks among them. */
  get heldBytes(): number {
    return this.memory.buffer.byteLength;
  }
  get liveBytes(): number {
    return this.#liveBytes;
  }
  get liveBlocks(): number {
    return this.#live.size;
  }
  get disposed(): boolean {
    return this.#disposed;
  }
  /** Whether `buffer` is this memory; growth of a shared one leaves older buffers in use. */
  holds(buffer: ArrayBufferLike): boolean {
    return buffer === this.memory.buffer || this.#buffers.has(buffer);
  }

  /** Views over the whole memory, valid until the next allocation. */
  get views(): Views {
    // Asking the views costs a fraction of asking the memory: detached ones have no elements.
    if (this.#views.u8.length === 0) this.#renew();
    return this.#views;
  }

  #renew(): void {
    const { buffer } = this.memory;
    this.#buffers.add(buffer);
    this.#views = viewsOf(buffer);
  }

  /**
   * Address of SCRATCH_BYTES that belong to whichever kernel runs, and of as many behind them for
   * losses without a plan (src/ops/residentLoss.ts); no block, never released.
   */
  get scratch(): number {
    if (this.#scratch < 0) this.#scratch = this.#search(2 * SCRATCH_BYTES);
    return this.#scratch;
  }

  /** Address of a block of at least `bytes` (0 gives the smallest block). */
  allocate(bytes: number): number {
    if (this.#disposed) failState("ERR_STATE", "allocate: the engine was disposed; make a new one");
    const size = Math.max(ALIGN, roundUp(bytes, ALIGN));
    const at = this.#free.get(size)?.pop() ?? this.#search(size);
    this.#live.set(at, size);
    this.#liveBytes += size;
    return at;
  }

  /** Returns a block; an address that is not live is refused. */
  release(at: number): void {
    const size = this.#live.get(at);
    if (size === undefined) failState("ERR_STATE", `release: ${at} is not a live block`);
    if (this.uses?.defer(at)) return;
    this.#live.delete(at);
    this.#liveBytes -= size;
    this.#keep(at, size);
  }

  /** Forgets every block; handles over this arena are dead from now on. */
  dispose(): void {
    this.#disposed = true;
    this.#free.clear();
    this.#live.clear();
    this.#liveBytes = 0;
  }

  #keep(at: number, size: number): void {
    const blocks = this.#free.get(size);
    if (blocks) blocks.push(at);
    else this.#free.set(size, [at]);
  }

  #search(size: number): number {
    if (this.#top + size <= this.heldBytes) return this.#bump(size);
    this.#join();
    let best = Infinity;
    for (const [free, blocks] of this.#free) {
      if (free >= size && free < best && blocks.length > 0) best = free;
    }
    if (best < Infinity) {
      const at = this.#free.get(best)!.pop()!;
      if (best > size) this.#keep(at + size, best - size);
      return at;
    }
    if (this.#top + size > this.heldBytes) this.#grow(this.#top + size, size);
    return this.#bump(size);
  }

  #bump(size: number): number {
    const at = this.#top;
    this.#top += size;
    return at;
  }

  /** Joins neighbouring free blocks; a free block at the top goes back to untouched memory. */
  #join(): void {
    const blocks: [at: number, size: number][] = [];
    for (const [size, list] of this.#free) for (const at of list) blocks.push([at, size]);
    blocks.sort((a, b) => a[0] - b[0]);
    this.#free.clear();
    let joined: [number, number] | undefined;
    for (const [at, size] of blocks) {
      if (joined && joined[0] + joined[1] === at) {
        joined[1] += size;
        continue;
      }
      if (joined) this.#keep(joined[0], joined[1]);
      joined = [at, size];
    }
    if (joined && joined[0] + joined[1] === this.#top) this.#top = joined[0];
    else if (joined) this.#keep(joined[0], joined[1]);
  }

  #grow(end: number, asked: number): void {
    const held = this.heldBytes;
    // Small steps would detach views again and again: 1 MiB at least, where host and limit allow it.
    const step = Math.min(held + 16 * PAGE, this.#maximumBytes);
    try {
      if (end > this.#maximumBytes) throw new RangeError(`the limit is ${this.#maximumBytes}`);
      if (!(end < step && this.#growTo(step))) this.memory.grow(Math.ceil((end - held) / PAGE));
      this.#renew(); // a shared memory detaches nothing
    } catch (cause) {
      failState(
        "ERR_OUT_OF_MEMORY",
        `linear memory cannot grow: ${asked} bytes asked, ${held} bytes held, ${this.#liveBytes} in use; dispose tensors or work in smaller batches`,
        cause,
      );
    }
  }

  /** Whether the host let the memory grow. */
  #growTo(end: number): boolean {
    try {
      this.memory.grow((end - this.heldBytes) / PAGE);
      return true;
    } catch {
      return false;
    }
  }
}

export interface Views {
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly i32: Int32Array;
  readonly u16: Uint16Array;
  readonly u8: Uint8Array;
}

function viewsOf(buffer: ArrayBufferLike): Views {
  return {
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
    i32: new Int32Array(buffer),
    u16: new Uint16Array(buffer),
    u8: new Uint8Array(buffer),
  };
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

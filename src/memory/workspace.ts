/**
 * What one call of an operation holds: the engine's memory and kernels, the blocks it borrows until
 * it ends, and the tensors it makes for its results, which are given back if the call fails.
 */
import type { DType, Shape } from "../types.js";
import type { Kernels } from "../wasm/exports.js";
import { type Arena, SCRATCH_BYTES } from "./arena.js";
import { SHORT_CLASSES } from "./layout.js";
import { Tensor } from "./tensor.js";

/** How rows are cut; tests make these small. Any values give the same bits, rowElements from 64 on. */
export interface TileLimits {
  /** Elements of a staged operand in a tile. */
  readonly tileElements: number;
  /** A staged row with more elements is fed in segments of `tileElements`. */
  readonly rowElements: number;
}

/** 128 KiB an operand stay in the second-level cache; rows of up to 2 MiB are staged whole. */
export const TILE_LIMITS: TileLimits = { tileElements: 32768, rowElements: 524288 };

/** Bytes of an entry of the row table, and the logits it covers (assembly/kernels/rowTable.ts). */
const ENTRY_BYTES = 32;
const BLOCK_CLASSES = 1024;

/** Bytes of the table of a row, without the room that short rows need. */
export function tableBytes(classes: number): number {
  return Math.ceil(classes / BLOCK_CLASSES) * ENTRY_BYTES;
}

export class Workspace {
  readonly arena: Arena;
  readonly kernels: Kernels;
  readonly limits: TileLimits;
  readonly #onDispose: (tensor: Tensor) => void;
  readonly #blocks: number[] = [];
  readonly #tensors: Tensor[] = [];

  constructor(
    arena: Arena,
    kernels: Kernels,
    limits: TileLimits,
    onDispose: (tensor: Tensor) => void,
  ) {
    this.arena = arena;
    this.kernels = kernels;
    this.limits = limits;
    this.#onDispose = onDispose;
  }

  /** Tensors made for results so far. */
  get tensors(): readonly Tensor[] {
    return this.#tensors;
  }

  /** Most classes of a row that is staged whole. */
  get wholeClasses(): number {
    return Math.max(this.limits.rowElements, SHORT_CLASSES);
  }

  /** Borrows `bytes` of linear memory until the call ends. */
  block(bytes: number): number {
    const at = this.arena.allocate(bytes);
    this.#blocks.push(at);
    return at;
  }

  /** Borrows room for values and puts them there; 0 where there are none. */
  floats(values: Float32Array | undefined): number {
    if (values === undefined) return 0;
    const at = this.block(values.length * 4);
    this.arena.views.f32.set(values, at / 4);
    return at;
  }

  /** Blocks borrowed so far, and giving back those borrowed since: a step ends before the call. */
  get held(): number {
    return this.#blocks.length;
  }
  release(held: number): void {
    for (const at of this.#blocks.splice(held)) this.arena.release(at);
  }

  /**
   * Borrows `bytes` for what a kernel puts down within a row or a tile. Where workers share the job,
   * each has its own behind the same address, so `run` only passes the address on. Asked for again,
   * it may be the same.
   */
  scratch(bytes: number): number {
    return bytes <= SCRATCH_BYTES ? this.arena.scratch : this.block(bytes);
  }

  /** Scratch for the table of a row of `classes` logits, or for short rows (16 KiB, shortRows.ts). */
  rowTable(classes: number): number {
    return this.scratch(Math.max(tableBytes(classes), SCRATCH_BYTES));
  }

  /** A row table, or the scratch of short rows, with `bytes` behind it, for a kernel that needs both at once. */
  rowTableAnd(classes: number, bytes: number): { readonly table: number; readonly rest: number } {
    const short = classes <= SHORT_CLASSES ? SCRATCH_BYTES : 0;
    const size = Math.max(tableBytes(classes), short);
    const table = this.scratch(size + bytes);
    return { table, rest: table + size };
  }

  /** Makes a tensor for a result; its contents are undefined until written. */
  tensor<D extends DType>(shape: Shape, dtype: D): Tensor<D> {
    const tensor = new Tensor(this.arena, shape, dtype, this.#onDispose);
    this.#tensors.push(tensor);
    return tensor;
  }

  /** Ends the call: gives blocks back, and after a failure the results too. Ready for the next. */
  end(failed: boolean): void {
    const blocks = this.#blocks;
    for (let i = 0; i < blocks.length; i++) this.arena.release(blocks[i]!);
    blocks.length = 0;
    if (failed) for (const tensor of this.#tensors) tensor.dispose();
    this.#tensors.length = 0;
  }
}

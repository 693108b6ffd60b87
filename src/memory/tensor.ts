/**
 * Arrays in linear memory. A Tensor is a handle: it owns a block of its engine's arena until it is
 * disposed, and every use of a disposed or foreign handle is a typed error.
 */
import { checkShape, checkWord, fail, failState, shapeText, sizeOf } from "../check.js";
import type { DType, Shape, TensorLike } from "../types.js";
import type { Arena } from "./arena.js";

/** The typed array that shows each dtype; halves are shown as their bits. */
export interface ViewOf {
  readonly float32: Float32Array;
  readonly float16: Uint16Array;
  readonly bfloat16: Uint16Array;
  readonly int32: Int32Array;
  readonly uint8: Uint8Array;
}

const VIEWS = {
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int32: Int32Array,
  uint8: Uint8Array,
} as const;

const DTYPES = Object.keys(VIEWS) as DType[];

export class Tensor<D extends DType = DType> implements TensorLike {
  readonly shape: Shape;
  readonly dtype: D;
  /** Number of elements. */
  readonly length: number;
  readonly #arena: Arena;
  readonly #at: number;
  #live = true;
  #view: ViewOf[D] | undefined;
  #onDispose: ((tensor: Tensor) => void) | undefined;

  /** Use `engine.tensor`; `onDispose` lets scopes forget the handle. */
  constructor(arena: Arena, shape: Shape, dtype: D, onDispose?: (tensor: Tensor) => void) {
    this.shape = Object.freeze([...shape]);
    this.dtype = dtype;
    this.length = sizeOf(shape);
    this.#arena = arena;
    this.#at = arena.allocate(this.length * VIEWS[dtype].BYTES_PER_ELEMENT);
    this.#onDispose = onDispose;
    Object.freeze(this); // shape and length vouch for the block; what is private still changes
  }

  get disposed(): boolean {
    return !this.#live || this.#arena.disposed;
  }

  /**
   * The elements, as a view into linear memory. Growth of the memory detaches earlier views, so
   * read `data` again after any call that may allocate. "float16" and "bfloat16" show their bits.
   */
  get data(): ViewOf[D] {
    if (this.disposed) {
      failState("ERR_STATE", "Tensor.data: the tensor was disposed; make a new one");
    }
    const buffer = this.#arena.views.u8.buffer;
    if (this.#view === undefined || this.#view.buffer !== buffer) {
      const View = VIEWS[this.dtype];
      this.#view = new View(buffer as ArrayBuffer, this.#at, this.length) as ViewOf[D];
    }
    return this.#view;
  }

  /** Gives the memory back. Disposing twice does nothing. */
  dispose(): void {
    if (!this.#live) return;
    this.#live = false;
    this.#view = undefined;
    if (!this.#arena.disposed) this.#arena.release(this.#at);
    this.#onDispose?.(this);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Whether `value` is a Tensor of any engine. */
  static is(value: unknown): value is Tensor {
    // Engines look for a private name in a typed array slowly, and targets often are one.
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return false;
    return #at in value;
  }

  /** Whether the engine that owns `arena` made it. */
  static isOf(tensor: Tensor, arena: Arena): boolean {
    return tensor.#arena === arena;
  }

  /** Address of the first element, for calls of `fn` on the engine that owns `arena`. */
  static address(tensor: Tensor, arena: Arena, fn: string, argument: string): number {
    if (tensor.disposed) {
      fail("ERR_STATE", {
        fn,
        argument,
        expected: "must be a live tensor",
        gotText: "one that was disposed",
      });
    }
    if (!Tensor.isOf(tensor, arena)) {
      fail("ERR_STATE", {
        fn,
        argument,
        expected: "must be a tensor of this engine",
        gotText: "one of another engine",
        remedy: "copy its data",
      });
    }
    arena.uses?.read(tensor.#at, fn, argument);
    return tensor.#at;
  }
}

/** Makes a tensor of zeros after checking shape and dtype. */
export function makeTensor<D extends DType>(
  arena: Arena,
  shape: unknown,
  dtype: D,
  onDispose: (tensor: Tensor) => void,
): Tensor<D> {
  const checked = checkShape("tensor", "shape", shape);
  checkWord("tensor", "dtype", dtype, DTYPES);
  const bytes = sizeOf(checked) * VIEWS[dtype].BYTES_PER_ELEMENT;
  if (bytes > 2 ** 32) {
    failState(
      "ERR_OUT_OF_MEMORY",
      `tensor: linear memory holds at most 4 GiB, ${bytes} bytes asked for shape ${shapeText(checked)}; stream the data in blocks`,
    );
  }
  const tensor = new Tensor(arena, checked, dtype, onDispose);
  tensor.data.fill(0);
  return tensor;
}

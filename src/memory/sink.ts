/**
 * Operands that are written: array results in JavaScript memory or in a Tensor.
 */
import { typedArrayTag } from "../check.js";
import type { Kernels } from "../wasm/exports.js";
import type { Arena } from "./arena.js";
import type { Operand } from "./job.js";
import { GROUP, type Layout, eachPart } from "./layout.js";
import type { Workspace } from "./workspace.js";

export type ResultArray = Float32Array | Int32Array | Uint8Array;

/** Where a result goes: to `data` in JavaScript memory, or to `address` where data is undefined. */
export interface Target {
  readonly data: ResultArray | undefined;
  readonly address: number;
}

/** A result with 4-byte elements and a class axis, in the layout of the logits. */
export class Sink implements Operand {
  readonly rowBytes: number;
  readonly classes: number;
  readonly resident: number;
  readonly group: number;
  readonly whole: boolean;
  readonly #layout: Layout;
  readonly #arena: Arena;
  readonly #kernels: Kernels;
  readonly #data: ResultArray | undefined;
  readonly #address: number;
  readonly #integer: boolean;

  /**
   * `whole` where a row of the result is short however long the row of logits; `columns` where kernels
   * leave rows four at a time.
   */
  constructor(
    { arena, kernels }: Pick<Workspace, "arena" | "kernels">,
    layout: Layout,
    { data, address }: Target,
    whole = false,
    columns = false,
  ) {
    this.whole = whole;
    this.#arena = arena;
    this.#kernels = kernels;
    this.#layout = layout;
    this.#data = data;
    this.#address = address;
    this.#integer = typedArrayTag(data) === "Int32Array";
    this.classes = layout.classes;
    this.rowBytes = layout.classes * 4;
    this.group = columns ? GROUP : 1;
    this.resident = data === undefined && layout.inner === 1 ? address : 0;
  }

  store(row: number, rows: number, from: number, count: number, at: number, scratch: number): void {
    const { classes, inner } = this.#layout;
    if (this.group > 1) {
      this.#storeColumns(row, rows, at, scratch);
      return;
    }
    if (inner === 1) {
      if (count === classes) this.#copy(row * classes, rows * classes, at);
      else
        for (let r = 0; r < rows; r++)
          this.#copy((row + r) * classes + from, count, at + r * count * 4);
      return;
    }
    let done = 0;
    while (done < rows) {
      const outer = Math.floor((row + done) / inner);
      const first = (row + done) % inner;
      const width = Math.min(inner - first, rows - done);
      const start = (outer * classes + from) * inner + first;
      this.#scatter(start, width, count, at + done * count * 4, scratch);
      done += width;
    }
  }

  #storeColumns(row: number, rows: number, at: number, scratch: number): void {
    const { classes, inner } = this.#layout;
    if (this.#data === undefined) {
      this.#kernels.turnColumns(this.#address, at, row, rows, classes, inner, 0, true);
      return;
    }
    eachPart(this.#layout, row, rows, (start, count, done) => {
      const width = Math.min(count, inner);
      this.#kernels.turnColumns(scratch, at, 0, count, classes, width, done, true);
      if (width === inner) this.#copy(start, count * classes, scratch);
      else
        for (let c = 0; c < classes; c++)
          this.#copy(start + c * inner, width, scratch + c * width * 4);
    });
  }

  #scatter(start: number, width: number, count: number, at: number, scratch: number): void {
    const { inner } = this.#layout;
    if (this.#data === undefined) {
      this.#kernels.turn(at, this.#address + start * 4, count, width, count * 4, inner * 4, true);
      return;
    }
    this.#kernels.turn(at, scratch, count, width, count * 4, width * 4, true);
    for (let c = 0; c < count; c++) this.#copy(start + c * inner, width, scratch + c * width * 4);
  }

  /** Elements [index, index + length) of the result from `at`. */
  #copy(index: number, length: number, at: number): void {
    const { f32, i32, u8 } = this.#arena.views;
    const data = this.#data;
    if (data === undefined) {
      u8.copyWithin(this.#address + index * 4, at, at + length * 4);
    } else {
      const view = this.#integer ? i32 : f32;
      data.set(view.subarray(at / 4, at / 4 + length), index);
    }
  }
}

/** A result with one value of `bytes` bytes per row, in row order. */
export class RowSink implements Operand {
  readonly rowBytes: number;
  readonly resident: number;
  readonly #arena: Arena;
  readonly #data: ResultArray | undefined;
  readonly #tag: string | undefined;

  constructor({ arena }: Pick<Workspace, "arena">, bytes: number, { data, address }: Target) {
    this.#arena = arena;
    this.rowBytes = bytes;
    this.#data = data;
    this.#tag = typedArrayTag(data);
    this.resident = data === undefined ? address : 0;
  }

  store(row: number, rows: number, _from: number, _count: number, at: number): void {
    const { f32, i32, u8 } = this.#arena.views;
    const data = this.#data!;
    const view = this.#tag === "Int32Array" ? i32 : this.#tag === "Float32Array" ? f32 : u8;
    const start = at / this.rowBytes;
    data.set(view.subarray(start, start + rows), row);
  }
}

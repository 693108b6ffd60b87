/**
 * Operands that are read: rows of an array argument, dense and as float32.
 *
 *   Resident float32 along the last axis is used where it lies. All else is copied, converted and
 *   turned tile by tile: halves widen in place (their bits are put in the upper half of the room),
 *   rows along another axis are gathered from a class-major copy: dense, or with `columns` four
 *   at a time as kernels of short rows take them.
 */
import type { Kernels } from "../wasm/exports.js";
import type { Arena } from "./arena.js";
import { type ArrayInput, elementsOf } from "./array.js";
import type { Operand } from "./job.js";
import { GROUP, type Layout, eachPart, rowsTogether } from "./layout.js";
import type { Workspace } from "./workspace.js";

/** Soft cap and temperature that logits pass through on their way in; cap 0 means none. */
export interface Adjustment {
  readonly temperature: number;
  readonly softcap: number;
}

export class Source implements Operand {
  readonly rowBytes: number;
  readonly classes: number;
  readonly resident: number;
  readonly deferrable: boolean;
  readonly group: number;
  readonly together: number;
  readonly #array: ArrayInput;
  readonly #layout: Layout;
  readonly #arena: Arena;
  readonly #kernels: Kernels;
  readonly #adjustment: Adjustment | undefined;

  constructor(
    { arena, kernels }: Pick<Workspace, "arena" | "kernels">,
    array: ArrayInput,
    layout: Layout,
    adjustment?: Adjustment,
    columns = false,
  ) {
    this.#arena = arena;
    this.#kernels = kernels;
    this.#array = array;
    this.#layout = layout;
    this.#adjustment = adjustment;
    this.classes = layout.classes;
    this.rowBytes = layout.classes * 4;
    this.group = columns ? GROUP : 1;
    this.together = rowsTogether(layout);
    const inPlace = array.isFloat32 && layout.inner === 1 && !adjustment;
    this.resident = inPlace ? array.address : 0;
    this.deferrable = layout.inner === 1 || (array.isFloat32 && array.address !== 0);
  }

  load(row: number, rows: number, from: number, count: number, at: number, scratch: number): void {
    const { classes, inner } = this.#layout;
    if (this.group > 1) {
      this.#loadColumns(row, rows, at, scratch);
    } else if (inner === 1) {
      if (count === classes) this.#copy(row * classes, rows * classes, at);
      else
        for (let r = 0; r < rows; r++)
          this.#copy((row + r) * classes + from, count, at + r * count * 4);
    } else {
      let done = 0;
      while (done < rows) {
        const outer = Math.floor((row + done) / inner);
        const first = (row + done) % inner;
        const width = Math.min(inner - first, rows - done);
        const start = (outer * classes + from) * inner + first;
        this.#gather(start, width, count, at + done * count * 4, scratch);
        done += width;
      }
    }
    if (this.#adjustment) {
      const { temperature, softcap } = this.#adjustment;
      const moved = Math.ceil(rows / this.group) * this.group;
      this.#kernels.adjustLogits(at, at, moved, count, temperature, softcap);
    }
  }

  #loadColumns(row: number, rows: number, at: number, scratch: number): void {
    const { classes, inner } = this.#layout;
    const { isFloat32, address } = this.#array;
    if (address && isFloat32) {
      this.#kernels.turnColumns(address, at, row, rows, classes, inner, 0, false);
      return;
    }
    eachPart(this.#layout, row, rows, (start, count, done) => {
      const width = Math.min(count, inner);
      if (width === inner) this.#copy(start, count * classes, scratch);
      else
        for (let c = 0; c < classes; c++)
          this.#copy(start + c * inner, width, scratch + c * width * 4);
      this.#kernels.turnColumns(scratch, at, 0, count, classes, width, done, false);
    });
  }

  /** Rows [.., width) of `count` classes, the first element at index `start`, dense at `at`. */
  #gather(start: number, width: number, count: number, at: number, scratch: number): void {
    const { inner } = this.#layout;
    const { isFloat32, address } = this.#array;
    if (address && isFloat32) {
      this.#kernels.turn(address + start * 4, at, width, count, inner * 4, count * 4, false);
      return;
    }
    for (let c = 0; c < count; c++) this.#copy(start + c * inner, width, scratch + c * width * 4);
    this.#kernels.turn(scratch, at, width, count, width * 4, count * 4, false);
  }

  /** Elements [index, index + length) as float32 at `at`. */
  #copy(index: number, length: number, at: number): void {
    const { encoding, address } = this.#array;
    const { memory, views } = this.#arena;
    if (encoding === "number") {
      views.f32.set(elementsOf(this.#array, memory, index, length), at / 4);
      return;
    }
    let bits = address + index * 2;
    if (!address) {
      bits = at + length * 2;
      views.u16.set(elementsOf(this.#array, memory, index, length), bits / 2);
    }
    if (encoding === "float16") this.#kernels.float16ToFloat32(bits, at, length);
    else this.#kernels.bfloat16ToFloat32(bits, at, length);
  }
}

/**
 * Rows over several axes that are no neighbours: row r runs over the kept axes, class c over the
 * summed ones, and element (r, c) stands at offset(r) + offset(c). Copied one by one.
 */
import type { Kernels } from "../wasm/exports.js";
import type { Arena } from "./arena.js";
import { type ArrayInput, elementsOf } from "./array.js";
import type { Operand } from "./job.js";
import type { Workspace } from "./workspace.js";

interface Axis {
  readonly size: number;
  readonly stride: number;
}

export class PermutedSource implements Operand {
  readonly rowBytes: number;
  readonly classes: number;
  readonly resident = 0;
  readonly rows: number;
  readonly #array: ArrayInput;
  readonly #arena: Arena;
  readonly #kernels: Kernels;
  readonly #kept: readonly Axis[];
  readonly #summed: readonly Axis[];

  /** `summed` lists the axes of a row, ascending. */
  constructor({ arena, kernels }: Workspace, array: ArrayInput, summed: readonly number[]) {
    this.#array = array;
    this.#arena = arena;
    this.#kernels = kernels;
    const axes: Axis[] = [];
    let stride = 1;
    for (const size of [...array.shape].reverse()) {
      axes.unshift({ size, stride });
      stride *= size;
    }
    this.#kept = axes.filter((_, i) => !summed.includes(i));
    this.#summed = axes.filter((_, i) => summed.includes(i));
    this.rows = countOf(this.#kept);
    this.classes = countOf(this.#summed);
    this.rowBytes = this.classes * 4;
  }

  load(row: number, rows: number, from: number, count: number, at: number): void {
    const { encoding } = this.#array;
    const half = encoding !== "number";
    const length = rows * count;
    const { f32, u16 } = this.#arena.views;
    // Halves are gathered as bits in the upper half of their room and widened from there.
    const target = half ? u16 : f32;
    let next = half ? (at + length * 2) / 2 : at / 4;
    const live = elementsOf(this.#array, this.#arena.memory);
    for (let r = row; r < row + rows; r++) {
      const base = offsetOf(this.#kept, r);
      for (let c = from; c < from + count; c++) {
        target[next++] = live[base + offsetOf(this.#summed, c)]!;
      }
    }
    if (encoding === "float16") this.#kernels.float16ToFloat32(at + length * 2, at, length);
    if (encoding === "bfloat16") this.#kernels.bfloat16ToFloat32(at + length * 2, at, length);
  }
}

function countOf(axes: readonly Axis[]): number {
  return axes.reduce((count, { size }) => count * size, 1);
}

/** Offset of the index-th element over `axes`, the last axis fastest. */
function offsetOf(axes: readonly Axis[], index: number): number {
  let offset = 0;
  for (let i = axes.length - 1; i >= 0; i--) {
    const { size, stride } = axes[i]!;
    offset += (index % size) * stride;
    index = Math.floor(index / size);
  }
  return offset;
}

/**
 * What each row's target names, as float32 and 0 where the row is ignored: its element, its weight.
 */
import type { Arena } from "../memory/arena.js";
import type { ArrayInput } from "../memory/array.js";
import { elementReader } from "../memory/half.js";
import type { Operand } from "../memory/job.js";
import type { Layout } from "../memory/layout.js";
import type { ClassIndices } from "./targets.js";

export class PickedRows implements Operand {
  readonly rowBytes = 4;
  readonly resident = 0;
  readonly #arena: Arena;
  readonly #array: ArrayInput;
  readonly #layout: Layout;
  readonly #indices: ClassIndices;

  constructor(arena: Arena, array: ArrayInput, layout: Layout, indices: ClassIndices) {
    this.#arena = arena;
    this.#array = array;
    this.#layout = layout;
    this.#indices = indices;
  }

  load(row: number, rows: number, _from: number, _count: number, at: number): void {
    const { classes, inner } = this.#layout;
    const { classOf } = this.#indices;
    const read = elementReader(this.#array, this.#arena.memory);
    const { f32 } = this.#arena.views;
    for (let r = row; r < row + rows; r++) {
      const y = classOf[r]!;
      const outer = Math.floor(r / inner);
      const index = (outer * classes + y) * inner + (r % inner);
      f32[at / 4 + r - row] = y < 0 ? 0 : read(index);
    }
  }
}

export class PickedWeights implements Operand {
  readonly rowBytes = 4;
  readonly resident = 0;
  readonly #arena: Arena;
  readonly #weight: Float32Array;
  readonly #indices: ClassIndices;

  constructor(arena: Arena, weight: Float32Array, indices: ClassIndices) {
    this.#arena = arena;
    this.#weight = weight;
    this.#indices = indices;
  }

  load(row: number, rows: number, _from: number, _count: number, at: number): void {
    const { classOf } = this.#indices;
    const { f32 } = this.#arena.views;
    for (let r = 0; r < rows; r++) f32[at / 4 + r] = this.#weight[classOf[row + r]!] ?? 0;
  }
}

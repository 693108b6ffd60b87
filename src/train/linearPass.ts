/**
 * Loss and gradients of a linear classifier over rows in linear memory, chunk of rows by chunk:
 * kernels called directly, as a mini-batch of a few rows costs less than the planning of an operation.
 */
import type { Engine } from "../engine.js";
import { Tensor } from "../memory/tensor.js";
import type { Workspace } from "../memory/workspace.js";
import { tableBytes } from "../memory/workspace.js";
import { chunkRows } from "../ops/linearSteps.js";
import { STATE_BYTES } from "../ops/lossSums.js";
import { matmulBytes } from "../ops/matmul.js";

export type Kind = "softmax" | "binary" | "multiLabel";

/** Rows in linear memory: features (rows, D); classes as int32, or labels (rows, outputs). */
export interface Rows {
  readonly x: Tensor<"float32">;
  readonly y: Tensor;
  /** Weight of each label, for kinds other than softmax. */
  readonly weights?: Tensor<"float32"> | undefined;
}

/** Elements the binary loss sums at a time; bytes of the table of short rows. */
const BLOCK = 1024;
const TABLE_BYTES = 16384;

export class LinearPass {
  readonly weight: Tensor<"float32">;
  readonly bias: Tensor<"float32">;
  readonly gradWeight: Tensor<"float32">;
  readonly gradBias: Tensor<"float32">;
  readonly #kind: Kind;
  readonly #chunk: number;
  readonly #features: number;
  readonly #outputs: number;
  readonly #tensors: Tensor[] = [];
  readonly #z: Tensor;
  readonly #ones: Tensor<"float32">;
  readonly #losses: Tensor;
  readonly #state: Tensor;
  readonly #table: Tensor;
  readonly #scratch: Tensor;
  readonly #classWeight: Tensor<"float32"> | undefined;

  /** `rows`: the most that a call may bring. */
  constructor(
    engine: Engine,
    kind: Kind,
    sizes: { readonly rows: number; readonly features: number; readonly outputs: number },
    classWeight?: Float32Array,
  ) {
    const { rows, features, outputs } = sizes;
    const chunk = chunkRows({ rows, features, classes: outputs });
    this.#kind = kind;
    this.#chunk = chunk;
    this.#features = features;
    this.#outputs = outputs;
    const side = Math.max(features, outputs);
    const make = (...shape: number[]): Tensor<"float32"> => {
      const tensor = engine.tensor(shape);
      this.#tensors.push(tensor);
      return tensor;
    };
    try {
      this.weight = make(outputs, features);
      this.bias = make(outputs);
      this.gradWeight = make(outputs, features);
      this.gradBias = make(outputs);
      this.#z = make(chunk, outputs);
      this.#ones = make(chunk);
      this.#ones.data.fill(1);
      this.#losses = make(Math.max(chunk, Math.ceil((chunk * outputs) / BLOCK)), 2);
      this.#state = make(STATE_BYTES / 4);
      this.#table = make(Math.max(tableBytes(outputs), TABLE_BYTES) / 4);
      const bytes = matmulBytes(side, Math.max(side, chunk));
      this.#scratch = make(bytes / 4);
      this.#classWeight = classWeight && make(outputs);
      if (classWeight) this.#classWeight!.data.set(classWeight);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** The pass with addresses looked up, for calls within one call of the engine. */
  open(work: Workspace, fn: string): OpenPass {
    const { kernels, arena } = work;
    const at = (tensor: Tensor | undefined): number =>
      tensor === undefined ? 0 : Tensor.address(tensor, arena, fn, "fit");
    const D = this.#features;
    const C = this.#outputs;
    const [w, b, gw, gb] = [this.weight, this.bias, this.gradWeight, this.gradBias].map(at) as [number, number, number, number]; // prettier-ignore
    const [z, ones, losses, state] = [this.#z, this.#ones, this.#losses, this.#state].map(at) as [number, number, number, number]; // prettier-ignore
    const table = at(this.#table);
    const scratch = at(this.#scratch);
    const classWeight = at(this.#classWeight);
    const isSoftmax = this.#kind === "softmax";
    const clear = (from: number, bytes: number): void => {
      arena.views.u8.fill(0, from, from + bytes);
    };
    const loss = (
      y: number,
      weights: number,
      rows: number,
      scale: number,
      grad: number,
    ): number => {
      if (isSoftmax) {
        // prettier-ignore
        kernels.crossEntropyRows(z, grad, rows, C, y, classWeight, 0, 0, scale, 0, table, losses);
        return rows;
      }
      // prettier-ignore
      kernels.binaryCrossEntropyWithLogitsBlocks(
        z, y, weights, 0, rows * C, 1, 0, scale, 0, 0, grad, losses,
      );
      return Math.ceil((rows * C) / BLOCK);
    };
    return (rows, from, count, scale) => {
      const y0 = at(rows.y);
      const weights = at(rows.weights);
      const yBytes = isSoftmax ? 4 : C * 4;
      const grad = scale === 0 ? 0 : z;
      let start = 0;
      clear(state, STATE_BYTES);
      for (let row = from; row < from + count; row += this.#chunk) {
        const m = Math.min(this.#chunk, from + count - row);
        const x = at(rows.x) + row * D * 4;
        kernels.matmul(x, D, false, w, D, true, b, z, C, m, C, D, scratch);
        const groups = loss(y0 + row * yBytes, weights && weights + row * C * 4, m, scale, grad);
        kernels.sumLosses(losses, groups, state);
        if (!grad) continue;
        kernels.matmul(z, C, true, x, D, false, start, gw, D, C, D, m, scratch);
        kernels.matmul(ones, m, false, z, C, false, start && gb, gb, C, 1, C, m, scratch);
        start = gw;
      }
      return kernels.totalOf(state);
    };
  }

  dispose(): void {
    for (const tensor of this.#tensors) tensor.dispose();
  }
}

/**
 * Σ of the losses of rows [from, from + count), float64, weighted; and `scale` times their gradients
 * in gradWeight and gradBias, or no gradients where scale is 0.
 */
export type OpenPass = (rows: Rows, from: number, count: number, scale: number) => number;

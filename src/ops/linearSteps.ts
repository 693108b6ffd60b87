/**
 * A loss or score of the logits of a linear layer, chunk of rows by chunk: the logits of a chunk are
 * made, its job runs over them, in place, and what became their gradient is multiplied on. All logits
 * never exist together.
 *
 *   z = x · Wᵀ + b,   ∂x = g · W,   ∂W += gᵀ · x,   ∂b += Σ g          g = ∂loss/∂z, over z
 *
 * Chunks depend on the layer's shape alone, and every sum goes on where the last chunk left it: no
 * bit depends on threads or tiles.
 */
import type { Layer } from "../inputs/layer.js";
import { residentOf } from "../inputs/layer.js";
import type { Place } from "../inputs/result.js";
import type { ArrayInput } from "../memory/array.js";
import type { Job, Operand, Step } from "../memory/job.js";
import { layoutOf } from "../memory/layout.js";
import { Sink } from "../memory/sink.js";
import { Source } from "../memory/source.js";
import { rowsOf } from "../memory/steps.js";
import type { Workspace } from "../memory/workspace.js";
import type { Places } from "./linearGradients.js";
import { type Matrix, matmulBytes, productStep } from "./matmul.js";

/** Bytes of the logits of a chunk and of its input, and rows of it, at most. */
const LOGITS_BYTES = 2 ** 23;
const INPUT_BYTES = 2 ** 20;
const MOST_ROWS = 4096;

/** Rows of a chunk. */
export function chunkRows({
  rows,
  features,
  classes,
}: Pick<Layer, "rows" | "features" | "classes">): number {
  const fitting = Math.min(LOGITS_BYTES / (classes * 4), INPUT_BYTES / (features * 4), MOST_ROWS);
  return Math.min(rows, Math.max(4, Math.floor(fitting / 4) * 4));
}

export class LinearSteps {
  /** The logits of the chunk under way, in the shape of all of them. */
  readonly logits: ArrayInput;
  /** The same place for their gradient. */
  readonly gradLogits: Place;
  /** Operands that hold the rows of a chunk alone. */
  readonly local = new Set<Operand>();
  readonly #work: Workspace;
  readonly #layer: Layer;
  readonly #chunk: number;

  /** `elements`: whether rows of the job are single logits. */
  constructor(work: Workspace, layer: Layer) {
    this.#work = work;
    this.#layer = layer;
    this.#chunk = chunkRows(layer);
    const { classes, shape } = layer;
    const length = this.#chunk * classes;
    const address = work.block(length * 4);
    const data = new Float32Array(0);
    this.logits = { data, encoding: "number", shape, length, address, isFloat32: true };
    this.gradLogits = { data: undefined, address, result: { data, shape, dtype: "float32" } };
  }

  /**
   * The job of all rows.
   *
   * @param loss - over the logits, its rows those of the layer or `perRow` for each.
   */
  job(loss: Job<object>, places: Places, perRow = 1): Job<object> {
    const work = this.#work;
    const layer = this.#layer;
    const { rows, features, classes } = layer;
    const chunk = this.#chunk;
    const place = { input: this.#input(), weight: residentOf(work, layer.weight) };
    const bias = layer.bias && residentOf(work, layer.bias);
    const sums = new Sums(work, layer, places);
    const toInput = places.input && this.#inputGradient(places.input);
    const scratch = work.scratch(
      Math.max(
        matmulBytes(chunk, classes, features),
        matmulBytes(chunk, features, classes),
        matmulBytes(Math.max(features, classes), Math.max(features, classes), chunk),
      ),
    );
    const { local, logits } = this;
    const weight = (turned: boolean): Matrix => ({
      at: place.weight,
      stride: layer.byFeature ? classes : features,
      turned: turned !== layer.byFeature,
    });
    const dense = (at: number, stride: number, turned = false): Matrix => ({ at, stride, turned });
    const z = logits.address;
    function* steps(): Generator<Step> {
      sums.clear();
      for (let from = 0; from < rows; from += chunk) {
        const count = Math.min(chunk, rows - from);
        const x = place.input(from, count);
        const common = { rows: count, scratch };
        yield productStep(
          {
            ...common,
            a: dense(x, features),
            b: weight(true),
            start: bias ?? 0,
            out: z,
            columns: classes,
            depth: features,
          },
          from,
        );
        yield rowsOf(loss, from * perRow, count * perRow, local, from);
        yield* sums.steps(dense(z, classes, true), dense(x, features), count, scratch, from);
        if (toInput === undefined) continue;
        yield productStep(
          {
            ...common,
            a: dense(z, classes),
            b: weight(false),
            start: 0,
            out: toInput.at(from),
            columns: features,
            depth: classes,
          },
          from,
        );
        toInput.store(from, count);
      }
    }
    return {
      rows,
      classes: Math.ceil((classes * features) / 16),
      operands: [],
      run() {},
      steps,
      finish(kernels) {
        const result = loss.finish(kernels);
        sums.finish();
        const grad: { [name: string]: Place["result"] } = {};
        for (const name of ["input", "weight", "bias"] as const) {
          if (places[name]) grad[name] = places[name].result;
        }
        return Object.keys(grad).length === 0 ? result : { ...result, grad };
      },
    };
  }

  /** Address of the input's rows [from, from + count), brought there where they lie elsewhere. */
  #input(): (from: number, count: number) => number {
    const { arena, kernels } = this.#work;
    const { input, features } = this.#layer;
    const source = new Source(arena, kernels, input, layoutOf("", input.shape));
    if (source.resident) return (from) => source.resident + from * features * 4;
    const at = this.#work.block(this.#chunk * features * 4);
    return (from, count) => {
      source.load(from, count, 0, features, at, at);
      return at;
    };
  }

  #inputGradient(place: Place): {
    at(from: number): number;
    store(from: number, count: number): void;
  } {
    const { arena, kernels } = this.#work;
    const { input, features } = this.#layer;
    if (place.data === undefined) {
      return { at: (from) => place.address + from * features * 4, store() {} };
    }
    const at = this.#work.block(this.#chunk * features * 4);
    const sink = new Sink(arena, kernels, layoutOf("", input.shape), place.data, 0);
    return {
      at: () => at,
      store: (from, count) => sink.store(from, count, 0, features, at, at),
    };
  }
}

/** The gradients of weight and bias: sums over all rows, in order. */
class Sums {
  readonly #work: Workspace;
  readonly #layer: Layer;
  readonly #places: Places;
  readonly #weight: number;
  readonly #bias: number;

  constructor(work: Workspace, layer: Layer, places: Places) {
    this.#work = work;
    this.#layer = layer;
    this.#places = places;
    const { weight, bias } = places;
    this.#weight = weight ? weight.address || work.block(layer.weight.length * 4) : 0;
    this.#bias = bias ? work.block(layer.classes * 8) : 0;
  }

  clear(): void {
    const { u8 } = this.#work.arena.views;
    const { weight, classes } = this.#layer;
    if (this.#weight) u8.fill(0, this.#weight, this.#weight + weight.length * 4);
    if (this.#bias) u8.fill(0, this.#bias, this.#bias + classes * 8);
  }

  /** Adds a chunk: `gT` its gradient turned, (C, rows), `x` its input. */
  *steps(gT: Matrix, x: Matrix, rows: number, scratch: number, done: number): Generator<Step> {
    const { classes, features, byFeature } = this.#layer;
    const weight = this.#weight;
    const bias = this.#bias;
    if (weight) {
      const [a, b] = byFeature
        ? [
            { ...x, turned: true },
            { ...gT, turned: false },
          ]
        : [gT, x];
      const [high, wide] = byFeature ? [features, classes] : [classes, features];
      const sides = { rows: high, columns: wide, depth: rows };
      yield productStep({ a, b, start: weight, out: weight, ...sides, scratch }, done);
    }
    if (!bias) return;
    yield {
      done,
      rows: classes,
      classes: rows,
      operands: [],
      granularity: 64,
      run: (kernels, { row, rows: count }) =>
        kernels.columnSums(gT.at + row * 4, classes, rows, count, bias + row * 8),
      finish() {},
    };
  }

  /** Rounds what was summed in float64, and brings results to where they are wanted. */
  finish(): void {
    const { arena, kernels } = this.#work;
    const { weight, bias } = this.#places;
    const { classes } = this.#layer;
    if (weight?.data) {
      const start = this.#weight / 4;
      weight.data.set(arena.views.f32.subarray(start, start + this.#layer.weight.length));
    }
    if (!bias) return;
    const at = bias.address || this.#bias; // each float32 lands at or before its float64
    kernels.roundLosses(this.#bias, at, classes);
    bias.data?.set(arena.views.f32.subarray(at / 4, at / 4 + classes));
  }
}

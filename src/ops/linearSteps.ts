/**
 * A loss or score of the logits of a linear layer, chunk of rows by chunk: the logits of a chunk are
 * made, its job runs over them, in place, and what became their gradient is multiplied on. All logits
 * never exist together.
 *
 *   z = x · Wᵀ + b,   ∂x = g · W,   ∂W += gᵀ · x,   ∂b += 1ᵀ · g       g = ∂loss/∂z, over z
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
import { matmulBytes, productStep } from "./matmul.js";

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
  /** Rows that are ignored: zeros stand for their input, so that NaN there reaches no gradient. */
  leftOut: ((row: number) => boolean) | undefined;
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
    const { arena, kernels } = work;
    const { input, weight, bias, rows, features, classes, byFeature } = this.#layer;
    const chunk = this.#chunk;
    const { local } = this;
    const z = this.logits.address;
    const room = chunk * features * 4;
    const layout = layoutOf("", input.shape);
    const source = new Source(work, input, layout);
    const leftOut = places.weight && this.leftOut;
    const staged = source.resident && !leftOut ? 0 : work.block(room);
    const w = residentOf(work, weight);
    const b = bias ? residentOf(work, bias) : 0;
    const toInput = places.input;
    const sink = toInput && new Sink(work, layout, toInput);
    const gradStaged = toInput?.data ? work.block(room) : 0;
    // Sums over all rows, in order.
    const gradWeight = places.weight && (places.weight.address || work.block(weight.length * 4));
    const gradBias = places.bias && (places.bias.address || work.block(classes * 4));
    const ones = gradBias ? work.block(chunk * 4) : 0;
    const side = Math.max(features, classes);
    const scratch = work.scratch(matmulBytes(side, Math.max(side, chunk)));
    const stride = byFeature ? classes : features;
    function* steps(): Generator<Step> {
      const { f32 } = arena.views;
      if (gradWeight) f32.fill(0, gradWeight / 4, gradWeight / 4 + weight.length);
      if (gradBias) {
        f32.fill(0, gradBias / 4, gradBias / 4 + classes);
        f32.fill(1, ones / 4, ones / 4 + chunk);
      }
      for (let from = 0; from < rows; from += chunk) {
        const m = Math.min(chunk, rows - from);
        const at = from * features * 4;
        if (staged) source.load(from, m, 0, features, staged, staged);
        if (leftOut) {
          const { f32: staging } = arena.views;
          for (let r = 0; r < m; r++) {
            const start = staged / 4 + r * features;
            if (leftOut(from + r)) staging.fill(0, start, start + features);
          }
        }
        const x = staged || source.resident + at;
        // prettier-ignore
        yield productStep(
          from, [x, features, false], [w, stride, !byFeature], b, z, m, classes, features, scratch,
        );
        yield rowsOf(loss, from * perRow, m * perRow, local, from);
        if (gradWeight) {
          // prettier-ignore
          yield byFeature
            ? productStep(from, [x, features, true], [z, classes, false], gradWeight, gradWeight, features, classes, m, scratch)
            : productStep(from, [z, classes, true], [x, features, false], gradWeight, gradWeight, classes, features, m, scratch);
        }
        if (gradBias) {
          // prettier-ignore
          yield productStep(
            from, [ones, m, false], [z, classes, false], gradBias, gradBias, 1, classes, m, scratch,
          );
        }
        if (!sink) continue;
        const out = gradStaged || toInput.address + at;
        // prettier-ignore
        yield productStep(
          from, [z, classes, false], [w, stride, byFeature], 0, out, m, features, classes, scratch,
        );
        if (gradStaged) sink.store(from, m, 0, features, out, out);
      }
    }
    return {
      rows,
      classes: Math.ceil((classes * features) / 16),
      operands: [],
      run() {},
      steps,
      finish() {
        const result = loss.finish(kernels);
        const { f32 } = arena.views;
        const grad: { [name: string]: Place["result"] } = {};
        for (const name of ["input", "weight", "bias"] as const) {
          const place = places[name];
          if (place === undefined) continue;
          grad[name] = place.result;
          if (name === "input") continue;
          const count = name === "bias" ? classes : weight.length;
          const at = (name === "bias" ? gradBias : gradWeight)!;
          place.data?.set(f32.subarray(at / 4, at / 4 + count));
        }
        return Object.keys(grad).length === 0 ? result : { ...result, grad };
      },
    };
  }
}

/**
 * Element weights of binary losses: an array that broadcasts against the logits' shape as in PyTorch
 * (aligned at the last axis, length 1 or missing axes repeat), and labels that are ignored.
 */
import { fail, shapeText } from "../check.js";
import type { Arena } from "../memory/arena.js";
import type { ArrayInput } from "../memory/array.js";
import { elementReader } from "../memory/half.js";
import type { Operand } from "../memory/job.js";
import type { Shape } from "../types.js";

interface Run {
  readonly size: number;
  readonly stride: number;
}

/** Axes of `shape` with the stride each has in `source`; throws where they do not broadcast. */
export function broadcastRuns(
  fn: string,
  argument: string,
  source: Shape,
  shape: Shape,
): readonly Run[] {
  const runs: Run[] = [];
  let stride = 1;
  const lead = shape.length - source.length;
  let fits = lead >= 0;
  for (let i = shape.length - 1; i >= 0 && fits; i--) {
    const size = shape[i]!;
    const own = i < lead ? 1 : source[i - lead]!;
    if (own !== 1 && own !== size) fits = false;
    runs.unshift({ size, stride: own === 1 ? 0 : stride });
    stride *= own;
  }
  if (!fits) {
    fail("ERR_SHAPE", {
      fn,
      argument,
      expected: `must broadcast to the logits' shape ${shapeText(shape)}`,
      gotText: `shape ${shapeText(source)}`,
    });
  }
  return runs;
}

/** Feeds one weight per element: the broadcast array, 0 where the label is ignored. */
export class ElementWeights implements Operand {
  readonly rowBytes = 4;
  readonly resident = 0;
  readonly #arena: Arena;
  readonly #weights: ArrayInput | undefined;
  readonly #runs: readonly Run[];
  readonly #labels: ArrayInput;
  readonly #ignored: readonly number[];
  readonly #factors: Float64Array | undefined;

  /** `factors`: 0 for elements left out by a mask, 1 for the others. */
  constructor(
    arena: Arena,
    weights: ArrayInput | undefined,
    runs: readonly Run[],
    labels: ArrayInput,
    ignored: readonly number[],
    factors?: Float64Array,
  ) {
    this.#factors = factors;
    this.#arena = arena;
    this.#weights = weights;
    this.#runs = runs;
    this.#labels = labels;
    this.#ignored = ignored;
  }

  load(row: number, rows: number, _from: number, _count: number, at: number): void {
    this.#write(row, rows, this.#arena.views.f32, at / 4);
  }

  /** Elements whose weight is not 0 and that are not left out. */
  countNonzero(length: number): number {
    const chunk = new Float32Array(4096);
    let count = 0;
    for (let first = 0; first < length; first += chunk.length) {
      const rows = Math.min(chunk.length, length - first);
      this.#write(first, rows, chunk, 0);
      for (let i = 0; i < rows; i++) if (chunk[i] !== 0) count++;
    }
    return count;
  }

  #write(row: number, rows: number, f32: Float32Array, start: number): void {
    const { memory } = this.#arena;
    if (this.#weights) this.#expand(elementReader(this.#weights, memory), row, rows, f32, start);
    else f32.fill(1, start, start + rows);
    const factors = this.#factors;
    if (factors) for (let i = 0; i < rows; i++) if (factors[row + i] === 0) f32[start + i] = 0;
    if (this.#ignored.length === 0) return;
    const label = elementReader(this.#labels, memory);
    for (let i = 0; i < rows; i++) if (this.#ignored.includes(label(row + i))) f32[start + i] = 0;
  }

  /** Counts through the logits' axes, the last fastest, with the offset kept beside. */
  #expand(
    read: (i: number) => number,
    first: number,
    count: number,
    out: Float32Array,
    start: number,
  ): void {
    const runs = this.#runs;
    const place = runs.map(() => 0);
    let offset = 0;
    for (let i = runs.length - 1, rest = first; i >= 0; i--) {
      const { size, stride } = runs[i]!;
      place[i] = rest % size;
      offset += place[i]! * stride;
      rest = Math.floor(rest / size);
    }
    for (let n = 0; n < count; n++) {
      out[start + n] = read(offset);
      for (let i = runs.length - 1; i >= 0; i--) {
        const { size, stride } = runs[i]!;
        offset += stride;
        if (++place[i]! < size) break;
        place[i] = 0;
        offset -= size * stride;
      }
    }
  }
}

/**
 * The same rows, handed over in every way that must not change a bit: in JavaScript or linear
 * memory, at any alignment, in tiles, in segments, along another axis, row by row.
 */
import type { Engine } from "../../src/engine.ts";
import type { Logits } from "../../src/types.ts";
import { engine, segments, tiles } from "./engine.ts";

export interface Variant {
  readonly name: string;
  readonly engine: Engine;
  readonly logits: Logits;
  /** Class axis of `logits`, which holds `rows` of them. */
  readonly axis: number;
  readonly rows: number;
  /** First of the rows among those of the original. */
  readonly firstRow: number;
  /** Whether classes come first: (C, N) instead of (N, C). */
  readonly classMajor: boolean;
}

/** Calls `visit` with each variant of `data`, (rows, classes), inside a scope of its engine. */
export function forEachVariant(
  data: Float32Array,
  rows: number,
  classes: number,
  visit: (variant: Variant) => void,
): void {
  const shape = [rows, classes];
  const turned = transpose(data, rows, classes);
  const rowMajor = { axis: -1, rows, firstRow: 0, classMajor: false };
  const classMajor = { axis: 0, rows, firstRow: 0, classMajor: true };
  for (const [label, each] of [
    ["whole", engine],
    ["segments", segments],
    ["tiles", tiles],
  ] as const) {
    const show = (variant: Omit<Variant, "engine">): void => {
      each.scope(() => {
        visit({ ...variant, name: `${label}, ${variant.name}`, engine: each });
      });
    };
    show({ name: "JavaScript array", logits: { data, shape }, ...rowMajor });
    show({
      name: "float64 array",
      logits: { data: Float64Array.from(data), shape },
      ...rowMajor,
    });
    show({
      name: "class axis first",
      logits: { data: turned, shape: [classes, rows] },
      ...classMajor,
    });
    each.scope(() => {
      const tensor = each.tensor(shape);
      tensor.data.set(data);
      show({ name: "tensor", logits: tensor, ...rowMajor });
      const first = each.tensor([classes, rows]);
      first.data.set(turned);
      show({ name: "tensor, class axis first", logits: first, ...classMajor });
      for (const offset of [1, 2, 3]) {
        const moved = each.tensor([data.length + offset]).data.subarray(offset);
        moved.set(data);
        const logits = { data: moved, shape };
        show({ name: `view at ${4 * offset} bytes`, logits, ...rowMajor });
      }
    });
  }
  for (let row = 0; row < rows; row++) {
    const logits = Array.from(data.subarray(row * classes, (row + 1) * classes));
    const one = { ...rowMajor, rows: 1, firstRow: row };
    visit({ name: `row ${row} alone, number[]`, engine, logits: [logits], ...one });
  }
}

/** (rows, classes) to (classes, rows). */
export function transpose(
  data: Float32Array,
  rows: number,
  classes: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < classes; c++) out[c * rows + r] = data[r * classes + c];
  }
  return out;
}

/** The values of a result of a variant's own layout that has one per logit, as (rows, classes). */
export function inRows(variant: Variant, values: Float32Array): Float32Array {
  return variant.classMajor
    ? transpose(values, values.length / variant.rows, variant.rows)
    : values;
}

/** The rows of a variant among an original result with `width` values per row. */
export function rowsOfVariant<T extends Float32Array | Float64Array | Int32Array>(
  variant: Variant,
  whole: T,
  width: number,
): T {
  const from = variant.firstRow * width;
  return whole.slice(from, from + variant.rows * width) as T;
}

/**
 * Rows along another axis than the last, short ones taken as columns and others turned in tiles: the same
 * bits as along the last axis, for every inner size and every tail, whatever the number of classes.
 */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine.ts";
import type { Layout } from "../../src/memory/layout.ts";
import { eachPart, layoutOf } from "../../src/memory/layout.ts";
import type { DType } from "../../src/types.ts";
import { engine, segments, tiles } from "../support/engine.ts";
import { expectSameBits } from "../support/matchers.ts";
import { Random } from "../support/random.ts";

type Floats = Float32Array<ArrayBuffer>;

/** Engines with tiles of whole blocks, of some neighbours, and of as few as are taken together. */
const ENGINES = [engine, segments, tiles];

/** Inner sizes about a group of columns, a line of the cache and a tile; images of 7×7 and 14×14. */
const INNER = [2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 49, 63, 64, 65, 70, 196, 1030];
const CLASSES = [1, 2, 3, 4, 5, 7, 10, 16, 21, 33, 63, 64, 65, 66];

/** Rows that are turned: every tail of a tile of 4 × 4, more than a block of 1024, fewer than 64 rows at once. */
const LONG_CLASSES = [150, 1027, 4098];
const LONG_INNER = [2, 3, 7, 16, 17, 65];

/** Elements (outer, C, inner) as rows (outer · inner, C), and back. */
function turned(data: Float32Array, { outer, classes, inner }: Layout, toRows: boolean): Floats {
  const out = new Float32Array(data.length);
  for (let o = 0, at = 0; o < outer; o++) {
    for (let c = 0; c < classes; c++) {
      for (let i = 0; i < inner; i++, at++) {
        const dense = (o * inner + i) * classes + c;
        if (toRows) out[dense] = data[at]!;
        else out[at] = data[dense]!;
      }
    }
  }
  return out;
}

interface Results {
  readonly softmax: Floats;
  readonly logSoftmax: Floats;
  readonly logSumExp: Floats;
  readonly losses: Floats;
  readonly loss: number;
  readonly grad: Floats;
}

const copy = ({ data }: { data: ArrayLike<number> }): Floats => Float32Array.from(data);

const numbers = (loss: number | Float32Array): ArrayLike<number> =>
  typeof loss === "number" ? [loss] : loss;

/** Every operation that takes columns; `place` makes the logits anew. */
function resultsOf(each: Engine, place: () => never, axis: number, targets: Int32Array): Results {
  return each.scope(() => {
    const options = { axis, temperature: 0.7, allMasked: "zero" } as const;
    const weight = new Random(3).uniforms(classesOf(place(), axis), 0.5, 2);
    const { loss, grad } = each.crossEntropy(place(), targets, { axis, weight, grad: true });
    return {
      softmax: copy(each.softmax(place(), options)),
      logSoftmax: copy(each.logSoftmax(place(), { axis })),
      logSumExp: copy(each.logSumExp(place(), { axis })),
      losses: each.crossEntropy(place(), targets, { axis, reduction: "none" }).loss as Floats,
      loss: loss as number,
      grad: copy(grad as { data: Floats }),
    };
  });
}

const classesOf = ({ shape }: { shape: readonly number[] }, axis: number): number => shape[axis]!;

describe.each([...CLASSES, ...LONG_CLASSES])("C = %d", (classes) => {
  const sizes = classes > 100 ? LONG_INNER.filter((size) => size * classes < 70000) : INNER;
  it.each(sizes)("inner %d: the bits of the last axis, as arrays and tensors", (inner) => {
    const layout = layoutOf("test", [3, classes, inner], 1);
    const { rows } = layout;
    const random = new Random(classes * 100 + inner);
    const x = random.withSpecials(rows * classes, 0.01);
    const dense = turned(x, layout, true);
    const targets = random.indices(rows, classes, 0.1);
    const last = { data: dense, shape: [rows, classes] } as never;
    const truth = resultsOf(engine, () => last, 1, targets);
    for (const each of inner < 100 ? ENGINES : [engine, tiles]) {
      const array = { data: x, shape: layout.shape } as never;
      const tensor = (): never => {
        const made = each.tensor(layout.shape);
        made.data.set(x);
        return made as never;
      };
      for (const place of [() => array, tensor]) {
        const got = resultsOf(each, place, 1, targets);
        for (const name of ["softmax", "logSoftmax", "grad"] as const) {
          expectSameBits(turned(got[name], layout, true), truth[name], name);
        }
        expectSameBits(got.logSumExp, truth.logSumExp);
        expectSameBits(got.losses, truth.losses);
        expectSameBits([got.loss], [truth.loss]);
      }
    }
  });
});

const HALF_SIZES = [2, 5, 16, 49, 1030].flatMap((inner) => [
  [21, inner],
  [150, inner],
]) as [number, number][];

describe.each(["float16", "bfloat16"] as const)("%s", (dtype: DType) => {
  it.each(HALF_SIZES)("C = %d, inner %d: the bits of the last axis", (count, inner) => {
    const layout = layoutOf("test", [2, count, inner], 1);
    const { rows, classes } = layout;
    const bits = Uint16Array.from({ length: rows * classes }, (_, i) => 0x3c00 + ((i * 37) % 999));
    const targets = new Random(1).indices(rows, classes);
    for (const each of ENGINES) {
      each.scope(() => {
        const along = each.tensor(layout.shape, dtype as "float16");
        along.data.set(bits);
        const rowsOf = each.tensor([rows, classes], dtype as "float16");
        const order = turned(Float32Array.from(bits), layout, true);
        rowsOf.data.set(Uint16Array.from(order));
        const array = { data: bits, shape: layout.shape, dtype } as never;
        const truth = resultsOf(each, () => rowsOf as never, 1, targets);
        for (const logits of [along as never, array]) {
          const got = resultsOf(each, () => logits, 1, targets);
          expectSameBits(turned(got.softmax, layout, true), truth.softmax);
          expectSameBits(turned(got.grad, layout, true), truth.grad);
          expectSameBits(got.logSumExp, truth.logSumExp);
        }
      });
    }
  });
});

describe.each([21, 150])("where results of %d classes go", (count) => {
  const layout = layoutOf("test", [3, count, 50], 1);
  const { rows, classes, shape } = layout;
  const x = new Random(8).withSpecials(rows * classes, 0.01);
  const targets = new Random(9).indices(rows, classes, 0.2);
  const softcap = { axis: 1, softcap: 5, temperature: 2, grad: true } as const;

  it("in place, and into out beside others' memory", () => {
    for (const each of ENGINES) {
      each.scope(() => {
        const truth = copy(each.softmax({ data: x, shape }, { axis: 1 }));
        const inPlace = each.tensor(shape);
        inPlace.data.set(x);
        each.softmax(inPlace, { axis: 1, out: inPlace });
        expectSameBits(inPlace.data, truth);
        const array = x.slice();
        each.softmax({ data: array, shape }, { axis: 1, out: array });
        expectSameBits(array, truth);
        const guarded = each.tensor([x.length + 2]);
        guarded.data.fill(-7);
        const view = new Float32Array(x.length + 2).fill(-7);
        each.softmax({ data: x, shape }, { axis: 1, out: view.subarray(1, -1) });
        expectSameBits(view.slice(1, -1), truth);
        expect([view[0], view.at(-1)]).toEqual([-7, -7]);
        const { grad } = each.crossEntropy({ data: x, shape }, targets, { axis: 1, grad: true });
        const over = each.tensor(shape);
        over.data.set(x);
        each.crossEntropy(over, targets, { axis: 1, grad: "inPlace" });
        expectSameBits(over.data, (grad as { data: Floats }).data);
      });
    }
  });

  it("soft cap, masks, smoothing and upstream: as along the last axis", () => {
    const dense = { data: turned(x, layout, true), shape: [rows, classes] };
    const upstream = new Random(2).uniforms(rows, -1, 1);
    const none = { reduction: "none", upstream } as const;
    const rowMask = Array.from({ length: rows }, (_, i) => i % 3 !== 0);
    const classMask = Array.from({ length: classes }, (_, c) => c !== 4);
    const kept = targets.map((y) => (y === 4 ? 5 : y));
    for (const options of [
      softcap,
      { axis: 1, grad: true, rowMask },
      { axis: 1, grad: true, rowMask, classMask },
      { axis: 1, grad: true, labelSmoothing: 0.1 },
      { axis: 1, grad: true, zLoss: 0.01 },
      { axis: 1, grad: true, gradTemperature: true },
      { axis: 1, grad: true, ...none },
    ] as const) {
      const truth = engine.crossEntropy(dense, kept, options);
      for (const each of ENGINES) {
        const got = each.crossEntropy({ data: x, shape }, kept, options);
        expectSameBits(turned(got.grad.data as Floats, layout, true), truth.grad.data);
        expectSameBits(numbers(got.loss), numbers(truth.loss));
      }
    }
  });
});

/** Every other operation with an axis, of rows that are turned. */
it.each([
  [150, 70],
  [1026, 35],
])(
  "C = %d, inner %d: argmax, topK, score and class probabilities as along the last axis",
  (count, inner) => {
    const layout = layoutOf("test", [2, count, inner], 1);
    const { rows, classes, shape } = layout;
    const random = new Random(count);
    const x = random.withSpecials(rows * classes, 0.01);
    const shares = random.uniforms(rows * classes);
    const targets = random.indices(rows, classes);
    const dense = { data: turned(x, layout, true), shape: [rows, classes] };
    const denseShares = { data: turned(shares, layout, true), shape: [rows, classes] };
    const best = { ...layout, classes: 5 };
    const truth = engine.crossEntropy(dense, denseShares, { grad: true });
    for (const each of ENGINES) {
      each.scope(() => {
        const logits = each.tensor(shape);
        logits.data.set(x);
        expectSameBits(each.argmax(logits, { axis: 1 }).data, engine.argmax(dense).data);
        const { values } = each.topK(logits, 5, { axis: 1 });
        expectSameBits(turned(copy(values), best, true), copy(engine.topK(dense, 5).values));
        const scores = each.score(logits, targets, { axis: 1 });
        expectSameBits(scores.logSumExp, engine.score(dense, targets).logSumExp);
        const got = each.crossEntropy(logits, { data: shares, shape }, { axis: 1, grad: true });
        expectSameBits(turned(copy(got.grad), layout, true), truth.grad.data);
        expectSameBits([got.loss], [truth.loss]);
      });
    }
  },
);

it("parts cover the rows, each whole blocks or of one block", () => {
  const layout = layoutOf("test", [5, 3, 7], 1);
  for (let row = 0; row < layout.rows; row++) {
    for (let rows = 1; row + rows <= layout.rows; rows++) {
      let next = row;
      eachPart(layout, row, rows, (start, count, done) => {
        expect(row + done).toBe(next);
        const position = next % 7;
        expect(start).toBe(Math.floor(next / 7) * 21 + position);
        expect(position + count <= 7 || (position === 0 && count % 7 === 0)).toBe(true);
        next += count;
      });
      expect(next).toBe(row + rows);
    }
  }
});

/**
 * What every loss promises whatever its formula: reductions and denominators, the gradient as the
 * derivative of the loss, its forms, masks, rows that are left out, tiles, memory, errors.
 *
 * A loss is described by its float64 losses, one per row (or element), as a function of the logits.
 * The truth of gradients is the central difference of that function.
 */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine.ts";
import type { LogitsError } from "../../src/errors.ts";
import { type Denominators, type ReductionOptions, reduceLosses } from "../reference/reduction.ts";
import { centralDifference } from "./centralDifference.ts";
import { engine, makeEngine, segments, tiles } from "./engine.ts";
import { expectClose, expectSameBits, expectZeros } from "./matchers.ts";
import { type Bound, lossGradient } from "./tolerance.ts";

export interface LossOutcome {
  readonly loss: number | Float32Array;
  readonly lossSum: number;
  readonly weightSum: number;
  readonly count: number;
  readonly grad?: { readonly data: ArrayBufferView } | undefined;
  readonly explain?: object | undefined;
}

export interface LossCase {
  readonly title: string;
  readonly logits: Float32Array;
  readonly shape: readonly number[];
  readonly call: (on: Engine, logits: never, options: object) => LossOutcome;
  /** One loss per row (or element), for the whole or with what the masks leave out as 0. */
  readonly losses: (x: ArrayLike<number>, left: LeftOut) => Float64Array;
  readonly denominators: (left: LeftOut) => Denominators;
  readonly bound: Bound;
  /** Elements of one row. */
  readonly classes: number;
  /** Rows that a row mask speaks of. */
  readonly rows: number;
  /** A class that no target names, for the class mask. */
  readonly spare: number;
  /** Whether the gradient does not depend on the logits, so that NaN does not reach it. */
  readonly isLinear?: boolean;
  /** Elements of each row of the mask, where rows are not dense (CTC). */
  readonly rowElements?: (row: number) => readonly number[];
}

export interface LeftOut {
  readonly row?: number;
  readonly class?: number;
}

const REDUCTIONS: readonly ReductionOptions[] = [
  {},
  { upstream: -1.5 },
  { reduction: "sum" },
  { reduction: "none" },
  { divisor: "valid" },
  { divisor: "nonzero" },
  { divisor: "rows" },
  { divisor: "elements", upstream: 2 },
  { divisor: 3 },
];

/** Σ of the objective whose derivative `grad` is. */
function objective(one: LossCase, x: ArrayLike<number>, left: LeftOut, options: ReductionOptions) {
  const losses = one.losses(x, left);
  const { loss } = reduceLosses(losses, one.denominators(left), options);
  const { upstream = 1 } = options;
  if (typeof loss === "number") return loss * (upstream as number);
  return loss.reduce(
    (sum, l, i) => sum + l * (typeof upstream === "number" ? upstream : upstream[i]!),
    0,
  );
}

function gradOf(outcome: LossOutcome): Float32Array {
  return Float32Array.from(outcome.grad!.data as Float32Array);
}

function check(one: LossCase, on: Engine, left: LeftOut, options: ReductionOptions & object) {
  const context = `${one.title} ${JSON.stringify(options)}`;
  const logits = { data: one.logits, shape: one.shape } as never;
  const got = one.call(on, logits, { ...options, grad: true });
  const denominators = one.denominators(left);
  const want = reduceLosses(one.losses(one.logits, left), denominators, options);
  expectClose(got.loss, want.loss, one.bound, { context });
  expect(got.count).toBe(denominators.valid);
  expectClose(got.weightSum, denominators.weights, one.bound, { context });
  const numeric = centralDifference((x) => objective(one, x, left, options), one.logits);
  expectClose(gradOf(got), numeric, lossGradient, { context });
  return got;
}

/** True but for entries [left, end). */
const maskOf = (length: number, left: number, end = left + 1): boolean[] =>
  Array.from({ length }, (_unused, i) => i < left || i >= end);

/** The promises, as tests. */
export function describeLossContract(one: LossCase): void {
  const { title, logits, shape, call, classes, rows } = one;
  const given = (): never => ({ data: logits.slice(), shape }) as never;
  const elementsOf =
    one.rowElements ??
    ((row: number) => Array.from({ length: classes }, (_unused, c) => row * classes + c));

  describe(`${title}: reductions`, () => {
    for (const options of REDUCTIONS) {
      it(`${JSON.stringify(options)}: loss ${one.bound.name}, gradient ${lossGradient.name}`, () => {
        check(one, engine, {}, options);
      });
    }
    it("one upstream factor per loss", () => {
      const count = one.losses(logits, {}).length;
      const upstream = Array.from({ length: count }, (_unused, i) => (i % 3) - 1.25);
      check(one, engine, {}, { reduction: "none", upstream });
    });
    it("without grad: the same loss, and no gradient", () => {
      const plain = call(engine, given(), {});
      expect(plain.grad).toBeUndefined();
      expect(plain.loss).toBe(call(engine, given(), { grad: true }).loss);
    });
  });

  describe(`${title}: forms`, () => {
    const whole = gradOf(call(engine, given(), { grad: true }));
    it("the same bits in tiles, in segments and from tensors", () => {
      for (const on of [
        tiles,
        segments,
        makeEngine({ numerics: engine.numerics }, { tileElements: 4, rowElements: 524288 }),
      ]) {
        const got = call(on, given(), { grad: true });
        expectSameBits(gradOf(got), whole, title);
        expect(got.lossSum).toBe(call(engine, given(), {}).lossSum);
      }
      engine.scope(() => {
        const tensor = engine.tensor(shape);
        tensor.data.set(logits);
        const got = call(engine, tensor as never, { grad: true });
        expectSameBits(gradOf(got), whole, title);
        expect(got.grad!.data).toBeInstanceOf(Float32Array);
        expectSameBits(tensor.data, logits, "the logits stay");
        expectSameBits(
          gradOf(call(engine, tensor as never, { grad: "inPlace" })),
          whole,
          "inPlace",
        );
        expectSameBits(tensor.data, whole, "over the tensor");
      });
    });
    it("into an array of the caller's, and over the logits", () => {
      const out = new Float32Array(logits.length + 3).fill(7);
      call(engine, given(), { grad: out });
      expectSameBits(out.subarray(0, logits.length), whole, title);
      expect(Array.from(out.subarray(logits.length))).toEqual([7, 7, 7]);
      const own = logits.slice();
      call(engine, { data: own, shape } as never, { grad: "inPlace" });
      expectSameBits(own, whole, title);
    });
    it("float16 logits give what their float32 values give", () => {
      const bits = Uint16Array.from({ length: logits.length }, (_unused, i) => 0x3800 + 37 * i);
      const wide = Float32Array.from(bits, (b) => 2 ** ((b >> 10) - 15) * (1 + (b & 1023) / 1024));
      const half = call(engine, { data: bits, shape, dtype: "float16" } as never, { grad: true });
      const full = call(engine, { data: wide, shape } as never, { grad: true });
      expectSameBits(gradOf(half), gradOf(full), title);
      expect(half.lossSum).toBe(full.lossSum);
    });
  });

  describe(`${title}: what is left out`, () => {
    it("rowMask: as without the row, even beside NaN", () => {
      const left = { row: 1 };
      const rowMask = maskOf(rows, 1);
      const got = check(one, engine, left, { rowMask } as object);
      const spoiled = logits.slice();
      for (const at of elementsOf(1)) spoiled[at] = NaN;
      const beside = call(engine, { data: spoiled, shape } as never, { rowMask, grad: true });
      expect(beside.lossSum).toBe(got.lossSum);
      expectSameBits(gradOf(beside), gradOf(got), title);
      expectZeros(
        elementsOf(1).map((at) => gradOf(beside)[at]!),
        title,
      );
    });
    it("classMask: as without the class, even beside NaN", () => {
      const left = { class: one.spare };
      const classMask = Uint8Array.from(maskOf(classes, one.spare), Number);
      for (const on of [engine, tiles]) {
        const got = check(one, on, left, { classMask } as object);
        const spoiled = logits.map((value, i) => (i % classes === one.spare ? NaN : value));
        const beside = call(on, { data: spoiled, shape } as never, { classMask, grad: true });
        expect(beside.lossSum).toBe(got.lossSum);
        expectSameBits(gradOf(beside), gradOf(got), title);
      }
      const own = logits.slice();
      call(engine, { data: own, shape } as never, { classMask, grad: "inPlace" });
      expectSameBits(own, gradOf(call(engine, given(), { classMask, grad: true })), "inPlace");
    });
    it("nothing left: onEmpty, and a gradient of zeros", () => {
      const rowMask = maskOf(rows, 0, rows);
      const got = call(engine, given(), { rowMask, grad: true });
      expect(got).toMatchObject({ loss: NaN, lossSum: 0, weightSum: 0, count: 0 });
      expectZeros(gradOf(got));
      expect(call(engine, given(), { rowMask, onEmpty: "zero" }).loss).toBe(0);
      expect(call(engine, given(), { rowMask, reduction: "sum" }).loss).toBe(0);
      expect(() => call(engine, given(), { rowMask, onEmpty: "throw" })).toThrow(
        /must leave something to average/,
      );
    });
    it("NaN stays in its row; upstream 0 gives zeros even so", () => {
      const spoiled = logits.slice();
      for (const at of elementsOf(1)) spoiled[at] = NaN;
      const options = { reduction: "none", grad: true };
      const clean = gradOf(call(engine, given(), options));
      const got = gradOf(call(engine, { data: spoiled, shape } as never, options));
      const inRow = new Set(elementsOf(1));
      const outside = Array.from(got).filter((_g, i) => !inRow.has(i));
      expectSameBits(
        outside,
        Array.from(clean).filter((_g, i) => !inRow.has(i)),
        title,
      );
      expect(elementsOf(1).some((at) => Number.isNaN(got[at]))).toBe(!one.isLinear);
      const zeros = call(engine, { data: spoiled, shape } as never, { upstream: 0, grad: true });
      expectZeros(gradOf(zeros));
    });
  });

  describe(`${title}: errors and memory`, () => {
    it("an unknown option, masks of another length and a bad divisor are refused", () => {
      const code = (options: object): unknown => {
        const out = new Float32Array(logits.length).fill(7);
        try {
          call(engine, given(), { grad: out, ...options });
        } catch (error) {
          expect(out.every((value) => value === 7)).toBe(true);
          return (error as LogitsError).code;
        }
        return "no error";
      };
      expect(code({ reducton: "sum" })).toBe("ERR_ARGUMENT_TYPE");
      expect(code({ rowMask: [true] })).toBe("ERR_SHAPE");
      expect(code({ classMask: maskOf(classes + 1, 0) })).toBe("ERR_SHAPE");
      expect(code({ classMask: new Uint8Array(classes) })).toBe("ERR_ARGUMENT_VALUE");
      expect(code({ rowMask: Array.from({ length: rows }, () => 2) })).toBe("ERR_ARGUMENT_VALUE");
      expect(code({ divisor: 0 })).toBe("ERR_ARGUMENT_VALUE");
      expect(code({ upstream: NaN })).toBe("ERR_ARGUMENT_VALUE");
      expect(code({ grad: new Float32Array(logits.length - 1) })).toBe("ERR_SHAPE");
    });
    it("calls leave nothing behind", () => {
      const on = makeEngine({ numerics: engine.numerics });
      const classMask = maskOf(classes, one.spare);
      call(on, given(), { grad: true, classMask });
      const before = on.memory;
      for (let i = 0; i < 20; i++) call(on, given(), { grad: true, classMask });
      expect(() => call(on, given(), { rowMask: maskOf(rows, 0, rows), onEmpty: "throw" })).toThrow(
        /must leave something to average/,
      );
      expect(on.memory).toEqual(before);
      expect(before.liveBytes).toBe(0);
    });
  });
}

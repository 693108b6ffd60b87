/**
 * What holds for every operation wherever its memory lies: failing and growing memory, high
 * addresses, small tiles, and a bound on linear memory.
 */
import { describe, expect, it } from "vitest";
import { Arena } from "../../src/memory/arena.ts";
import { createEngine } from "../../src/index.ts";
import { Random } from "../support/random.ts";
import { expectSameBits } from "../support/matchers.ts";
import {
  LOGITS,
  OPERATIONS,
  engineOver,
  engineParts,
  inArrays,
  inTensors,
  numbersIn,
} from "../support/operations.ts";
import type { OperationCase, Place } from "../support/operations.ts";
import type { Engine } from "../../src/engine.ts";

const SMALL_TILES = { tileElements: 500, rowElements: 64 };
const PLACES = [
  { where: "arrays", placeIn: (_engine: Engine): Place => inArrays },
  { where: "tensors", placeIn: inTensors },
];

function resultOf(engine: Engine, { call }: OperationCase, place: Place): number[] {
  return engine.scope(() => numbersIn(call(engine, place(LOGITS), place)));
}

describe.each(PLACES)("arguments in $where", ({ placeIn }) => {
  const expected = new Map(
    OPERATIONS.map((operation) => {
      const engine = createEngine();
      return [operation.title, resultOf(engine, operation, placeIn(engine))];
    }),
  );

  describe.each(OPERATIONS)("$title", (operation) => {
    const truth = expected.get(operation.title) as number[];

    it("fails typed at its n-th allocation, writes nothing, leaks nothing, and works then", () => {
      class FailingArena extends Arena {
        left = Infinity;
        override allocate(bytes: number): number {
          // More than linear memory can hold, so the arena's own error is what comes.
          return super.allocate(--this.left === 0 ? 2 ** 33 : bytes);
        }
      }
      const parts = engineParts();
      const arena = new FailingArena(parts.memory, parts.heapBase);
      const engine = engineOver(parts, arena, SMALL_TILES);
      const made = new Map<unknown, never>();
      const place = placeIn(engine);
      const placeOnce: Place = (data, dtype) => {
        if (!made.has(data)) made.set(data, place(data, dtype));
        return made.get(data) as never;
      };
      operation.call(engine, placeOnce(LOGITS), placeOnce);
      const before = [...made.values()].map(numbersIn);
      const { liveBlocks, liveBytes } = arena;
      const attempt = (n: number): number[] | undefined => {
        arena.left = n;
        try {
          return resultOf(engine, operation, placeOnce);
        } catch (error) {
          expect(error).toMatchObject({ name: "LogitsError", code: "ERR_OUT_OF_MEMORY" });
          return undefined;
        } finally {
          arena.left = Infinity;
        }
      };
      let failures = 0;
      for (let result: number[] | undefined; result === undefined && failures < 50;) {
        result = attempt(failures + 1);
        expect([arena.liveBlocks, arena.liveBytes]).toEqual([liveBlocks, liveBytes]);
        [...made.values()].forEach((data, i) => expectSameBits(numbersIn(data), before[i]));
        if (result === undefined) failures++;
        else expectSameBits(result, truth);
        expectSameBits(resultOf(engine, operation, placeOnce), truth);
      }
      expect(failures).toBeGreaterThan(0);
      expect(failures).toBeLessThan(50);
    });

    it("memory that grows at every allocation: the same bits", () => {
      class GrowingArena extends Arena {
        override allocate(bytes: number): number {
          this.memory.grow(1);
          return super.allocate(bytes);
        }
      }
      const parts = engineParts(1);
      const engine = engineOver(parts, new GrowingArena(parts.memory, parts.heapBase), SMALL_TILES);
      expectSameBits(resultOf(engine, operation, placeIn(engine)), truth);
    });

    it("any tiles: the same bits", () => {
      for (const rowElements of [64, 68, 1000]) {
        for (const tileElements of [1, 700, 1e6]) {
          const engine = engineOver(engineParts(), undefined, { tileElements, rowElements });
          expectSameBits(resultOf(engine, operation, placeIn(engine)), truth);
        }
      }
    });
  });
});

describe("rows of several segments", () => {
  const CLASSES = 5003;
  const random = new Random(9);
  const data = random.withSpecials(3 * CLASSES, 0.05, [NaN, -Infinity, 0, -0, 7]);
  const shapes = [
    { shape: [3, CLASSES], axis: 1 },
    { shape: [CLASSES, 3], axis: 0 },
  ];
  const cut = engineOver(engineParts(), undefined, { tileElements: 2048, rowElements: 2000 });
  const whole = engineOver(engineParts());

  it.each(shapes)("$shape, axis $axis: the same bits", ({ shape, axis }) => {
    const x = { data, shape };
    const targets = random.indices(3, CLASSES);
    const weight = random.uniforms(CLASSES);
    const options = { axis, weight, grad: true } as const;
    const results = [cut, whole].map((engine) =>
      numbersIn([
        engine.softmax(x, { axis }),
        engine.logSoftmax(x, { axis }),
        engine.logSumExp(x, { axis }),
        engine.argmax(x, { axis }),
        engine.crossEntropy(x, targets, options),
        engine.crossEntropy(x, x, { axis, grad: true }),
        engine.nllLoss(x, targets, options),
      ]),
    );
    expectSameBits(results[0], results[1]);
  });

  it.each(shapes)("$shape, axis $axis: topK in passes finds what one heap finds", (given) => {
    const x = { data, shape: given.shape };
    for (const largest of [true, false]) {
      for (const k of [1, 2000, 2001, 4000, 4001, CLASSES]) {
        const [passes, heap] = [cut, whole].map((engine) => {
          const options = { axis: given.axis, largest };
          return engine.scope(() => {
            const tensor = engine.tensor(given.shape);
            tensor.data.set(data);
            return numbersIn([engine.topK(x, k, options), engine.topK(tensor, k, options)]);
          });
        });
        expectSameBits(passes, heap, `k = ${k}`);
      }
    }
  });
});

describe("addresses above 2 GiB", () => {
  const PAGES = 2 ** 15 + 64;
  const parts = engineParts(PAGES);
  const engine = engineOver(parts, new Arena(parts.memory, 2 ** 31 + 64), SMALL_TILES);
  const low = createEngine();

  it.each(OPERATIONS)("$title: the same bits", (operation) => {
    for (const { placeIn } of PLACES) {
      expectSameBits(
        resultOf(engine, operation, placeIn(engine)),
        resultOf(low, operation, placeIn(low)),
      );
    }
  });

  it("in place, over 2^31 from below", () => {
    const crossing = engineParts(PAGES);
    const across = engineOver(crossing, new Arena(crossing.memory, 2 ** 31 - 64));
    const data = new Random(5).normals(96);
    const x = across.tensor([32, 3]);
    expect(x.data.byteOffset).toBe(2 ** 31 - 64);
    x.data.set(data);
    across.softmax(x, { out: x });
    expectSameBits(x.data, low.softmax({ data, shape: [32, 3] }).data);
  });
});

describe("linear memory for arguments in JavaScript memory stays under 16 MB", () => {
  const LENGTH = 2 ** 24;
  const data = new Float32Array(LENGTH);
  for (let i = 0; i < LENGTH; i++) data[i] = ((i * 7919) % 1000) / 100;
  const row = { data, shape: [1, LENGTH] };
  const columns = { data, shape: [LENGTH / 2 ** 19, 2 ** 19] };
  const lines = { data, shape: [2 ** 15, LENGTH / 2 ** 15] };
  const target = [LENGTH - 1];
  const weight = new Float32Array(LENGTH).fill(1.5);
  const cases: [string, (engine: Engine) => unknown][] = [
    ["softmax of one row", (e) => e.softmax(row, { out: data.slice() })],
    ["softmax of rows just below the segments", (e) => e.softmax(columns)],
    [
      "softmax along axis 0 of many rows",
      (e) => e.softmax({ data, shape: [8, LENGTH / 8] }, { axis: 0 }),
    ],
    [
      "softmax along axis 0 of few long rows",
      (e) => e.softmax({ data, shape: [2 ** 19, 32] }, { axis: 0 }),
    ],
    [
      "crossEntropy along axis 0 of the longest rows that share lines, with every gradient",
      (e) => e.crossEntropy(lines, lines, { axis: 0, grad: true, gradTargets: true }),
    ],
    [
      "logSumExp over two outer axes",
      (e) => e.logSumExp({ data, shape: [2 ** 10, 4, 2 ** 12] }, { axis: [0, 2] }),
    ],
    [
      "crossEntropy of one row, weights and gradient",
      (e) => e.crossEntropy(row, target, { weight, labelSmoothing: 0.1, grad: true }),
    ],
    [
      "crossEntropy with probabilities, weights and gradient",
      (e) => e.crossEntropy(columns, data, { weight: weight.subarray(0, 2 ** 19), grad: true }),
    ],
    [
      "nllLoss of one row, weights and gradient",
      (e) => e.nllLoss(row, target, { weight, grad: true }),
    ],
    ["nllLoss of one row, weights", (e) => e.nllLoss(row, target, { weight })],
    [
      "binaryCrossEntropyWithLogits with weights",
      (e) =>
        e.binaryCrossEntropyWithLogits(data, data, {
          weight,
          posWeight: weight,
          grad: true,
          reduction: "none",
        }),
    ],
    ["argmax", (e) => e.argmax(row)],
    ["topK of 2^19", (e) => e.topK(columns, 2 ** 19)],
    ["topK of 3 · 2^18", (e) => e.topK(row, 3 * 2 ** 18)],
    ["sigmoid", (e) => e.sigmoid(data)],
    ["threshold", (e) => e.threshold(data)],
  ];

  const engine = createEngine(); // one for all of them: free blocks of one case serve the next

  it.each(cases)("%s", (_title, call) => {
    call(engine);
    expect(engine.memory.heldBytes).toBeLessThan(16 * 2 ** 20);
    expect(engine.memory.liveBytes).toBe(0);
  });
});

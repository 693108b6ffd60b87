/** Any number of rows gives the bits of the synchronous engine, however rows fall to the threads. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEngine } from "../../src/index.ts";
import type { ParallelEngine } from "../../src/parallel/index.ts";
import { startEngine } from "../../src/parallel/startEngine.ts";
import { Random } from "../support/random.ts";
import { bitsOf } from "./bits.ts";
import type { Maker } from "./cases.ts";

/** Around the threads, and around groups of 256 losses. */
const COUNTS = [...Array.from({ length: 20 }, (_, i) => i + 1), 31, 33, 255, 257];
/** Short rows have kernels of their own; the others a tail, and more than one block. */
const CLASSES = [7, 1500];
const LIMITS = { tileElements: 2048, rowElements: 8192 };
const OPTIONS = { reduction: "mean", grad: true, labelSmoothing: 0.1 };

const most = Math.max(...COUNTS);
const inputs = CLASSES.map((classes) => ({
  classes,
  logits: new Random(classes).normals(most * classes, 3),
  targets: new Random(classes).indices(most, classes, 0.1),
}));
const sync = createEngine({ numerics: "strict" });

type Call = (...given: unknown[]) => unknown;

/** Each operation on the first rows, from an array and from a tensor. */
async function run(engine: Maker, rows: number): Promise<string[]> {
  const calls = engine as unknown as Record<string, Call>;
  const bits: string[] = [];
  for (const { classes, logits, targets } of inputs) {
    const data = logits.subarray(0, rows * classes);
    const tensor = engine.tensor([rows, classes]);
    tensor.data.set(data);
    for (const x of [{ data, shape: [rows, classes] }, tensor]) {
      const some = targets.subarray(0, rows);
      const results = [
        await calls["softmax"]!(x, { out: new Float32Array(data.length) }),
        await calls["logSumExp"]!(x, { out: new Float32Array(rows) }),
        await calls["crossEntropy"]!(x, some, { ...OPTIONS, grad: new Float32Array(data.length) }),
      ];
      bits.push(...results.map(bitsOf));
    }
    tensor.dispose();
  }
  return bits;
}

const expected = new Map<number, string[]>();

beforeAll(async () => {
  for (const rows of COUNTS) expected.set(rows, await run(sync, rows));
});

describe.each([2, 3, 4, 8])("%i threads", (threads) => {
  let engine: ParallelEngine;

  beforeAll(async () => {
    const tuning = { leastElements: 0, limits: LIMITS };
    engine = await startEngine({ threads, numerics: "strict" }, tuning);
  });

  afterAll(() => engine.dispose());

  test.each(COUNTS)("%i rows", async (rows) => {
    expect(await run(engine, rows)).toEqual(expected.get(rows));
  });
});

/** Every operation gives the bits of the synchronous engine, for any number of threads. */
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEngine } from "../../src/index.ts";
import type { ParallelEngine } from "../../src/parallel/index.ts";
import { startEngine } from "../../src/parallel/startEngine.ts";
import type { Tuning } from "../../src/parallel/startFrom.ts";
import { TILE_LIMITS } from "../../src/memory/workspace.ts";
import { bitsOf } from "./bits.ts";
import { CASES, type Arguments, type Maker } from "./cases.ts";

/** As in test/support/engine.ts: "auto" is `fma` where multiply-add is fused. */
const numerics = process.env["LOGITS_NUMERICS"] === "auto" ? "auto" : "strict";
const SMALL_TILES = { tileElements: 4096, rowElements: 8192 };

type Call = (...given: unknown[]) => unknown;

/** Runs a case; a result that lies in a tensor is read before the next call. */
async function run(
  engine: Maker,
  name: string,
  given: Arguments,
  made: Disposable[] = [],
): Promise<string> {
  const call = (engine as unknown as Record<string, Call>)[name]!;
  const result = await call(...given(engine));
  const bits = bitsOf(result);
  const results = Object.values(result as object).concat(result) as object[];
  const nested = results.flatMap((part) => Object.values(part ?? {}) as object[]); // grad.weight
  for (const part of [...results, ...nested] as Partial<Disposable>[]) {
    if (typeof part?.[Symbol.dispose] === "function") made.push(part as Disposable);
  }
  return bits;
}

const expected: Record<string, string[]> = {};

beforeAll(async () => {
  for (const [name, cases] of Object.entries(CASES)) {
    expected[name] = [];
    for (const given of cases) {
      const engine = createEngine({ numerics });
      expected[name].push(await run(engine, name, given));
      engine.dispose();
    }
  }
});

const ways: [threads: number, tiles: string, tuning: Partial<Tuning>][] = [
  [1, "usual tiles", { limits: TILE_LIMITS }],
  [2, "usual tiles", { limits: TILE_LIMITS }],
  [3, "small tiles", { limits: SMALL_TILES }],
  [4, "usual tiles", { limits: TILE_LIMITS }],
  [8, "small tiles", { limits: SMALL_TILES }],
  [3, "a caller that may not block", { limits: TILE_LIMITS, mayBlock: false }],
  [3, "workers alone", { limits: TILE_LIMITS, takesPart: false }],
  [3, "workers alone, small tiles", { limits: SMALL_TILES, takesPart: false }],
];

describe.each(ways)("%i threads, %s", (threads, _tiles, tuning) => {
  let engine: ParallelEngine;

  beforeAll(async () => {
    engine = await startEngine({ threads, numerics }, { leastElements: 0, ...tuning });
  });

  afterAll(() => engine.dispose());

  test("are at work", () => {
    expect(engine.threads).toBe(threads);
  });

  test.each(Object.entries(CASES))("%s: the same bits in each case", async (name, cases) => {
    const live = engine.memory.liveBytes;
    const got: string[] = [];
    for (const given of cases) {
      const made: Disposable[] = [];
      const maker: Maker = {
        ...engine,
        tensor: ((...shape: Parameters<ParallelEngine["tensor"]>) => {
          const tensor = engine.tensor(...shape);
          made.push(tensor);
          return tensor;
        }) as ParallelEngine["tensor"],
      };
      got.push(await run(maker, name, given, made));
      for (const tensor of made) tensor[Symbol.dispose]();
    }
    expect(got).toEqual(expected[name]);
    expect(engine.memory.liveBytes).toBe(live);
  });

  test("concurrent calls keep apart", async () => {
    const names = ["crossEntropy", "softmax", "logSumExp", "argmax"];
    const got = await Promise.all(
      names.flatMap((name) =>
        CASES[name as "softmax"].slice(0, 8).map((given) => run(engine, name, given)),
      ),
    );
    expect(got).toEqual(names.flatMap((name) => expected[name]!.slice(0, 8)));
  });
});

import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/createEngine.ts";
import { engineFactory } from "../../src/engine.ts";
import { LogitsError } from "../../src/errors.ts";
import type { SampleOptions } from "../../src/ops/sample.ts";
import { inlineModule } from "../../src/wasm/inline.ts";
import { score } from "../reference/index.ts";
import { gumbelNoise } from "../reference/noise.ts";
import { type SampleFilters, penalize, sampleDistribution } from "../reference/sample.ts";
import { expectClose, expectSameBits } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { logSoftmax as logProbBound } from "../support/tolerance.ts";

/** Written once; the test below them derives each from the definition of the noise. */
const GOLDEN = {
  plain: [33, 419, 165, 463, 22, 377, 42, 405],
  filtered: [16, 419, 165, 290, 22, 377, 42, 405],
  typical: [433, 66, 283, 346, 396, 36, 149, 187],
};

const engine = createEngine();
const strict = createEngine({ numerics: "strict" });
const small = engineFactory(inlineModule)(undefined, { tileElements: 64, rowElements: 128 });

/** `draws` rows of the same logits. */
function repeat(logits: ArrayLike<number>, draws: number): { data: Float32Array; shape: number[] } {
  const data = new Float32Array(draws * logits.length);
  for (let i = 0; i < draws; i++) data.set(Array.from(logits), i * logits.length);
  return { data, shape: [draws, logits.length] };
}

/** Draws again and again and compares with the reference: what is drawn, how often, log-probabilities. */
function expectDistribution(
  logits: Float32Array,
  options: SampleOptions,
  truth: Map<number, number>,
  draws = 4000,
): void {
  const got = engine.sample(repeat(logits, draws), { ...options, seed: 42 });
  const counts = new Map<number, number>();
  got.ids.forEach((id, i) => {
    counts.set(id, (counts.get(id) ?? 0) + 1);
    expect([...truth.keys()]).toContain(id);
    expectClose(got.processedLogprob[i]!, truth.get(id)!, logProbBound);
  });
  // χ² over tokens expected at least five times, the others joined; 5 deviations above its mean.
  let statistic = 0;
  let cells = 0;
  const rest = { seen: 0, expected: 0 };
  for (const [id, logProb] of truth) {
    const expected = draws * Math.exp(logProb);
    const seen = counts.get(id) ?? 0;
    if (expected < 5) {
      rest.seen += seen;
      rest.expected += expected;
    } else {
      statistic += (seen - expected) ** 2 / expected;
      cells++;
    }
  }
  if (rest.expected >= 5) {
    statistic += (rest.seen - rest.expected) ** 2 / rest.expected;
    cells++;
  }
  const freedom = Math.max(1, cells - 1);
  expect(statistic).toBeLessThan(freedom + 5 * Math.sqrt(2 * freedom));
  if (freedom > 20) expect(statistic).toBeGreaterThan(freedom - 5 * Math.sqrt(2 * freedom));
}

describe("sample: the distribution, χ² within 5 deviations", () => {
  const random = new Random(2);
  const logits = random.normals(40, 2);
  const ties = Float32Array.from({ length: 30 }, (_unused, i) => [2, 1, 1, 0, -1][i % 5]!);
  const filters: SampleFilters[] = [
    {},
    { temperature: 0.3 },
    { temperature: 5 },
    { topK: 1 },
    { topK: 7 },
    { topK: 40 },
    { topP: 0.5 },
    { topP: 0 },
    { topP: 0.999 },
    { minP: 0.1 },
    { minP: 1 },
    { typicalP: 0.6 },
    { typicalP: 0.2, temperature: 2 },
    { topK: 20, topP: 0.9, minP: 0.02, typicalP: 0.9, temperature: 1.5 },
  ];
  it.each(filters)("%j", (options) => {
    for (const z of [logits, ties]) expectDistribution(z, options, sampleDistribution(z, options));
  });

  it("a row of many blocks whose greatest logits the biases move: the top k of the changed row", () => {
    const x = new Random(8).normals(5000, 1);
    const logitBias: [number, number][] = [
      [x.indexOf(Math.max(...x)), -20],
      [1500, 20],
      [1700, 21],
      [1800, 22],
    ];
    const options = { topK: 3, temperature: 50, logitBias, seed: 3 };
    const drawn = new Set(engine.sample(repeat(x, 200), options).ids);
    expect([...drawn].sort()).toEqual([1500, 1700, 1800]);
  });

  it("1000 tokens", () => {
    const wide = new Random(3).normals(1000, 1);
    expectDistribution(wide, {}, sampleDistribution(wide), 50_000);
    const options = { topP: 0.8, temperature: 0.9 };
    expectDistribution(wide, options, sampleDistribution(wide, options), 20_000);
  });

  it("penalties, bias, allowed and banned ids", () => {
    const seen = { promptIds: [0, 1, 2, 2], outputIds: [2, 3, 3, 4] };
    const penalties = {
      repetitionPenalty: 1.25,
      frequencyPenalty: 0.5,
      presencePenalty: 0.25,
      ...seen,
    };
    const draws = 4000;
    const options = {
      ...penalties,
      promptIds: Array.from({ length: draws }, () => seen.promptIds),
      outputIds: Array.from({ length: draws }, () => seen.outputIds),
    };
    const changed = Float32Array.from(penalize(logits, penalties));
    expectDistribution(logits, options, sampleDistribution(changed), draws);
    const biased = logits.map((z, id) =>
      ![1, 2, 5, 6, 7].includes(id) || id === 6 ? -Infinity : id === 5 ? z + 2 : z,
    );
    const rules = { allowedIds: [1, 2, 5, 6, 7], bannedIds: [6], logitBias: new Map([[5, 2]]) };
    expectDistribution(logits, rules, sampleDistribution(biased));
  });
});

describe("sample: keyed by seed, row, step and token", () => {
  const random = new Random(4);
  const logits = random.normals(300 * 100, 2);
  const shape = [300, 100];
  const options = { topP: 0.95, temperature: 0.8, seed: 11, step: 3 };

  // Uniform logits come from integers alone: the same in every runtime.
  const x = new Random(5).uniforms(8 * 500, -8, 8);
  const settings: [SampleOptions, readonly number[]][] = [
    [{ seed: 1 }, GOLDEN.plain],
    [{ seed: 1, topK: 50, topP: 0.95, temperature: 6 }, GOLDEN.filtered],
    [{ seed: 2 ** 53 - 99, step: 12345, row: 99, typicalP: 0.7, minP: 0.01 }, GOLDEN.typical],
  ];

  it.each(settings)("goldens: the same ids in every build and runtime, %j", (given, golden) => {
    for (const e of [engine, strict]) {
      expect(Array.from(e.sample({ data: x, shape: [8, 500] }, given).ids)).toEqual(golden);
    }
  });

  it.each(settings)("the token with the greatest x + g, %j", (given) => {
    const { seed, row = 0, step = 0 } = given as Record<string, number>;
    const ids = engine.sample({ data: x, shape: [8, 500] }, given).ids;
    ids.forEach((id, r) => {
      const kept = sampleDistribution(x.subarray(r * 500, r * 500 + 500), given as SampleFilters);
      const values = [...kept].map(([token, logProb]) => ({
        token,
        value: logProb + gumbelNoise(seed!, row + r, step, token),
      }));
      expect(values.toSorted((p, q) => q.value - p.value)[0]!.token).toBe(id);
    });
  });

  it("any batch, tile or form of the logits gives the same", () => {
    const whole = engine.sample({ data: logits, shape }, options);
    const tiled = small.sample({ data: logits, shape }, options);
    expectSameBits(tiled.ids, whole.ids);
    expectSameBits(tiled.processedLogprob, whole.processedLogprob);
    const tensor = engine.tensor(shape);
    tensor.data.set(logits);
    expectSameBits(engine.sample(tensor, options).ids, whole.ids);
    expectSameBits(tensor.data, logits);
    for (let row = 0; row < 300; row += 23) {
      const one = engine.sample(logits.subarray(row * 100, (row + 1) * 100), { ...options, row });
      expect(one.ids[0]).toBe(whole.ids[row]);
    }
    const reversed = Array.from({ length: 300 }, (_unused, i) => 299 - i);
    const turned = Float32Array.from(
      reversed.flatMap((r) => [...logits.subarray(r * 100, r * 100 + 100)]),
    );
    const back = engine.sample({ data: turned, shape }, { ...options, row: reversed });
    expect(Array.from(back.ids)).toEqual(reversed.map((r) => whole.ids[r]));
  });

  it("another seed, step or row draws otherwise", () => {
    const base = engine.sample({ data: logits, shape }, options).ids;
    for (const other of [{ seed: 12 }, { step: 4 }, { row: 1 }, { seed: 11 + 2 ** 32 }]) {
      const ids = engine.sample({ data: logits, shape }, { ...options, ...other }).ids;
      const same = ids.filter((id, i) => id === base[i]).length;
      expect(same).toBeLessThan(150);
    }
  });
});

describe("sample: values and extremes", () => {
  it("temperature 0 is greedy whatever the filters; the lowest id wins ties", () => {
    const got = engine.sample(
      [
        [1, 9, 9, 8],
        [-5, -4, -9, -4],
      ],
      { temperature: 0, topP: 0.1 },
    );
    expect([...got.ids, ...got.processedLogprob]).toEqual([1, 1, 0, 0]);
    const x = new Random(9).normals(32000);
    expect(engine.sample(x, { temperature: 1e-30 }).ids[0]).toBe(engine.argmax(x).data[0]);
  });

  it("rawLogprob is of the logits as they came", () => {
    const x = new Random(10).normals(20 * 5000, 3);
    const got = engine.sample(
      { data: x, shape: [20, 5000] },
      { temperature: 0.5, topK: 30, logitBias: [[7, 100]] },
    );
    expect([...got.ids]).toEqual(Array.from({ length: 20 }, () => 7));
    const truth = score(x, [20, 5000], got.ids).map((row) => row.targetLogprob);
    expectClose(got.rawLogprob, truth, logProbBound);
  });

  it("−∞ is never drawn, nor what is masked", () => {
    const x = new Float32Array(200).fill(-Infinity);
    x[77] = -50;
    x[78] = -51;
    const ids = new Set(engine.sample(repeat(x, 500), { temperature: 3 }).ids);
    expect([...ids].toSorted()).toEqual([77, 78]);
    const banned = engine.sample(repeat(x, 50), { bannedIds: [77] }).ids;
    expect(new Set(banned)).toEqual(new Set([78]));
  });

  it("extreme logits and temperatures", () => {
    const x = [[3.4e38, -3.4e38, 3.4e38, 0]];
    for (const temperature of [1e-300, 1e-6, 1, 1e30]) {
      expect([0, 2]).toContain(engine.sample(x, { temperature, topP: 0.4 }).ids[0]);
    }
    expect(engine.sample([[5]], { topK: 1 }).processedLogprob[0]).toBe(0);
    expect(engine.sample({ data: new Float32Array(0), shape: [0, 3] }).ids.length).toBe(0);
  });
});

describe("sample: errors", () => {
  const said = (logits: unknown, options?: unknown): string => {
    try {
      engine.sample(logits as never, options as never);
    } catch (error) {
      if (error instanceof LogitsError) return `${error.code} ${error.message} @${error.index}`;
      throw error;
    }
    return expect.fail("no error");
  };

  it("says what is wrong", () => {
    const x = [
      [1, 2],
      [3, 4],
    ];
    expect(
      said([
        [1, 2],
        [NaN, 0],
      ]),
    ).toBe(
      "ERR_ARGUMENT_VALUE sample: logits row 1 must leave a token to draw, got a row with NaN or +∞ @1",
    );
    expect(said(x, { bannedIds: [0, 1] })).toMatch(/row 0 must leave a token.*−∞ only @0$/);
    expect(said([[1, Infinity]])).toMatch(/NaN or \+∞/);
    for (const options of [
      { temperature: -1 },
      { temperature: NaN },
      { topK: -1 },
      { topK: 1.5 },
      { topP: 1.1 },
      { topP: NaN },
      { minP: -0.1 },
      { typicalP: 2 },
      { repetitionPenalty: 0 },
      { seed: 0.5 },
      { seed: -1 },
      { seed: [1, -2] },
      { bannedIds: [2] },
      { allowedIds: [-1] },
      { logitBias: [[0, NaN]] },
      { outputIds: [[0], [2]] },
    ]) {
      expect([options, said(x, options)]).toEqual([
        options,
        expect.stringMatching(/^ERR_ARGUMENT_VALUE sample: /),
      ]);
    }
    expect(said(x, { seed: [1] })).toMatch(/^ERR_SHAPE sample: seed must be/);
    expect(said(x, { promptIds: [0] })).toMatch(/^ERR_SHAPE sample: promptIds must hold/);
    expect(said(x, { logitBias: { 0: 1 } })).toMatch(/^ERR_ARGUMENT_TYPE sample: logitBias/);
    expect(said(x, { top_p: 1 })).toMatch(/did you mean topP/);
  });
});

import { assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/createEngine.ts";
import { engineFactory } from "../../src/engine.ts";
import { LogitsError } from "../../src/errors.ts";
import {
  SCORE_FLAGS,
  type ScoreColumns,
  type TargetColumns,
} from "../../src/inputs/scoreColumns.ts";
import type { TopKScores } from "../../src/ops/score.ts";
import { inlineModule } from "../../src/wasm/inline.ts";
import { score as reference, topK as topKReference } from "../reference/index.ts";
import { LENGTHS, SEGMENT_LENGTHS, VOCABULARIES } from "../support/lengths.ts";
import { expectClose, expectSameBits } from "../support/matchers.ts";
import { Random, SPECIALS } from "../support/random.ts";
import { transpose } from "../support/variants.ts";
import {
  adjusted,
  crossEntropyConfident,
  logSoftmax as logProbBound,
  logSumExp as logSumExpBound,
  scoreEntropy,
  scoreMargin,
} from "../support/tolerance.ts";

const INF = Infinity;
const engine = createEngine();
/** Tiles of one row or two, and rows above 2048 in segments of 1024. */
const segments = engineFactory(inlineModule)(undefined, { tileElements: 1024, rowElements: 2048 });

type Columns = ScoreColumns & TargetColumns & { readonly topK: TopKScores | undefined };

/** Compares every column with the float64 reference. */
function expectScore(
  got: Columns,
  x: ArrayLike<number>,
  shape: readonly number[],
  targets: ArrayLike<number>,
  options: Parameters<typeof reference>[3] = {},
  slack = 0,
): void {
  const truth = reference(x, shape, targets, options);
  const column = (name: keyof (typeof truth)[0]): number[] =>
    truth.map((row) => row[name] as number);
  const context = `shape [${shape.join(", ")}]`;
  const loose = (bound: typeof scoreEntropy): typeof scoreEntropy =>
    slack > 0 ? adjusted(bound, slack) : bound;
  expectClose(got.logSumExp, column("logSumExp"), loose(logSumExpBound), { context });
  expectClose(got.max, column("max"), loose(scoreMargin), { context });
  expect(Array.from(got.argmax)).toEqual(column("argmax"));
  expectClose(got.targetLogprob, column("targetLogprob"), loose(logProbBound), { context });
  expect(Array.from(got.rank)).toEqual(column("rank"));
  expectClose(got.entropy, column("entropy"), loose(scoreEntropy), { context });
  expectClose(got.margin, column("margin"), loose(scoreMargin), { context });
  expect(Array.from(got.flags)).toEqual(column("flags"));
}

function expectTopK(got: Columns, x: Float32Array, shape: readonly number[], k: number): void {
  const rows = reference(x, shape, null);
  const best = topKReference(x, shape, k);
  expect(got.topK?.indices.shape).toEqual([rows.length, k]);
  expectSameBits(got.topK!.indices.data, best.indices);
  const truth = Array.from(best.indices, (j, i) => rows[Math.floor(i / k)]!.logProbs[j]!);
  expectClose(got.topK!.values.data, truth, logProbBound);
}

describe("score: values", () => {
  it("worked rows", () => {
    const rows = [
      [0.5, 1.5, 0.1],
      [2.2, 1.3, 1.7],
    ];
    const got = engine.score(rows, [1, 2], { topK: 2 });
    expect([...got.rank, ...got.argmax]).toEqual([0, 1, 1, 0]);
    expectSameBits(got.margin, [1, Math.fround(Math.fround(2.2) - Math.fround(1.7))]);
    expect([...got.topK.indices.data]).toEqual([1, 0, 0, 2]);
    expectScore(got, Float32Array.from(rows.flat()), [2, 3], [1, 2]);
  });

  it("without targets there are no columns about them", () => {
    const got = engine.score([[1, 2]], null);
    expect(Object.keys(got).sort()).toEqual(
      ["argmax", "entropy", "flags", "logSumExp", "margin", "max", "topK"].sort(),
    );
    expect(got.topK).toBeUndefined();
  });

  it("entropy of a one-hot row is exactly 0, of a uniform row ln C", () => {
    const hot = new Float32Array(3000).fill(-INF);
    hot[1777] = 4;
    expect(engine.score(hot, null).entropy[0]).toBe(0);
    for (const classes of [1, 2, 7, 1000, 32000]) {
      const flat = new Float32Array(classes).fill(0.7);
      expectClose(engine.score(flat, null).entropy, [Math.log(classes)], scoreEntropy);
    }
  });

  it("ties share the lower rank, −0 ties with 0", () => {
    const { rank } = engine.score(
      [
        [1, 3, 3, 0],
        [-0, 0, -1, 0],
        [5, 5, 5, 5],
      ],
      [2, 3, 3],
    );
    expect([...rank]).toEqual([0, 0, 0]);
    expect([...engine.score([[1, 3, 3, 0]], [0]).rank]).toEqual([2]);
  });
});

describe(`score: reference, entropy ${scoreEntropy.name}`, () => {
  it.each([0, 300, -1000, 1900, 1e5])("offset %d", (offset) => {
    const random = new Random(3);
    for (const deviation of [0.1, 3, 30]) {
      const x = random.normals(40 * 77, deviation, offset);
      const y = random.indices(40, 77, 0.1);
      expectScore(engine.score({ data: x, shape: [40, 77] }, y), x, [40, 77], y);
    }
  });

  it.each(VOCABULARIES)("C = %d with the 20 most likely", (classes) => {
    const random = new Random(classes);
    const peak = random.normals(classes);
    peak[classes >> 1]! += 18;
    for (const x of [random.normals(classes, 3), random.normals(classes, 10, -900), peak]) {
      const y = [random.integer(classes)];
      const got = engine.score(x, y, { topK: 20 });
      expectScore(got, x, [classes], y);
      expectTopK(got, x, [classes], 20);
    }
  });

  it("confident rows: targetLogprob to 1e-6 relative", () => {
    for (let gap = 5; gap <= 80; gap += 5) {
      const truth = -Math.log1p(2 * Math.exp(-gap));
      const { targetLogprob, entropy } = engine.score([gap, 0, 0], [0]);
      expectClose(targetLogprob, [truth], crossEntropyConfident);
      expectClose(entropy, [reference([gap, 0, 0], [3], [0])[0]!.entropy], scoreEntropy);
    }
  });
});

describe("score: lengths", () => {
  it.each([...LENGTHS, ...SEGMENT_LENGTHS])("C = %d, in rows and in segments", (classes) => {
    const random = new Random(classes);
    const x = random.normals(3 * classes, 4);
    const y = random.indices(3, classes);
    const k = Math.min(classes, 1 + random.integer(40));
    const logits = { data: x, shape: [3, classes] };
    const whole = engine.score(logits, y, { topK: k });
    expectScore(whole, x, [3, classes], y);
    expectTopK(whole, x, [3, classes], k);
    const cut = segments.score(logits, y, { topK: k });
    for (const name of Object.keys(whole) as (keyof Columns)[]) {
      if (name !== "topK") expectSameBits(cut[name] as Float32Array, whole[name] as Float32Array);
    }
    expectSameBits(cut.topK.values.data, whole.topK.values.data);
    expectSameBits(cut.topK.indices.data, whole.topK.indices.data);
  });
});

describe("score: extremes", () => {
  it("NaN, infinities, masked rows and their flags", () => {
    const { nan, positiveInfinity: up, negativeInfinity: down, allMasked } = SCORE_FLAGS;
    const x = [
      [NaN, 1, 2],
      [INF, 1, INF],
      [-INF, -INF, -INF],
      [1, -INF, 5],
      [NaN, INF, -INF],
      [INF, NaN, 0],
    ];
    const y = [0, 1, 1, 1, 2, 2];
    const got = engine.score(x, y);
    expect([...got.flags]).toEqual([nan, up, down + allMasked, down, nan + up + down, nan + up]);
    expect([...got.rank]).toEqual([0, 2, 0, 2, 2, 2]);
    expect([...got.argmax]).toEqual([0, 0, 0, 2, 0, 1]);
    expect(got.targetLogprob[3]).toBe(-INF);
    expect(Array.from(got.logSumExp.slice(0, 3))).toEqual([NaN, INF, -INF]);
    expectScore(got, Float32Array.from(x.flat()), [6, 3], y);
  });

  it("equal logits in many blocks: the lower classes, as in topK", () => {
    const data = new Random(5).normals(8 * 1024 + 13, 2).map((v) => Math.round(v * 2) / 2);
    const row = { data, shape: [1, data.length] };
    for (const from of [data.length, 3000, 3]) {
      data.fill(-Infinity, from);
      for (const k of [1, 5, 8]) {
        const { indices } = engine.score(row, null, { topK: k }).topK;
        expectSameBits(indices.data, engine.topK(row, k).indices.data);
      }
    }
  });

  it("NaN at class 0 leads the top k, as in topK", () => {
    expect([...engine.topK([NaN, 1, 2], 2).indices.data]).toEqual([0, 2]);
    expect([...engine.score([NaN, 1, 2], null, { topK: 2 }).topK.indices.data]).toEqual([0, 2]);
  });

  it("any mixture of specials, in every place of long rows", () => {
    assert(
      property(integer(), integer({ min: 1, max: 4000 }), (seed, classes) => {
        const random = new Random(seed);
        const x = random.withSpecials(classes, random.pick([0.001, 0.3]), SPECIALS);
        const y = [random.integer(classes)];
        const k = Math.min(classes, random.integer(30));
        for (const e of [engine, segments]) {
          const got = e.score(x, y, { topK: k });
          const truth = reference(x, [classes], y)[0]!;
          expect(got.flags[0]).toBe(truth.flags);
          expect(got.rank[0]).toBe(truth.rank);
          expect(got.argmax[0]).toBe(truth.argmax);
          expectClose(got.logSumExp, [truth.logSumExp], logSumExpBound);
          const best = topKReference(x, [classes], k).indices;
          expectSameBits(got.topK.indices.data, best);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("the only finite logit anywhere: loss 0, entropy 0", () => {
    for (const classes of [5, 33, 1030, 2100]) {
      for (let at = 0; at < classes; at += 97) {
        const x = new Float32Array(classes).fill(-INF);
        x[at] = -3;
        for (const e of [engine, segments]) {
          const got = e.score(x, [at], { topK: 1 });
          expectSameBits(got.targetLogprob, [0]);
          expectSameBits(got.entropy, [0]);
          expect([got.margin[0], got.topK.indices.data[0]]).toEqual([INF, at]);
        }
      }
    }
  });

  it("an ignored row has no target, and does not touch others", () => {
    const got = engine.score(
      [
        [NaN, 1],
        [0, 1],
      ],
      [-100, 1],
    );
    expect([got.targetLogprob[0], got.rank[0], got.rank[1]]).toEqual([NaN, -1, 0]);
    expectScore(got, [NaN, 1, 0, 1], [2, 2], [-100, 1]);
    expect([
      ...engine.score(
        [
          [0, 1],
          [0, 1],
        ],
        [0, 1],
        { ignoreIndex: [0, 7] },
      ).rank,
    ]).toEqual([-1, 0]);
  });

  it("floor raises log-probabilities below it, and no others", () => {
    const x = [[0, -INF, -20000, 3]];
    const got = engine.score(x, [1], { topK: 4, floor: -9999 });
    expect(got.targetLogprob[0]).toBe(-9999);
    expect(Array.from(got.topK.values.data.slice(2))).toEqual([-9999, -9999]);
    expect(JSON.stringify([...got.topK.values.data])).not.toContain("null");
    expect(engine.score(x, [0], { floor: -9999 }).targetLogprob[0]).toBeCloseTo(-3.0486, 4);
  });
});

describe("score: identities", () => {
  it("any split of rows gives the same bits", () => {
    const random = new Random(5);
    const x = random.normals(50 * 1500, 3);
    const y = random.indices(50, 1500);
    const whole = engine.score({ data: x, shape: [50, 1500] }, y);
    for (let row = 0; row < 50; row += 7) {
      const one = engine.score(x.subarray(row * 1500, (row + 1) * 1500), [y[row]!]);
      expectSameBits(one.entropy, whole.entropy.slice(row, row + 1));
      expectSameBits(one.targetLogprob, whole.targetLogprob.slice(row, row + 1));
    }
  });

  it("Tensors, float64, float16, bfloat16 and other axes agree with dense float32", () => {
    const random = new Random(6);
    const x = random.normals(4 * 6 * 5).map((v) => Math.fround(Math.round(v * 8) / 8));
    const shape = [4, 6, 5];
    const y = random.indices(20, 6);
    const dense = engine.score({ data: x, shape }, y, { axis: 1, topK: 3 });
    expectScore(dense, x, shape, y, { axis: 1 });
    const tensor = engine.tensor(shape);
    tensor.data.set(x);
    const half = engine.tensor(shape, "bfloat16");
    const bits = new Uint32Array(x.buffer);
    half.data.set(Uint16Array.from(bits, (b) => b >>> 16));
    for (const logits of [tensor, { data: Float64Array.from(x), shape }, half]) {
      const got = engine.score(logits, y, { axis: 1, topK: 3 });
      for (const name of ["entropy", "targetLogprob", "margin", "rank", "flags"] as const) {
        expectSameBits(got[name], dense[name]);
      }
      expectSameBits(got.topK.values.data, dense.topK.values.data);
    }
  });

  it("temperature: as of logits divided by it", () => {
    const random = new Random(8);
    const x = random.normals(5 * 3000, 3);
    const y = random.indices(5, 3000);
    const logits = { data: x, shape: [5, 3000] };
    for (const e of [engine, segments]) {
      const got = e.score(logits, y, { temperature: 0.5 });
      expectScore(got, x, [5, 3000], y, { temperature: 0.5 });
      const odd = e.score(logits, y, { temperature: 1.7 });
      expectScore(odd, x, [5, 3000], y, { temperature: Math.fround(1.7) }, 12);
    }
  });
});

describe("score: errors and memory", () => {
  const failing = (call: () => unknown): LogitsError => {
    try {
      call();
    } catch (error) {
      if (error instanceof LogitsError) return error;
      throw error;
    }
    return expect.fail("no error");
  };

  it("says what is wrong", () => {
    const x = { data: new Float32Array(6), shape: [2, 3] };
    const said = (call: () => unknown): string => {
      const { code, message } = failing(call);
      return `${code} ${message}`;
    };
    expect(said(() => engine.score(x, [0, 3]))).toBe(
      "ERR_TARGET_RANGE score: targets[1] must be in [0, 3) or ignoreIndex (-100), got 3",
    );
    expect(said(() => engine.score(x, [0]))).toMatch(/^ERR_SHAPE score: targets\.length/);
    expect(said(() => engine.score(x, [[0.1, 0.2, 0.7]] as never))).toBe(
      "ERR_ARGUMENT_TYPE score: targets must be class indices, one per row, or null, got an array of length 1",
    );
    expect(said(() => engine.score(x, null, { topK: 4 }))).toBe(
      "ERR_ARGUMENT_VALUE score: topK must be an integer in [0, 3], got 4",
    );
    expect(said(() => engine.score(x, null, { temperature: 0 }))).toMatch(/^ERR_ARGUMENT_VALUE/);
    expect(said(() => engine.score(x, null, { top: 1 } as never))).toMatch(/did you mean topK/);
    expect(said(() => engine.score(x, null, { out: { rank: new Int32Array(2) } }))).toMatch(/rank/);
    expect(said(() => engine.score(x, null, { out: { max: new Float32Array(1) } }))).toMatch(
      /^ERR_SHAPE score: out\.max must be a Float32Array/,
    );
    expect(said(() => engine.score({ data: new Float32Array(0), shape: [2, 0] }, null))).toMatch(
      /^ERR_SHAPE/,
    );
  });

  it("writes into the caller's arrays, and nothing on an error", () => {
    const out = { entropy: new Float32Array(3).fill(7), rank: new Int32Array(2).fill(7) };
    const x = [
      [0, 0],
      [1, 3],
    ];
    expect(() => engine.score(x, [0, 2], { out })).toThrow(LogitsError);
    expect([...out.entropy, ...out.rank]).toEqual([7, 7, 7, 7, 7]);
    const got = engine.score(x, [0, 0], { out });
    expect(got.entropy).toBe(out.entropy);
    expect(got.rank).toBe(out.rank);
    expect([...out.rank]).toEqual([0, 1]);
    expect(out.entropy[2]).toBe(7);
  });

  it("no rows, and no memory kept", () => {
    const empty = engine.score({ data: new Float32Array(0), shape: [0, 4] }, [], { topK: 2 });
    expect([empty.rank.length, ...empty.topK.values.shape]).toEqual([0, 0, 2]);
    engine.score(new Random(1).normals(5000), [3], { topK: 9 });
    const { heldBytes } = engine.memory;
    for (let i = 0; i < 20; i++) engine.score(new Random(1).normals(5000), [3], { topK: 9 });
    expect(engine.memory.heldBytes).toBe(heldBytes);
  });
});

describe("score: a class mask", () => {
  it("classes left out are as −∞, in tiles, segments, tensors and along another axis", () => {
    for (const classes of [7, 66, 3000]) {
      const x = new Random(classes).normals(4 * classes, 3);
      const classMask = Array.from({ length: classes }, (_unused, c) => c % 3 !== 1);
      const masked = x.map((z, i) => (classMask[i % classes]! ? z : -Infinity));
      const y = [0, 2, 3, -100];
      const whole = engine.score({ data: masked, shape: [4, classes] }, y, { topK: 3 });
      for (const on of [engine, segments]) {
        const given = { topK: 3, classMask };
        expect(on.score({ data: x, shape: [4, classes] }, y, given)).toEqual(whole);
        on.scope(() => {
          const tensor = on.tensor([4, classes]);
          tensor.data.set(x);
          expect(on.score(tensor, y, given)).toEqual(whole);
          expect(Array.from(tensor.data)).toEqual(Array.from(x));
        });
        const turned = transpose(x, 4, classes);
        const logits = { data: turned, shape: [classes, 4] };
        expect(on.score(logits, y, { ...given, axis: 0 })).toEqual(whole);
      }
    }
  });

  it("refuses a target that is left out, and masks of another length", () => {
    expect(() => engine.score([[1, 2, 3]], [1], { classMask: [1, 0, 1] })).toThrow(
      "score: targets[0]",
    );
    expect(() => engine.score([[1, 2, 3]], [0], { classMask: [1, 0] })).toThrow(
      "score: classMask.length must be the number of classes = 3, got 2",
    );
    expect(engine.score([[1, NaN, 3]], null, { classMask: [1, 0, 1] }).flags[0]).toBe(4);
  });
});

import { assert, array, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/createEngine.ts";
import { engineFactory } from "../../src/engine.ts";
import { LogitsError } from "../../src/errors.ts";
import { Evaluator } from "../../src/evaluate/evaluator.ts";
import type { EvaluatorOptions } from "../../src/evaluate/evaluatorOptions.ts";
import { inlineModule } from "../../src/wasm/inline.ts";
import { score } from "../reference/index.ts";
import { auroc, calibrationErrors, meanLoss, placeOf } from "../reference/metrics.ts";
import { sum } from "../reference/sum.ts";
import { expectClose } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { metricMean } from "../support/tolerance.ts";

const INF = Infinity;
const engine = createEngine();
const small = engineFactory(inlineModule)(undefined, { tileElements: 1024, rowElements: 2048 });

/** Logits in steps of 1/4, so that there are ties. */
function makeRows(seed: number, rows: number, classes: number): { x: Float32Array; y: Int32Array } {
  const random = new Random(seed);
  const x = random.normals(rows * classes, 2).map((v) => Math.round(v * 4) / 4);
  return { x, y: random.indices(rows, classes, 0.1) };
}

function evaluate(
  x: Float32Array,
  y: Int32Array,
  options: EvaluatorOptions,
  by = engine,
): ReturnType<Evaluator["result"]> {
  const evaluator = new Evaluator(by, options);
  return evaluator.update({ data: x, shape: [y.length, options.classes] }, y).result();
}

describe(`Evaluator: reference, means ${metricMean.name}`, () => {
  it.each([
    [200, 10],
    [300, 3],
    [60, 257],
    [12, 3000],
  ])("%d rows of %d classes", (rows, classes) => {
    const { x, y } = makeRows(classes, rows, classes);
    const topK = [1, 2, Math.min(5, classes)];
    const all = score(x, [rows, classes], y);
    const kept = all.filter((row) => row.rank >= 0);
    const labels = Array.from(y).filter((label) => label >= 0);
    for (const by of [engine, small]) {
      const got = evaluate(x, y, { classes, topK, confusion: true, hardest: 7 }, by);
      expect([got.count, got.undefinedRows]).toEqual([kept.length, 0]);
      expectClose(got.loss, meanLoss(kept), metricMean);
      expectClose(got.perplexity, Math.exp(meanLoss(kept)), metricMean);
      expectClose(got.brier, sum(kept.map((row) => row.brier)) / kept.length, metricMean);
      const right = kept.map((row, i) => row.argmax === labels[i]);
      expect(got.accuracy).toBe(right.filter(Boolean).length / kept.length);
      for (const k of topK) {
        const inside = kept.filter((row, i) => placeOf(row.logProbs, labels[i]!) < k);
        expect(got.topKAccuracy[k]).toBe(inside.length / kept.length);
      }
      got.confusion!.forEach((line, target) =>
        line.forEach((count, prediction) => {
          const truth = kept.filter((row, i) => labels[i] === target && row.argmax === prediction);
          if (count !== truth.length) expect([target, prediction, count]).toBe(truth.length);
        }),
      );
      got.perClass.forEach(({ support, predicted, precision, recall, f1 }, c) => {
        const hits = kept.filter((row, i) => labels[i] === c && row.argmax === c).length;
        expect(support).toBe(labels.filter((label) => label === c).length);
        expect(predicted).toBe(kept.filter((row) => row.argmax === c).length);
        expect([precision, recall]).toEqual([hits / predicted, hits / support]);
        if (hits > 0) expect(f1).toBeCloseTo((2 * precision * recall) / (precision + recall), 12);
      });
      const hardest = all
        .map((row, i) => ({ row: i, loss: -row.targetLogprob }))
        .filter(({ row }) => y[row]! >= 0)
        .toSorted((a, b) => b.loss - a.loss || a.row - b.row);
      expectClose(
        got.hardest.map(({ loss }) => loss),
        hardest.slice(0, 7).map(({ loss }) => loss),
        metricMean,
      );
      for (const entry of got.hardest) {
        expect([entry.target, entry.prediction]).toEqual([y[entry.row], all[entry.row]!.argmax]);
        expect(entry.margin).toBe(Math.fround(all[entry.row]!.margin));
      }
    }
  });

  it.each(["high", "low", "lowAndOne"] as const)("ECE and MCE, edges %s", (edges) => {
    const { x, y } = makeRows(5, 400, 4);
    const kept = score(x, [400, 4], y).map((row, i) => ({ ...row, right: row.argmax === y[i] }));
    const rows = kept.filter((row) => row.rank >= 0);
    for (const bins of [1, 10, 15]) {
      const got = evaluate(x, y, { classes: 4, bins, edges });
      const truth = calibrationErrors(rows, bins, edges);
      expectClose([got.ece, got.mce], [truth.ece, truth.mce], metricMean);
      expect(sum(got.bins.map(({ count }) => count))).toBe(rows.length);
      expect(got.bins.length).toBe(edges === "lowAndOne" ? bins + 1 : bins);
    }
  });

  it("a confidence on an edge, and of exactly 1", () => {
    // Two classes at equal logits: confidence 1/2 exactly; one class at −∞: 1 exactly.
    const x = Float32Array.of(0, 0, 3, -INF);
    const counts = (edges: "high" | "low" | "lowAndOne"): number[] =>
      evaluate(x, Int32Array.of(0, 0), { classes: 2, bins: 2, edges }).bins.map((b) => b.count);
    expect(counts("high")).toEqual([1, 1]);
    expect(counts("low")).toEqual([0, 2]);
    expect(counts("lowAndOne")).toEqual([0, 1, 1]);
  });

  it("ACE: groups of equal size, to the width of its steps", () => {
    const { x, y } = makeRows(9, 3000, 5);
    const rows = score(x, [3000, 5], y)
      .map((row, i) => ({ confidence: row.confidence, right: row.argmax === y[i], rank: row.rank }))
      .filter(({ rank }) => rank >= 0)
      .toSorted((a, b) => b.confidence - a.confidence);
    const size = rows.length / 10;
    let truth = 0;
    for (let g = 0; g < 10; g++) {
      const group = rows.slice(Math.round(g * size), Math.round((g + 1) * size));
      const gap = sum(group.map(({ confidence, right }) => Number(right) - confidence));
      truth += Math.abs(gap) / rows.length;
    }
    expect(Math.abs(evaluate(x, y, { classes: 5, bins: 10 }).ace - truth)).toBeLessThan(0.01);
  });

  it("one-vs-rest AUROC within its stated resolution", () => {
    const { x, y } = makeRows(11, 500, 3);
    const rows = score(x, [500, 3], y);
    const kept = rows.map((row, i) => ({ row, label: y[i]! })).filter(({ label }) => label >= 0);
    const got = evaluate(x, y, { classes: 3, auroc: true }).auroc!;
    expect(got.resolution).toBeLessThan(0.005);
    for (let c = 0; c < 3; c++) {
      const truth = auroc(
        kept.map(({ row }) => row.logProbs[c]!),
        kept.map(({ label }) => label === c),
      );
      expect(Math.abs(got.perClass[c]! - truth)).toBeLessThanOrEqual(got.resolution + 1e-12);
    }
    const perfect = evaluate(Float32Array.of(5, 0, 0, 5), Int32Array.of(0, 1), {
      classes: 2,
      auroc: true,
    });
    expect(perfect.auroc).toEqual({ perClass: [1, 1], mean: 1, resolution: 0 });
  });
});

describe("Evaluator: streaming and merging", () => {
  const options = { classes: 6, topK: [1, 3], auroc: true, hardest: 20 };
  const { x, y } = makeRows(21, 500, 6);
  const block = (from: number, to: number): { data: Float32Array; shape: number[] } => ({
    data: x.subarray(from * 6, to * 6),
    shape: [to - from, 6],
  });
  const whole = new Evaluator(engine, options).update(block(0, 500), y).result();

  it("any split over calls and evaluators, merged in any order, gives the same result", () => {
    assert(
      property(array(integer({ min: 1, max: 499 }), { maxLength: 8 }), integer(), (cuts, seed) => {
        const ends = [...new Set([0, ...cuts, 500])].toSorted((a, b) => a - b);
        const random = new Random(seed);
        const parts = ends.slice(1).map((to, i) => {
          const from = ends[i]!;
          const part = new Evaluator(random.pick([engine, small]), options);
          part.update(block(from, to), y.subarray(from, to), { firstRow: from });
          const sent = JSON.parse(JSON.stringify(part));
          return random.uniform() < 0.5 ? part : Evaluator.fromJSON(engine, sent);
        });
        const merged = new Evaluator(engine, options);
        for (const part of parts.toSorted(() => random.uniform() - 0.5)) merged.merge(part);
        expect(merged.result()).toEqual(whole);
      }),
      { numRuns: 15 },
    );
  });

  it("update continues the numbering of rows; merge leaves the other alone", () => {
    const twice = new Evaluator(engine, options);
    twice.update(block(0, 200), y.subarray(0, 200)).update(block(200, 500), y.subarray(200));
    expect(twice.result()).toEqual(whole);
    const before = JSON.stringify(twice);
    new Evaluator(engine, options).merge(twice).merge(twice);
    expect(JSON.stringify(twice)).toBe(before);
  });

  it("non-finite losses survive JSON", () => {
    const part = new Evaluator(engine, { classes: 2, hardest: 3 });
    part.update(
      [
        [NaN, 1],
        [0, -INF],
        [1, 1],
      ],
      [0, 1, 0],
    );
    const back = Evaluator.fromJSON(engine, JSON.parse(JSON.stringify(part)));
    expect(back.result()).toEqual(part.result());
    expect(back.result().hardest.map(({ loss }) => loss)).toEqual([
      NaN,
      INF,
      part.result().hardest[2]!.loss,
    ]);
    expect(part.result()).toMatchObject({ loss: NaN, count: 3, undefinedRows: 1 });
  });
});

describe("Evaluator: what is left out", () => {
  it("ignored rows touch nothing, even with NaN; several ignored labels", () => {
    const clean = evaluate(Float32Array.of(1, 2, 3, 0), Int32Array.of(0, 1), { classes: 2 });
    const x = Float32Array.of(NaN, INF, 1, 2, -INF, -INF, 3, 0);
    const options = { classes: 2, ignoreIndex: [-1, -2], hardest: 0 };
    expect(evaluate(x, Int32Array.of(-1, 0, -2, 1), options)).toEqual(clean);
  });

  it("classes that are not allowed are as −∞", () => {
    const { x, y } = makeRows(31, 50, 6);
    const some = y.map((label) => (label < 0 ? label : [0, 2, 5][label % 3]!));
    const masked = x.map((z, i) => ([0, 2, 5].includes(i % 6) ? z : -INF));
    const options = { classes: 6, topK: [2], auroc: true };
    const truth = evaluate(masked, some, options);
    const before = x.slice();
    for (const by of [engine, small]) {
      const got = evaluate(x, some, { ...options, allowedClasses: [5, 0, 2] }, by);
      expect(got).toEqual(truth);
    }
    const tensor = engine.tensor([50, 6]);
    tensor.data.set(x);
    const evaluator = new Evaluator(engine, { ...options, allowedClasses: [5, 0, 2] });
    expect(evaluator.update(tensor, some).result()).toEqual(truth);
    expect([x, tensor.data.slice()]).toEqual([before, before]);
    expect(() => evaluator.update([[0, 0, 0, 0, 0, 0]], [1])).toThrow(
      "Evaluator.update: targets[0] must be one of allowedClasses, got 1",
    );
  });

  it("nothing at all: NaN, not an error", () => {
    const { count, loss, accuracy, ece, mce, hardest } = new Evaluator(engine, {
      classes: 3,
    }).result();
    expect([count, loss, accuracy, ece, mce, hardest]).toEqual([0, NaN, NaN, NaN, NaN, []]);
  });

  it("ties: inclusive counts every class equal to the last of the k", () => {
    const x = Float32Array.of(1, 1, 1, 0);
    const rate = (ties: "lowest" | "inclusive"): number | undefined =>
      evaluate(x, Int32Array.of(2), { classes: 4, topK: [1], ties }).topKAccuracy[1];
    expect([rate("lowest"), rate("inclusive")]).toEqual([0, 1]);
  });
});

describe("Evaluator: errors", () => {
  const said = (call: () => unknown): string => {
    try {
      call();
    } catch (error) {
      if (error instanceof LogitsError) return `${error.code} ${error.message}`;
      throw error;
    }
    return expect.fail("no error");
  };

  it("says what is wrong, and adds nothing", () => {
    const make =
      (options: object): (() => unknown) =>
      () =>
        new Evaluator(engine, options as never);
    expect(said(make({}))).toMatch(/^ERR_ARGUMENT_TYPE Evaluator: classes must be/);
    expect(said(make({ classes: 3, topK: [4] }))).toMatch(
      /^ERR_ARGUMENT_VALUE Evaluator: topK\[0\]/,
    );
    expect(said(make({ classes: 3, bins: 0 }))).toMatch(/^ERR_ARGUMENT_VALUE Evaluator: bins/);
    expect(said(make({ classes: 3, edge: "low" }))).toMatch(/did you mean edges/);
    expect(said(make({ classes: 30000, confusion: true }))).toMatch(/must be false with more than/);
    const evaluator = new Evaluator(engine, { classes: 3 });
    expect(said(() => evaluator.update([[1, 2]], [0]))).toBe(
      "ERR_SHAPE Evaluator.update: logits must have classes = 3 along the class axis, got 2",
    );
    expect(
      said(() =>
        evaluator.update(
          [
            [1, 2, 3],
            [1, 2, 3],
          ],
          [0, 3],
        ),
      ),
    ).toMatch(/targets\[1\]/);
    expect(said(() => evaluator.merge(new Evaluator(engine, { classes: 4 })))).toMatch(
      /same options/,
    );
    expect(said(() => evaluator.merge({} as never))).toMatch(/must be an Evaluator/);
    expect(evaluator.result().count).toBe(0);
  });

  it("refuses states that are not what toJSON gave", () => {
    const evaluator = new Evaluator(engine, { classes: 3, hardest: 1, auroc: true });
    evaluator.update([[1, 2, 3]], [0]);
    const state = JSON.parse(JSON.stringify(evaluator));
    const broken = (change: object): string =>
      said(() => Evaluator.fromJSON(engine, { ...state, ...change }));
    expect(said(() => Evaluator.fromJSON(engine, null))).toMatch(/state must be an object/);
    expect(said(() => Evaluator.fromJSON(engine, JSON.parse('{"__proto__": {}}')))).toMatch(
      /logits/,
    );
    expect(broken({ version: 2 })).toMatch(/must be of an evaluator, version 1/);
    expect(broken({ count: -1 })).toMatch(/fromJSON: count must be an integer/);
    expect(broken({ loss: [1, 2] })).toMatch(/fromJSON: loss must be a list of 4/);
    expect(broken({ loss: [NaN, 0, 0, 0] })).toMatch(/loss\[0\] must be a finite number/);
    expect(broken({ hardest: [{ row: 1 }] })).toMatch(/hardest\[0\] must be an object with loss/);
    const far = { ...state.classes, support: [3, 1] };
    expect(broken({ classes: far })).toMatch(/classes\.support\[0\] must be below 3/);
    expect(broken({ ranks: { positives: [], negatives: [] } })).toMatch(/ranks\.positives must be/);
    expect(broken({ options: { classes: 3, extra: 1 } })).toMatch(/known option/);
  });
});

describe("Evaluator: the caller's targets", () => {
  const classes = 10;
  const rows = 3000;
  const { x } = makeRows(5, rows, classes);
  const y = new Random(6).indices(rows, classes);
  const expected = evaluate(x, Int16Array.from(y) as unknown as Int32Array, {
    classes,
    auroc: true,
  });

  it("are read where they are and left as they are, wherever they lie", () => {
    const shared = new Int32Array(new SharedArrayBuffer(rows * 4));
    const inMemory = engine.tensor([rows], "int32");
    for (const place of [Int32Array.from(y), shared, inMemory.data]) {
      place.set(y);
      expect(evaluate(x, place, { classes, auroc: true })).toEqual(expected);
      expect(place).toEqual(y);
    }
    inMemory.dispose();
  });

  it("are left as they are where some are ignored or none", () => {
    const some = Int32Array.from(y, (label, row) => (row % 3 === 0 ? -100 : label));
    const before = some.slice();
    expect(evaluate(x, some, { classes }).count).toBe(rows - 1000);
    expect(evaluate(x, y, { classes, ignoreIndex: 1 }).count).toBe(y.filter((c) => c !== 1).length);
    expect(some).toEqual(before);
    some[7] = classes;
    expect(() => evaluate(x, some, { classes })).toThrow(/targets\[7\]/);
    expect(some.filter((label, row) => row !== 7 && label !== before[row])).toHaveLength(0);
  });
});

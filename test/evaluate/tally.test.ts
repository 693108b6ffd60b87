/**
 * Many short rows are added up in linear memory, few of them row by row: the same result, against
 * plain float64 code, for every number of classes and with everything that can stand in a row.
 */
import { describe, expect, it } from "vitest";
import { startEngine } from "../../src/parallel/startEngine.ts";
import { Evaluator } from "../../src/evaluate/evaluator.ts";
import type { EvaluatorOptions } from "../../src/evaluate/evaluatorOptions.ts";
import { score } from "../reference/index.ts";
import { auroc, calibrationErrors, placeOf } from "../reference/metrics.ts";
import { sum } from "../reference/sum.ts";
import { engine } from "../support/engine.ts";
import { expectClose } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { metricMean } from "../support/tolerance.ts";

const INF = Infinity;
/** More than Tally's least rows. */
const ROWS = 17_000;

/** Ties, ignored rows, NaN and infinities, confident rows, −∞ at targets and elsewhere. */
function rowsOf(classes: number): { x: Float32Array; y: Int32Array } {
  const random = new Random(classes);
  const x = random.normals(ROWS * classes, 3).map((v) => Math.round(v * 8) / 8);
  const y = random.indices(ROWS, classes, 0.1);
  for (let row = 0; row < ROWS; row += 7) {
    const at = row * classes + random.integer(classes);
    x[at] = random.pick([NaN, INF, -INF, 40, 1e9, -INF, 0]);
  }
  x.fill(-INF, 0, classes);
  return { x, y };
}

function results(
  x: Float32Array,
  y: Int32Array,
  options: EvaluatorOptions,
  step: number,
): ReturnType<Evaluator["result"]> {
  const { classes } = options;
  const evaluator = new Evaluator(engine, options);
  for (let from = 0; from < y.length; from += step) {
    const to = Math.min(from + step, y.length);
    const data = x.subarray(from * classes, to * classes);
    evaluator.update({ data, shape: [to - from, classes] }, y.subarray(from, to));
  }
  return evaluator.result();
}

describe("Evaluator of many short rows", () => {
  it.each([1, 2, 3, 5, 10, 33, 64])("%d classes: as row by row", (classes) => {
    const { x, y } = rowsOf(classes);
    for (const options of [
      { topK: [1, Math.min(3, classes)], auroc: classes < 33, hardest: 50 },
      { edges: "low", ties: "inclusive", topK: [1], bins: 10, confusion: false },
      { edges: "lowAndOne", bins: 7, temperature: 1.5 },
    ] as const) {
      const given = { classes, ...options };
      expect(results(x, y, given, ROWS)).toEqual(results(x, y, given, 997));
    }
    // Without what makes the loss NaN, the sums show.
    const clean = x.map((v) => (Number.isNaN(v) || v === INF ? 1 : Math.max(v, -30)));
    expect(results(clean, y, { classes, auroc: true }, ROWS)).toEqual(
      results(clean, y, { classes, auroc: true }, 997),
    );
  });

  it(`against float64: means ${metricMean.name}, counts exact`, () => {
    const classes = 6;
    const { x, y } = rowsOf(classes);
    const all = score(x, [ROWS, classes], y);
    const kept = all.map((row, i) => ({ ...row, y: y[i]!, i })).filter(({ rank }) => rank >= 0);
    const good = kept.filter(({ flags }) => (flags & 11) === 0);
    const got = results(x, y, { classes, topK: [2], auroc: true, hardest: 9 }, ROWS);
    expect([got.count, got.undefinedRows]).toEqual([kept.length, kept.length - good.length]);
    expect(got.loss).toBeNaN();
    const right = good.filter((row) => row.argmax === row.y).length;
    expect(got.accuracy).toBe(right / kept.length);
    const tops = good.filter((row) => placeOf(row.logProbs, row.y) < 2).length;
    expect(got.topKAccuracy[2]).toBe(tops / kept.length);
    expectClose(got.brier, sum(good.map(({ brier }) => brier)) / good.length, metricMean);
    const truth = calibrationErrors(
      good.map((row) => ({ confidence: row.confidence, right: row.argmax === row.y })),
      15,
    );
    expectClose([got.ece, got.mce], [truth.ece, truth.mce], metricMean);
    const some = good.slice(0, 1500);
    const few = results(
      Float32Array.from(some.flatMap(({ i }) => [...x.subarray(i * classes, (i + 1) * classes)])),
      Int32Array.from(some, (row) => row.y),
      { classes, auroc: true },
      ROWS,
    ).auroc!;
    for (let c = 0; c < classes; c++) {
      const area = auroc(
        some.map(({ logProbs }) => logProbs[c]!),
        some.map((row) => row.y === c),
      );
      expect(Math.abs(few.perClass[c]! - area)).toBeLessThanOrEqual(few.resolution + 1e-12);
    }
    expect(got.hardest.map(({ loss }) => loss).every(Number.isNaN)).toBe(true);
  });

  // Seen failing: workers shared their scratch and added to the same sums.
  it("updateParallel by three threads: the same bits, few rows and many, with AUROC and without", async () => {
    const { numerics } = engine;
    const parallel = await startEngine({ threads: 3, numerics }, { leastElements: 2000 });
    for (const [rows, classes] of [
      [ROWS, 2],
      [ROWS, 10],
      [ROWS, 64],
      [2000, 10],
    ] as const) {
      const { x, y } = rowsOf(classes);
      const targets = y.subarray(0, rows);
      const tensor = parallel.tensor([rows, classes]);
      tensor.data.set(x.subarray(0, rows * classes));
      const staged = { data: x.subarray(0, rows * classes), shape: [rows, classes] };
      for (const counted of [true, false]) {
        const options = { classes, auroc: counted, topK: [1, 2], hardest: 30 };
        const alone = new Evaluator(engine, options).update(staged, targets);
        for (const logits of [staged, tensor, staged, tensor]) {
          const shared = new Evaluator(engine, options);
          await shared.updateParallel(parallel, logits, targets);
          expect(shared.toJSON()).toEqual(alone.toJSON());
        }
      }
      tensor.dispose();
    }
    await parallel.dispose();
  });

  // Seen failing: squares of exponentials that share their exponent with the rows before.
  it(`Brier score far from the rows before: ${metricMean.name}`, () => {
    for (const classes of [2, 3, 64]) {
      const shape = [4, classes];
      const y = new Int32Array(4);
      for (const at of [-45, -44, -43, 43, 43.5, 44]) {
        const x = Float32Array.from({ length: 4 * classes }, (_unused, i) =>
          i % classes === 1 ? at - 0.3 : at,
        );
        new Evaluator(engine, { classes }).update({ data: x.map(() => 0), shape }, y);
        const got = new Evaluator(engine, { classes }).update({ data: x, shape }, y).result();
        const truth = score(x, shape, y).map(({ brier }) => brier);
        expectClose(got.brier, sum(truth) / 4, metricMean);
      }
    }
  });

  it("rowMask: as ignored rows, many and few; their targets are not read", () => {
    const { x, y } = rowsOf(4);
    const rowMask = Array.from(y, (_unused, i) => i % 3 !== 0);
    const options = { classes: 4, auroc: true, hardest: 5 };
    for (const rows of [ROWS, 300]) {
      const logits = { data: x.subarray(0, rows * 4), shape: [rows, 4] };
      const bad = Array.from(y.subarray(0, rows), (c, i) => (rowMask[i] ? c : 77));
      const masked = new Evaluator(engine, options);
      masked.update(logits, bad, { rowMask: rowMask.slice(0, rows) });
      const ignored = bad.map((c) => (c === 77 ? -100 : c));
      expect(masked.toJSON()).toEqual(
        new Evaluator(engine, options).update(logits, ignored).toJSON(),
      );
    }
    expect(() =>
      new Evaluator(engine, options).update([[1, 2, 3, 4]], [0], { rowMask: [] }),
    ).toThrow("Evaluator.update: rowMask.length must be the number of rows = 1, got 0");
  });

  it("ignored rows touch nothing, and nothing is counted of none", () => {
    const x = new Float32Array(ROWS * 3).fill(NaN);
    const y = new Int32Array(ROWS).fill(-100);
    const got = results(x, y, { classes: 3, auroc: true, hardest: 2 }, ROWS);
    expect(got).toEqual(new Evaluator(engine, { classes: 3, auroc: true, hardest: 2 }).result());
  });

  it("an evaluator takes many rows, few, states of others and gives its own", () => {
    const { x, y } = rowsOf(4);
    const options = { classes: 4, topK: [1, 2], auroc: true, hardest: 5 };
    const logits = { data: x, shape: [ROWS, 4] };
    const twice = new Evaluator(engine, options).update(logits, y).update(logits, y);
    const part = new Evaluator(engine, options).update(logits, y);
    const back = Evaluator.fromJSON(engine, JSON.parse(JSON.stringify(part)));
    back.merge(new Evaluator(engine, options).update(logits, y, { firstRow: ROWS }));
    expect(back.result()).toEqual(twice.result());
    back.merge(new Evaluator(engine, options));
    expect(back.result()).toEqual(twice.result());
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/createEngine.ts";
import { LogitsError } from "../../src/errors.ts";
import { fitIsotonic } from "../../src/evaluate/fitIsotonic.ts";
import { fitPlatt } from "../../src/evaluate/fitPlatt.ts";
import { fitTemperature } from "../../src/evaluate/fitTemperature.ts";
import { fitVector } from "../../src/evaluate/fitVector.ts";
import { crossEntropy } from "../reference/index.ts";
import { expectClose } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { metricMean, temperatureFit } from "../support/tolerance.ts";

const INF = Infinity;
const engine = createEngine();

/** Logits whose targets are drawn from softmax(logits / T), so that T is near the optimum. */
function drawn(seed: number, rows: number, classes: number, temperature: number) {
  const x = new Random(seed).normals(rows * classes, 3);
  const y = engine.sample({ data: x, shape: [rows, classes] }, { temperature, seed }).ids;
  return { x, y, logits: { data: x, shape: [rows, classes] } };
}

/** The minimum over ln T by golden section, of the float64 cross entropy. */
function optimum(x: ArrayLike<number>, shape: readonly number[], y: Int32Array): number {
  const loss = (log: number): number =>
    crossEntropy(x, shape, y, { temperature: Math.exp(log) }).loss as number;
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(0.01), Math.log(100)];
  while (high - low > 1e-5) {
    const [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
    if (loss(a) < loss(b)) high = b;
    else low = a;
  }
  // The loss is flat to float64 below 1e-8, so the derivative decides.
  const slope = (log: number): number => (loss(log + 1e-4) - loss(log - 1e-4)) / 2e-4;
  let [from, to] = [low - 1e-4, high + 1e-4];
  for (let i = 0; i < 40; i++) {
    const middle = (from + to) / 2;
    if (slope(middle) < 0) from = middle;
    else to = middle;
  }
  return Math.exp((from + to) / 2);
}

describe(`fitTemperature: the reference optimum, ${temperatureFit.name}`, () => {
  it.each([
    [100, 3, 0.5],
    [200, 10, 2],
    [60, 40, 1],
    [150, 2, 4],
  ])("%d rows of %d classes drawn at T = %d", (rows, classes, temperature) => {
    const { x, y, logits } = drawn(rows, rows, classes, temperature);
    const fit = fitTemperature(engine, logits, y);
    expect([fit.atBound, fit.determined, fit.skippedRows]).toEqual([false, true, 0]);
    expectClose(fit.temperature, optimum(x, [rows, classes], y), temperatureFit);
    expect(fit.after.loss).toBeLessThanOrEqual(fit.before.loss);
    expect(fit.after.accuracy).toBe(fit.before.accuracy);
    const { loss } = crossEntropy(x, [rows, classes], y, { temperature: fit.temperature });
    expectClose(fit.after.loss, loss as number, metricMean);
    expectClose(
      engine.crossEntropy(logits, y, { temperature: fit.temperature }).loss,
      fit.after.loss,
      metricMean,
    );
  });

  it("real logits: a linear classifier of digits after a few steps", () => {
    const lines = readFileSync(new URL("../../examples/data/digits.csv", import.meta.url), "utf8");
    const rows = lines
      .trim()
      .split("\n")
      .map((line) => line.split(",").map(Number));
    const table = rows.filter((row) => row.every(Number.isFinite)).slice(0, 300);
    const features = table.map((row) => row.slice(0, -1));
    const y = Int32Array.from(table, (row) => row.at(-1)!);
    // Class means of the first half score all rows: real, overconfident logits.
    const means = Array.from({ length: 10 }, (_unused, c) => {
      const own = features.slice(0, 150).filter((_row, i) => y[i] === c);
      return features[0]!.map((_v, j) => own.reduce((s, row) => s + row[j]!, 0) / own.length);
    });
    const x = Float32Array.from(
      features.flatMap((row) =>
        means.map((mean) => -row.reduce((s, v, j) => s + (v - mean[j]!) ** 2, 0) / 20),
      ),
    );
    const fit = fitTemperature(engine, { data: x, shape: [300, 10] }, y);
    expect([fit.atBound, fit.before.accuracy > 0.8]).toEqual([false, true]);
    expectClose(fit.temperature, optimum(x, [300, 10], y), temperatureFit);
    expect(fit.after.ece).toBeLessThan(fit.before.ece);
  });

  it("is its own fixed point", () => {
    const { x, y } = drawn(7, 400, 5, 1.7);
    const { temperature } = fitTemperature(engine, { data: x, shape: [400, 5] }, y);
    const again = x.map((z) => z / temperature);
    expectClose(
      fitTemperature(engine, { data: again, shape: [400, 5] }, y).temperature,
      1,
      temperatureFit,
    );
  });
});

describe("fitTemperature: edge cases", () => {
  const fit = (
    logits: number[][],
    y: number[],
    options = {},
  ): [number, boolean, boolean, number] => {
    const { temperature, atBound, determined, skippedRows } = fitTemperature(
      engine,
      logits,
      y,
      options,
    );
    return [temperature, atBound, determined, skippedRows];
  };

  it("all right → min, all wrong → max, one row either way; flagged", () => {
    expect(
      fit(
        [
          [5, 0],
          [0, 3],
        ],
        [0, 1],
      ),
    ).toEqual([0.01, true, true, 0]);
    expect(
      fit(
        [
          [5, 0],
          [0, 3],
        ],
        [1, 0],
      ),
    ).toEqual([100, true, true, 0]);
    expect(fit([[1, 2, 3]], [2])).toEqual([0.01, true, true, 0]);
    expect(fit([[1, 2, 3]], [0], { max: 7 })).toEqual([7, true, true, 0]);
    expect(
      fit(
        [
          [5, 0],
          [0, 3],
        ],
        [0, 1],
        { min: 0.25 },
      ),
    ).toEqual([0.25, true, true, 0]);
  });

  it("nothing to choose by: one class, equal logits, no rows", () => {
    expect(fit([[4], [2]], [0, 0])).toEqual([1, false, false, 0]);
    expect(
      fit(
        [
          [2, 2],
          [0, 0],
        ],
        [0, 1],
      ),
    ).toEqual([1, false, false, 0]);
    expect(fit([[1, 2]], [-100])).toEqual([1, false, false, 0]);
    const none = fitTemperature(engine, { data: new Float32Array(0), shape: [0, 2] }, []);
    expect([none.temperature, none.determined, none.after.loss]).toEqual([1, false, NaN]);
  });

  it("−∞ masks a class; −∞ at the target, NaN and +∞ are left out and counted", () => {
    const rows = [
      [4, 0],
      [4, 0],
      [0, 4],
    ];
    const [truth] = fit(rows, [0, 1, 1]);
    expectClose(truth, 4 / Math.LN2, temperatureFit);
    expect(
      fit(
        rows.map((row) => [...row, -INF]),
        [0, 1, 1],
      )[0],
    ).toBe(truth);
    const spoiled = [...rows, [NaN, 1], [INF, 1], [-INF, 1], [NaN, NaN]];
    expect(fit(spoiled, [0, 1, 1, 0, 1, 0, -100])).toEqual([truth, false, true, 3]);
  });

  it("logits of any size", () => {
    const big = fit(
      [
        [4e30, 0],
        [4e30, 0],
        [0, 4e30],
      ],
      [0, 1, 1],
    );
    expect(big).toEqual([100, true, true, 0]);
    expect(
      fit(
        [
          [4e-30, 0],
          [4e-30, 0],
          [0, 4e-30],
        ],
        [0, 1, 1],
      ),
    ).toEqual([0.01, true, true, 0]);
  });

  it("errors", () => {
    expect(() => fitTemperature(engine, [[1, 2]], [2])).toThrow(
      "fitTemperature: targets[0] must be in",
    );
    expect(() => fitTemperature(engine, [[1, 2]], [0], { min: 0 })).toThrow(LogitsError);
    expect(() => fitTemperature(engine, [[1, 2]], [0], { max: 0.5 })).toThrow(LogitsError);
    expect(() => fitTemperature(engine, [[1, 2]], [[1, 0]] as never)).toThrow(
      "must be class indices",
    );
  });
});

describe("fitVector", () => {
  it("finds the factors and offsets that spoiled calibrated logits", () => {
    const { x, y } = drawn(3, 6000, 3, 1);
    const [a, b] = [
      [2, 0.5, 1.5],
      [1, -2, 0.5],
    ];
    const spoiled = x.map((z, i) => (z - b[i % 3]!) / a[i % 3]!);
    const fit = fitVector(engine, { data: spoiled, shape: [6000, 3] }, y);
    expect(fit.converged).toBe(true);
    fit.scale.forEach((scale, c) => expect(Math.abs(scale - a[c]!)).toBeLessThan(0.2));
    // Offsets are known but for a common one.
    fit.offset.forEach((offset, c) =>
      expect(Math.abs(offset - fit.offset[0]! - (b[c]! - b[0]!))).toBeLessThan(0.3),
    );
    const direct = crossEntropy(x, [6000, 3], y).loss as number;
    expect(Math.abs(fit.after.loss - direct)).toBeLessThan(2e-3);
    expect(fit.after.ece).toBeLessThan(fit.before.ece);
  });

  it("the gradient vanishes at the optimum", () => {
    const { x, y } = drawn(4, 300, 4, 2);
    const { scale, offset } = fitVector(engine, { data: x, shape: [300, 4] }, y, { l2: 0 });
    const z = Float64Array.from(x, (v, i) => scale[i % 4]! * v + offset[i % 4]!);
    const { grad } = crossEntropy(z, [300, 4], y);
    for (let c = 0; c < 4; c++) {
      let [byScale, byOffset] = [0, 0];
      for (let i = c; i < x.length; i += 4) {
        byScale += grad[i]! * x[i]!;
        byOffset += grad[i]!;
      }
      expect(Math.max(Math.abs(byScale), Math.abs(byOffset))).toBeLessThan(1e-7);
    }
  });

  it("masked classes stay masked; separable rows stay finite", () => {
    const fit = fitVector(
      engine,
      [
        [3, 0, -INF],
        [0, 3, -INF],
      ],
      [0, 1],
    );
    expect([...fit.scale, ...fit.offset].every(Number.isFinite)).toBe(true);
    expect(fit.apply([1, 2, -INF])[2]).toBe(-INF);
    expect(fit.after.loss).toBeLessThan(fit.before.loss);
  });
});

describe("fitPlatt", () => {
  it("finds slope and intercept of labels drawn from them", () => {
    const random = new Random(5);
    const s = random.normals(20000, 2);
    const labels = s.map((v) => Number(random.uniform() < 1 / (1 + Math.exp(-(1.5 * v - 0.7)))));
    const fit = fitPlatt(s, labels);
    expect(fit.converged).toBe(true);
    expect(Math.abs(fit.slope - 1.5)).toBeLessThan(0.08);
    expect(Math.abs(fit.intercept + 0.7)).toBeLessThan(0.08);
    // At the optimum Σ (p − t) = 0 and Σ (p − t) s = 0, with Platt's targets t.
    const yes = labels.reduce((sum, v) => sum + v, 0);
    const t = (v: number): number => (v ? (yes + 1) / (yes + 2) : 1 / (20000 - yes + 2));
    const p = fit.apply(s);
    const rest = p.map((v, i) => v - t(labels[i]!));
    expect(Math.abs(rest.reduce((sum, v) => sum + v, 0))).toBeLessThan(1e-4);
    expect(Math.abs(rest.reduce((sum, v, i) => sum + v * s[i]!, 0))).toBeLessThan(1e-4);
  });

  it("separable, one-sided and constant scores stay finite", () => {
    for (const [s, labels] of [
      [
        [-2, -1, 1, 2],
        [0, 0, 1, 1],
      ],
      [
        [1, 2, 3],
        [1, 1, 1],
      ],
      [
        [4, 4, 4, 4],
        [0, 1, 1, 1],
      ],
      [
        [1e300, -1e300],
        [1, 0],
      ],
      [[7], [0]],
    ]) {
      const { slope, intercept, converged, apply } = fitPlatt(s!, labels!);
      expect([Number.isFinite(slope), Number.isFinite(intercept), converged]).toEqual([
        true,
        true,
        true,
      ]);
      for (const p of apply(s!)) expect(p > 0 && p < 1).toBe(true);
    }
    const even = fitPlatt([4, 4, 4, 4], [0, 1, 1, 1]).apply([4])[0]!;
    expect(even).toBeCloseTo((0.75 * 4) / 5 + 1 / 3 / 4, 9); // the mean of Platt's targets
  });

  it("errors", () => {
    expect(() => fitPlatt([1, NaN], [0, 1])).toThrow("fitPlatt: scores[1] must be a finite number");
    expect(() => fitPlatt([1], [2])).toThrow("fitPlatt: labels[0] must be an integer in [0, 1]");
    expect(() => fitPlatt([1], [])).toThrow("labels.length must be the number of scores = 1");
    expect(() => fitPlatt([], [])).toThrow("must not be empty");
  });
});

describe("fitIsotonic", () => {
  it("worked: scikit-learn's steps", () => {
    const fit = fitIsotonic([1, 2, 3, 4, 5, 6], [0, 1, 0, 1, 1, 1]);
    expect([...fit.scores]).toEqual([1, 2, 3, 4, 6]);
    expect([...fit.probabilities]).toEqual([0, 0.5, 0.5, 1, 1]);
    expect([...fit.apply([0, 1.5, 2.5, 3.5, 9, NaN])]).toEqual([0, 0.25, 0.5, 0.75, 1, NaN]);
  });

  it("is monotone, keeps the mean, and no monotone step function is nearer", () => {
    const random = new Random(6);
    const s = random.normals(300).map((v) => Math.round(v * 20) / 20);
    const labels = s.map((v) => Number(random.uniform() < 1 / (1 + Math.exp(-2 * v))));
    const fit = fitIsotonic(s, labels);
    const p = fit.apply(s);
    const order = Array.from(s.keys()).toSorted((a, b) => s[a]! - s[b]!);
    order.slice(1).forEach((i, k) => expect(p[i]!).toBeGreaterThanOrEqual(p[order[k]!]!));
    const mean = (v: ArrayLike<number>): number => Array.from(v).reduce((a, b) => a + b, 0) / 300;
    expect(mean(p)).toBeCloseTo(mean(labels), 12);
    const error = (q: ArrayLike<number>): number =>
      labels.reduce((sum, label, i) => sum + (label - q[i]!) ** 2, 0);
    for (let trial = 0; trial < 200; trial++) {
      const [at, up] = [random.normal(), random.between(-0.05, 0.05)];
      const moved = p.map((v, i) => v + (s[i]! > at ? up : 0));
      const sorted = order.map((i) => moved[i]!);
      if (sorted.every((v, k) => k === 0 || v >= sorted[k - 1]!)) {
        expect(error(moved)).toBeGreaterThanOrEqual(error(p) - 1e-12);
      }
    }
  });

  it("one row, all equal scores", () => {
    expect([...fitIsotonic([3], [1]).apply([-9, 9])]).toEqual([1, 1]);
    expect([...fitIsotonic([3, 3, 3, 3], [1, 0, 0, 0]).apply([3, 4])]).toEqual([0.25, 0.25]);
    expect(() => fitIsotonic([], [])).toThrow(LogitsError);
  });
});

describe("fits: what is left out touches nothing", () => {
  const { x, y } = drawn(8, 120, 5, 2);
  const kept = [0, 1, 3];
  const rows = Array.from(y.keys()).filter(
    (i) => i % 4 !== 0 && i % 5 !== 1 && kept.includes(y[i]!),
  );
  const rowMask = Array.from(y, (_unused, i) => (i % 4 === 0 ? 0 : 1));
  const classMask = [true, true, false, true, false];
  const targets = Array.from(y, (c, i) =>
    i % 5 === 1 || !kept.includes(c) ? [-7, 99][i % 2]! : c,
  );
  const dirty = x.map((v, i) => {
    const row = Math.floor(i / 5);
    return rows.includes(row) && kept.includes(i % 5) ? v : NaN;
  });
  const alone = {
    data: Float32Array.from(rows.flatMap((i) => kept.map((c) => x[i * 5 + c]!))),
    shape: [rows.length, 3],
  };
  const own = rows.map((i) => kept.indexOf(y[i]!));
  const masks = { rowMask, classMask, ignoreIndex: [-7, 99] };

  it("fitTemperature: as without the rows and classes", () => {
    const got = fitTemperature(engine, { data: dirty, shape: [120, 5] }, targets, masks);
    const truth = fitTemperature(engine, alone, own);
    expectClose(got.temperature, truth.temperature, temperatureFit);
    expectClose(got.after.loss, truth.after.loss, metricMean);
    expect([got.before.count, got.skippedRows]).toEqual([rows.length, 0]);
  });

  it("fitVector: as without the rows and classes; a class left out keeps 1 and 0", () => {
    const got = fitVector(engine, { data: dirty, shape: [120, 5] }, targets, {
      ...masks,
      l2: 0.01,
    });
    const truth = fitVector(engine, alone, own, { l2: 0.01 });
    kept.forEach((c, i) => {
      expect(got.scale[c]).toBeCloseTo(truth.scale[i]!, 6);
      expect(got.offset[c]).toBeCloseTo(truth.offset[i]!, 6);
    });
    expect([got.scale[2], got.offset[4]]).toEqual([1, 0]);
  });

  it("fitPlatt and fitIsotonic: the same curve, whatever stands in rows left out", () => {
    const s = [1, NaN, 2, 3, Infinity, 4, 5, -9];
    const labels = [0, 5, 1, 0, -1, 1, 1, NaN];
    const options = { ignoreIndex: [5, -1], rowMask: [1, 1, 1, 1, 1, 1, 1, 0] };
    const [scores, answers] = [
      [1, 2, 3, 4, 5],
      [0, 1, 0, 1, 1],
    ];
    const platt = fitPlatt(s, labels, options);
    expect(platt.slope).toBe(fitPlatt(scores, answers).slope);
    const { probabilities } = fitIsotonic(s, labels, options);
    expect(probabilities).toEqual(fitIsotonic(scores, answers).probabilities);
    expect(() => fitPlatt([1], [0], { ignoreIndex: 0 })).toThrow(
      "fitPlatt: scores must not be empty or all ignored",
    );
    expect(() => fitIsotonic([1], [0], { rowMask: [1, 0] })).toThrow(
      "fitIsotonic: rowMask.length must be the number of rows = 1",
    );
  });

  it("a target that classMask leaves out is refused", () => {
    expect(() => fitTemperature(engine, [[1, 2]], [1], { classMask: [1, 0] })).toThrow(
      "fitTemperature: targets[0] must be a class that classMask keeps, got 1",
    );
  });
});

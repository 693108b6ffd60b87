import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/createEngine.ts";
import { MultiLabelEvaluator } from "../../src/evaluate/multiLabelEvaluator.ts";
import { binaryCrossEntropyWithLogits, sigmoid } from "../reference/index.ts";
import { auroc, calibrationErrors } from "../reference/metrics.ts";
import { expectClose } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { metricMean } from "../support/tolerance.ts";

const engine = createEngine();
const random = new Random(1);
const [rows, labels] = [400, 5];
const shape = [rows, labels];
const x = random.normals(rows * labels, 2);
const y = x.map((z) => Number(random.normal() < z));

describe(`MultiLabelEvaluator: reference, means ${metricMean.name}`, () => {
  it("loss, accuracy, Brier, calibration, precision, recall, F1, AUROC", () => {
    const thresholds = [0.5, 0.2, 0.9, 0, 1];
    const evaluator = new MultiLabelEvaluator(engine, { labels, thresholds, auroc: true });
    const got = evaluator.update({ data: x, shape }, { data: y, shape }).result();
    const p = sigmoid(x);
    expect(got.count).toBe(rows * labels);
    expectClose(got.loss, binaryCrossEntropyWithLogits(x, shape, y).loss as number, metricMean);
    expectClose(
      got.brier,
      p.reduce((sum, v, i) => sum + (v - y[i]!) ** 2, 0) / p.length,
      metricMean,
    );
    const yes = Array.from(p, (v, i) => v >= thresholds[i % labels]!);
    expect(got.accuracy).toBe(yes.filter((answer, i) => answer === (y[i] === 1)).length / p.length);
    const truth = calibrationErrors(
      Array.from(p, (confidence, i) => ({ confidence, right: y[i] === 1 })),
      15,
    );
    expectClose([got.ece, got.mce], [truth.ece, truth.mce], metricMean);
    got.perLabel.forEach(({ support, predicted, precision, recall }, c) => {
      const own = Array.from(y.keys()).filter((i) => i % labels === c);
      const hits = own.filter((i) => yes[i] && y[i] === 1).length;
      expect(support).toBe(own.filter((i) => y[i] === 1).length);
      expect(predicted).toBe(own.filter((i) => yes[i]).length);
      expect([precision, recall]).toEqual([hits / predicted, hits / support]);
      const area = auroc(
        own.map((i) => x[i]!),
        own.map((i) => y[i] === 1),
      );
      expect(Math.abs(got.auroc!.perClass[c]! - area)).toBeLessThanOrEqual(got.auroc!.resolution);
    });
    expect(got.micro.support).toBe(y.filter((v) => v === 1).length);
    expect(got.auroc!.resolution).toBeLessThan(0.005);
  });

  it("any split, merged or by JSON, is the same", () => {
    const options = { labels, auroc: true, bins: 10, edges: "low" as const };
    const whole = new MultiLabelEvaluator(engine, options).update({ data: x, shape }, y).result();
    const merged = new MultiLabelEvaluator(engine, options);
    for (const [from, to] of [
      [150, 400],
      [0, 3],
      [3, 150],
    ] as const) {
      const part = new MultiLabelEvaluator(engine, options);
      const logits = { data: x.subarray(from * labels, to * labels), shape: [to - from, labels] };
      part.update(logits, y.subarray(from * labels, to * labels));
      merged.merge(MultiLabelEvaluator.fromJSON(engine, JSON.parse(JSON.stringify(part))));
    }
    expect(merged.result()).toEqual(whole);
  });
});

describe("MultiLabelEvaluator: what is left out, extremes and errors", () => {
  it("skipped labels touch nothing, even beside NaN", () => {
    const options = { labels: 2, ignoreIndex: [-1, 9] };
    const got = new MultiLabelEvaluator(engine, options);
    got.update(
      [
        [NaN, 1],
        [2, Infinity],
      ],
      [
        [-1, 1],
        [0, 9],
      ],
    );
    const clean = new MultiLabelEvaluator(engine, { labels: 1 }).update([[1], [2]], [[1], [0]]);
    expect(got.result()).toMatchObject({
      count: 2,
      loss: clean.result().loss,
      brier: clean.result().brier,
    });
  });

  it("allowedClasses, ignoreIndex and rowMask together: what is left, alone", () => {
    const all = { auroc: true, ignoreIndex: [-1, 9] };
    const kept = [0, 2, 3];
    const dirty = x.slice();
    const given = Float32Array.from(y);
    const rowMask = Array.from({ length: rows }, (_unused, i) => i % 3 !== 1);
    for (let i = 0; i < x.length; i++) {
      const c = i % labels;
      const row = (i - c) / labels;
      if (kept.includes(c) && rowMask[row] && i % 7 !== 0) continue;
      dirty[i] = NaN;
      given[i] = kept.includes(c) && rowMask[row] ? [-1, 9][i % 2]! : 77;
    }
    const got = new MultiLabelEvaluator(engine, { labels, ...all, allowedClasses: kept });
    got.update({ data: dirty, shape }, { data: given, shape }, { rowMask });
    const ids = Array.from(x.keys()).filter(
      (i) => kept.includes(i % labels) && rowMask[Math.floor(i / labels)],
    );
    const alone = new MultiLabelEvaluator(engine, { labels: 3, ...all });
    const small = [ids.length / 3, 3];
    alone.update(
      { data: Float32Array.from(ids, (i) => x[i]!), shape: small },
      { data: Float32Array.from(ids, (i) => (i % 7 === 0 ? -1 : y[i]!)), shape: small },
    );
    const { perLabel, auroc: areas, ...rest } = got.result();
    const { perLabel: perLabelAlone, auroc: areasAlone, ...restAlone } = alone.result();
    expect(rest).toEqual(restAlone);
    expect(kept.map((c) => perLabel[c])).toEqual(perLabelAlone);
    expect(kept.map((c) => areas!.perClass[c])).toEqual(areasAlone!.perClass);
    expect(areas!.perClass[1]).toBeNaN();
    const back = MultiLabelEvaluator.fromJSON(engine, JSON.parse(JSON.stringify(got)));
    expect(back.settings.allowedClasses).toEqual(kept);
    expect(back.result()).toEqual(got.result());
  });

  it("infinite logits that agree cost nothing, others ∞; NaN is NaN", () => {
    const loss = (z: number, label: number): number =>
      new MultiLabelEvaluator(engine, { labels: 1 }).update([[z]], [[label]]).result().loss;
    expect([loss(Infinity, 1), loss(-Infinity, 0)]).toEqual([0, 0]);
    expect([loss(Infinity, 0), loss(-Infinity, 1), loss(NaN, 1)]).toEqual([
      Infinity,
      Infinity,
      NaN,
    ]);
  });

  it("errors", () => {
    const evaluator = new MultiLabelEvaluator(engine, { labels: 2 });
    expect(() => evaluator.update([[1, 2]], [[1, 2]])).toThrow(
      "MultiLabelEvaluator.update: labels[1] must be 0, 1 or in ignoreIndex, got 2",
    );
    expect(() => evaluator.update([[1, 2, 3]], [[1, 0, 1]])).toThrow("must have shape (rows, 2)");
    expect(() => evaluator.update([[1, 2]], [[1]])).toThrow("labels must have shape (rows, 2)");
    expect(() => new MultiLabelEvaluator(engine, { labels: 2, thresholds: [0.5] })).toThrow(
      "thresholds.length must be the number of labels = 2",
    );
    expect(() => evaluator.merge(new MultiLabelEvaluator(engine, { labels: 3 }))).toThrow(
      "same options",
    );
    expect(() => MultiLabelEvaluator.fromJSON(engine, {})).toThrow("must be an object with logits");
    expect(() => evaluator.update([[1, 2]], [[1, 0]], { rowMask: [1, 1] })).toThrow(
      "rowMask.length must be the number of rows = 1",
    );
    expect(() => new MultiLabelEvaluator(engine, { labels: 2, allowedClasses: [2] })).toThrow(
      "allowedClasses[0] must be an integer in [0, 1]",
    );
    expect(evaluator.result().count).toBe(0);
  });
});

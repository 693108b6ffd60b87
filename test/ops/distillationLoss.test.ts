import { describe, expect, it } from "vitest";
import { type Direction, distillationLoss } from "../reference/distillationLoss.ts";
import { centralDifference } from "../support/centralDifference.ts";
import { engine, tiles } from "../support/engine.ts";
import { expectError } from "../support/expectError.ts";
import { LENGTHS } from "../support/lengths.ts";
import { describeLossContract } from "../support/lossContract.ts";
import { keptRow, rowDenominators, rowLosses } from "../support/lossRows.ts";
import { expectClose, expectSameBits, expectZeros } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import * as bounds from "../support/tolerance.ts";

const random = new Random(97);
const ROWS = 3;
const CLASSES = 5;
const shape = [ROWS, CLASSES];
const STUDENT = random.normals(ROWS * CLASSES, 1.5);
const TEACHER = random.normals(ROWS * CLASSES, 2);
const DIRECTIONS: readonly Direction[] = ["forward", "reverse", "jensenShannon"];

const total = (x: ArrayLike<number>, y: ArrayLike<number>, direction: Direction, T: number) =>
  [0, 1, 2].reduce(
    (sum, i) =>
      sum + distillationLoss(keptRow(x, i, CLASSES, {}), keptRow(y, i, CLASSES, {}), direction, T),
    0,
  );

for (const direction of DIRECTIONS) {
  for (const temperature of [1, 2.5]) {
    describeLossContract({
      title: `distillationLoss, ${direction}, T = ${temperature}`,
      logits: STUDENT,
      shape,
      classes: CLASSES,
      rows: ROWS,
      spare: 3,
      bound: bounds.distillationLoss,
      call: (on, x, more) =>
        on.distillationLoss(x, { data: TEACHER, shape }, { direction, temperature, ...more }),
      losses: (x, left) =>
        rowLosses(undefined, ROWS, left, (i) =>
          distillationLoss(
            keptRow(x, i, CLASSES, left),
            keptRow(TEACHER, i, CLASSES, left),
            direction,
            temperature,
          ),
        ),
      denominators: (left) => rowDenominators(ROWS, CLASSES, left),
    });

    describe(`distillationLoss, ${direction}, T = ${temperature}: side gradients`, () => {
      const options = { direction, temperature, reduction: "sum", upstream: 1.5 } as const;
      const data = { data: STUDENT, shape };
      const teacher = { data: TEACHER, shape };
      const all = { ...options, grad: true, gradTargets: true, gradTemperature: true } as const;
      it(`teacher: ${bounds.lossGradient.name}`, () => {
        const truth = centralDifference(
          (y) => 1.5 * total(STUDENT, y, direction, temperature),
          TEACHER,
        );
        const { gradTargets } = engine.distillationLoss(data, teacher, {
          ...options,
          gradTargets: true,
        });
        expectClose(gradTargets.data, truth, bounds.lossGradient);
      });
      it(`temperature: ${bounds.lossGradient.name}, alone and beside the others`, () => {
        const truth = centralDifference(
          ([T]) => 1.5 * total(STUDENT, TEACHER, direction, T!),
          [temperature],
        );
        const alone = engine.distillationLoss(data, teacher, { ...options, gradTemperature: true });
        expectClose(alone.gradTemperature, truth, bounds.lossGradient);
        for (const on of [engine, tiles]) {
          const got = on.distillationLoss(data, teacher, all);
          expect(got.gradTemperature).toBe(alone.gradTemperature);
        }
      });
      it("in place over both, and from tensors: the same bits", () => {
        const whole = engine.distillationLoss(data, teacher, all);
        const [own, other] = [STUDENT.slice(), TEACHER.slice()];
        const got = engine.distillationLoss(
          { data: own, shape },
          { data: other, shape },
          { ...options, grad: "inPlace", gradTargets: "inPlace", gradTemperature: true },
        );
        expectSameBits(own, whole.grad.data);
        expectSameBits(other, whole.gradTargets.data);
        expect(got.gradTemperature).toBe(whole.gradTemperature);
        engine.scope(() => {
          const [x, y] = [engine.tensor(shape), engine.tensor(shape)];
          x.data.set(STUDENT);
          y.data.set(TEACHER);
          engine.distillationLoss(x, y, { ...options, grad: x, gradTargets: y });
          expectSameBits(x.data, whole.grad.data);
          expectSameBits(y.data, whole.gradTargets.data);
        });
      });
    });
  }
}

describe(`distillationLoss: lengths, ${bounds.distillationLoss.name}`, () => {
  it.each(LENGTHS)("%i classes", (classes) => {
    const x = random.normals(classes, 2);
    const y = random.normals(classes, 2);
    for (const direction of DIRECTIONS) {
      const truth = distillationLoss(Float64Array.from(x), Float64Array.from(y), direction);
      const { loss } = engine.distillationLoss(x, y, { direction });
      expectClose(loss, truth, bounds.distillationLoss, { context: direction });
    }
  });
});

describe("distillationLoss: extremes", () => {
  it("distributions that nearly agree: 5e-6 relative, where subtraction would leave nothing", () => {
    for (const step of [2 ** -8, 2 ** -12, 2 ** -16]) {
      for (const [direction, factor] of [
        ["forward", 1],
        ["reverse", 1],
        ["jensenShannon", 1 / 4],
      ] as const) {
        // Logits [h, 0] and [0, 0]: σ(h) = ½ + h/4 − …, KL = h²/8 − h⁴/64 or h²/8 − 3h⁴/64·…
        const { loss } = engine.distillationLoss([[1 + step, 1]], [[1, 1]], { direction });
        expectClose(loss, (factor * step * step) / 8, {
          name: "5e-6 relative + h²",
          allowed: (truth) => (5e-6 + step * step) * truth,
        });
      }
    }
  });
  it("equal logits, also shifted: exactly 0, gradients too", () => {
    for (const direction of DIRECTIONS) {
      const x = random.normals(33, 3);
      const got = engine.distillationLoss(x, x.slice(), {
        direction,
        grad: true,
        gradTargets: true,
      });
      expect(got.loss).toBe(0);
      expectZeros(got.grad.data);
      expectZeros(got.gradTargets.data);
      expect(engine.distillationLoss([1, 2, 3], [11, 12, 13], { direction }).loss).toBeLessThan(
        1e-13,
      );
    }
  });
  it("offsets of 1e4 do not matter", () => {
    for (const direction of DIRECTIONS) {
      const near = engine.distillationLoss([1, 2, 3], [3, 1, 1], { direction }).loss;
      const far = engine.distillationLoss([10001, 10002, 10003], [3, 1, 1], { direction }).loss;
      expectClose(far, near, bounds.distillationLoss);
    }
  });
  it("−∞: 0 where both rule a class out, +∞ or ln 2 where one does", () => {
    const out = [[-Infinity, 0, 0]];
    const all = [[0, -Infinity, -Infinity]];
    for (const direction of DIRECTIONS) {
      expect(engine.distillationLoss(out, out, { direction }).loss).toBe(0);
      const apart = engine.distillationLoss(out, all, { direction }).loss;
      if (direction === "jensenShannon") expectClose(apart, Math.LN2, bounds.distillationLoss);
      else expect(apart).toBe(Infinity);
    }
    const half = engine.distillationLoss([[0, 0, 0]], out, { grad: true });
    expectClose(half.loss, Math.log(1.5), bounds.distillationLoss);
    expectClose(half.grad.data, [1 / 3, -1 / 6, -1 / 6], bounds.lossGradient);
  });
  it("NaN, +∞ or only −∞ in a row of either: NaN there and only there", () => {
    for (const bad of [
      [NaN, 1],
      [Infinity, 1],
      [-Infinity, -Infinity],
    ]) {
      for (const direction of DIRECTIONS) {
        const options = { direction, reduction: "none", grad: true } as const;
        const good = [0, 1];
        for (const [x, y] of [
          [
            [bad, good],
            [good, bad.map(() => 0)],
          ],
          [
            [good, good],
            [bad, good],
          ],
        ] as const) {
          const { loss, grad } = engine.distillationLoss(x, y, options);
          expect(loss[0]).toBeNaN();
          expect(loss[1]).not.toBeNaN();
          expect(Array.from(grad.data, Number.isNaN)).toEqual([true, true, false, false]);
        }
      }
    }
  });
});

describe("distillationLoss: identities and errors", () => {
  it("forward is klDivLoss of log-probabilities, and cross entropy less the teacher's entropy", () => {
    const data = { data: STUDENT, shape };
    const teacher = { data: TEACHER, shape };
    const { lossSum } = engine.distillationLoss(data, teacher, { temperature: 2 });
    const q = engine.softmax(teacher, { temperature: 2 });
    const kl = engine.klDivLoss(engine.logSoftmax(data, { temperature: 2 }), q, {
      reduction: "sum",
    });
    expectClose(lossSum, kl.loss, { name: "1e-6", allowed: () => 1e-6 });
  });
  it("forward one way is reverse the other way", () => {
    const there = engine.distillationLoss(STUDENT, TEACHER, { direction: "forward" });
    const back = engine.distillationLoss(TEACHER, STUDENT, { direction: "reverse" });
    expect(there.loss).toBe(back.loss);
  });
  it("names what is wrong", () => {
    expectError(
      () => engine.distillationLoss([[1, 2]], [[1, 2, 3]]),
      "ERR_SHAPE",
      "distillationLoss: teacherLogits must have the logits' shape [1, 2], got shape [1, 3]",
    );
    expectError(
      () => engine.distillationLoss([[1, 2]], [[1, 2]], { direction: "both" as "forward" }),
      "ERR_ARGUMENT_VALUE",
      'distillationLoss: direction must be "forward" or "reverse" or "jensenShannon", got "both"',
    );
    expectError(
      () => engine.distillationLoss([[1, 2]], [[1, 2]], { temperature: 0 }),
      "ERR_ARGUMENT_VALUE",
      "distillationLoss: temperature must be a finite number above 0, got 0",
    );
  });
});

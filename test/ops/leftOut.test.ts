/**
 * Row masks, class masks and several ignored values on every loss and metric: what is left out
 * touches nothing, whatever it holds.
 */
import { describe, expect, it } from "vitest";
import { Evaluator } from "../../src/evaluate/evaluator.ts";
import { fitIsotonic } from "../../src/evaluate/fitIsotonic.ts";
import { fitPlatt } from "../../src/evaluate/fitPlatt.ts";
import { fitTemperature } from "../../src/evaluate/fitTemperature.ts";
import { fitVector } from "../../src/evaluate/fitVector.ts";
import { bitsPerByte, greedyMatch, perplexity } from "../../src/evaluate/languageModel.ts";
import { MultiLabelEvaluator } from "../../src/evaluate/multiLabelEvaluator.ts";
import { PLANS } from "../../src/ops/operations.ts";
import { engine, tiles } from "../support/engine.ts";
import { expectClose, expectSameBits, expectZeros } from "../support/matchers.ts";
import { Random } from "../support/random.ts";
import { lossGradient } from "../support/tolerance.ts";

const random = new Random(127);
const ROWS = 6;
const CLASSES = 5;
const ALL = [0, 1, 2, 3, 4, 5];
const KEPT = [0, 2, 5];
/** The class a class mask leaves out; no target names it. */
const MASKED = 2;
const LOGITS = random.normals(ROWS * CLASSES, 2);
const PROBABILITIES = random.probabilities(ROWS, CLASSES);
const INDICES = [3, 0, 1, 4, 0, 1];
const LABELS = random.uniforms(ROWS * CLASSES).map((u) => (u > 0.5 ? 1 : 0));
/** For the rows that are not kept, in turn. */
const IGNORED = [77, -5];

type Numbers = ArrayLike<number>;
interface Outcome {
  readonly loss: unknown;
  readonly count: number;
  readonly grad: unknown;
}
/** As each loss has its own type: what they have in common. */
type Loss = (x: never, y: never, options: object) => Outcome;
type Losses = { readonly [name in keyof typeof PLANS]: Loss };
type Call = (on: Losses, x: never, y: never, more: object) => Outcome;

interface Case {
  readonly name: keyof typeof PLANS;
  /** Class indices and labels can be ignored by their value. */
  readonly kind: "indices" | "labels" | "soft" | "lists" | "fixed";
  readonly call: Call;
  /** There is none: the classes are a sample, or not alike; or NaN of a class is one of every logit. */
  readonly classMask?: false;
  /** Whether x and its gradient are (T, N, C). */
  readonly isSequence?: true;
  /** A row counts whose labels are all ignored. */
  readonly countsRows?: true;
}

const pick = (values: Numbers, rows: readonly number[], width: number): number[] =>
  rows.flatMap((r) => Array.from({ length: width }, (_unused, c) => values[r * width + c]!));

const signs = (y: Numbers): number[] => Array.from(y, (z) => (z === 0 ? -1 : z));

const WEIGHT = random.normals(CLASSES * CLASSES, 1);
const layer = (x: never): never =>
  ({
    input: x,
    weight: { data: WEIGHT, shape: [CLASSES, CLASSES] },
    bias: [1, 2, 3, 4, 5],
  }) as never;

const CASES: readonly Case[] = [
  {
    name: "crossEntropy",
    kind: "indices",
    call: (on, x, y, more) => on.crossEntropy(x, y, { labelSmoothing: 0.1, ...more }),
  },
  { name: "crossEntropy", kind: "soft", call: (on, x, y, more) => on.crossEntropy(x, y, more) },
  { name: "nllLoss", kind: "indices", call: (on, x, y, more) => on.nllLoss(x, y, more) },
  {
    name: "binaryCrossEntropyWithLogits",
    kind: "labels",
    call: (on, x, y, more) => on.binaryCrossEntropyWithLogits(x, y, { posWeight: 2, ...more }),
  },
  { name: "focalLoss", kind: "indices", call: (on, x, y, more) => on.focalLoss(x, y, more) },
  { name: "focalLoss", kind: "soft", call: (on, x, y, more) => on.focalLoss(x, y, more) },
  { name: "polyLoss", kind: "indices", call: (on, x, y, more) => on.polyLoss(x, y, more) },
  {
    name: "sigmoidFocalLoss",
    kind: "labels",
    call: (on, x, y, more) => on.sigmoidFocalLoss(x, y, { alpha: 0.25, ...more }),
  },
  {
    name: "softMarginLoss",
    kind: "labels",
    call: (on, x, y, more) => on.softMarginLoss(x, signs(y) as never, more),
  },
  {
    name: "multilabelSoftMarginLoss",
    kind: "labels",
    countsRows: true,
    call: (on, x, y, more) => on.multilabelSoftMarginLoss(x, y, more),
  },
  {
    name: "multiMarginLoss",
    kind: "indices",
    call: (on, x, y, more) => on.multiMarginLoss(x, y, more),
  },
  {
    name: "multilabelMarginLoss",
    kind: "lists",
    call: (on, x, y, more) => on.multilabelMarginLoss(x, y, more),
  },
  { name: "klDivLoss", kind: "soft", call: (on, x, y, more) => on.klDivLoss(x, y, more) },
  {
    name: "distillationLoss",
    kind: "soft",
    call: (on, x, y, more) => on.distillationLoss(x, y, { temperature: 2, ...more }),
  },
  {
    name: "ctcLoss",
    kind: "fixed",
    classMask: false,
    isSequence: true,
    call: (on, x, y, more) =>
      on.ctcLoss(x, Array.from(y as Numbers, (c) => [Math.max(1, c)]) as never, more),
  },
  {
    name: "sampledSoftmaxLoss",
    kind: "indices",
    classMask: false,
    call: (on, x, y, more) =>
      on.sampledSoftmaxLoss(x, y, { sampled: [7, 8, 0, 6], classes: 10, ...more }),
  },
  {
    name: "linearCrossEntropy",
    kind: "indices",
    classMask: false,
    call: (on, x, y, more) => on.linearCrossEntropy(layer(x), y, more),
  },
  {
    name: "linearBinaryCrossEntropyWithLogits",
    kind: "labels",
    classMask: false,
    call: (on, x, y, more) => on.linearBinaryCrossEntropyWithLogits(layer(x), y, more),
  },
];

const PLAIN = engine as unknown as Losses;
const TILED = tiles as unknown as Losses;

const shapeOf = (one: Case, rows: number): number[] =>
  one.isSequence ? [1, rows, CLASSES] : [rows, CLASSES];

function targetsOf(one: Case, rows: readonly number[], ignoring: boolean): never {
  const left = (r: number): number => IGNORED[r % 2]!;
  const isLeft = (r: number): boolean => ignoring && !KEPT.includes(r);
  if (one.kind === "indices" || one.kind === "fixed") {
    return rows.map((r) => (isLeft(r) ? left(r) : INDICES[r]!)) as never;
  }
  if (one.kind === "lists") {
    return Int32Array.from(rows.flatMap((r) => [INDICES[r]!, -1, -1, -1, -1])) as never;
  }
  if (one.kind === "soft") {
    return {
      data: Float32Array.from(pick(PROBABILITIES, rows, CLASSES)),
      shape: [rows.length, CLASSES],
    } as never;
  }
  return rows.flatMap((r) =>
    isLeft(r) ? Array(CLASSES).fill(left(r)) : pick(LABELS, [r], CLASSES),
  ) as never;
}

/** The gradient of what holds rows, and those that are sums over rows. */
function gradsOf(outcome: Outcome): { rows: Float32Array; sums: Float32Array[] } {
  const grad = outcome.grad as Record<string, { readonly data: Float32Array }>;
  const data = (grad as unknown as { readonly data?: Float32Array }).data;
  if (data) return { rows: data, sums: [] };
  return { rows: grad["input"]!.data, sums: [grad["weight"]!.data, grad["bias"]!.data] };
}

const options = { reduction: "none", grad: true } as const;

function spoiled(): Float32Array {
  return LOGITS.map((value, i) => (KEPT.includes(Math.floor(i / CLASSES)) ? value : NaN));
}

function checkLeftOut(one: Case, on: Losses, y: never, more: object): void {
  const kept = Float32Array.from(pick(LOGITS, KEPT, CLASSES));
  const alone = one.call(
    on,
    { data: kept, shape: shapeOf(one, KEPT.length) } as never,
    targetsOf(one, KEPT, false),
    options,
  );
  const whole = { data: spoiled(), shape: shapeOf(one, ROWS) } as never;
  const got = one.call(on, whole, y, { ...options, ...more });
  const counted = one.countsRows && "ignoreIndex" in more ? ROWS : alone.count;
  expect(got.count).toBe(counted);
  const width = (alone.loss as Float32Array).length / KEPT.length;
  const others = ALL.filter((r) => !KEPT.includes(r));
  const loss = got.loss as Float32Array;
  expectSameBits(pick(loss, KEPT, width), Array.from(alone.loss as Float32Array), one.name);
  expectZeros(pick(loss, others, width), one.name);
  const [mine, truth] = [gradsOf(got), gradsOf(alone)];
  expectSameBits(pick(mine.rows, KEPT, CLASSES), Array.from(truth.rows), one.name);
  expectZeros(pick(mine.rows, others, CLASSES), one.name);
  mine.sums.forEach((sum, i) => void expectClose(sum, truth.sums[i]!, lossGradient));
  const mean = one.call(on, whole, y, { ...more, ...(one.isSequence && { divisor: "rows" }) });
  expect(Number.isFinite(mean.loss), `mean of ${one.name}`).toBe(true);
}

it("every loss is in the table", () => {
  const losses = Object.keys(PLANS).filter((name) => /Loss$|CrossEntropy/i.test(name));
  expect([...new Set(CASES.map(({ name }) => name))].toSorted()).toEqual(losses.toSorted());
});

it.each(CASES.filter(({ kind }) => kind === "indices" || kind === "labels"))(
  "$name: rows of NaN with two ignored values touch nothing",
  (one) => {
    for (const on of [PLAIN, TILED]) {
      checkLeftOut(one, on, targetsOf(one, ALL, true), { ignoreIndex: IGNORED });
    }
  },
);

it.each(CASES)("$name of $kind: rows of NaN under a rowMask touch nothing", (one) => {
  const rowMask = ALL.map((r) => KEPT.includes(r));
  for (const on of [PLAIN, TILED]) {
    checkLeftOut(one, on, targetsOf(one, ALL, false), { rowMask });
  }
});

it.each(CASES.filter(({ classMask }) => classMask !== false))(
  "$name of $kind: a class of NaN under a classMask touches nothing",
  (one) => {
    const classMask = Array.from({ length: CLASSES }, (_unused, c) => c !== MASKED);
    const nan = LOGITS.map((value, i) => (i % CLASSES === MASKED ? NaN : value));
    const y = targetsOf(one, ALL, false);
    const shape = shapeOf(one, ROWS);
    const call = (data: Float32Array): Outcome =>
      one.call(PLAIN, { data, shape } as never, y, { ...options, classMask });
    const [got, truth] = [call(nan), call(LOGITS)];
    expect(got.count).toBe(truth.count);
    expectSameBits(got.loss as Numbers, truth.loss as Numbers, one.name);
    const { rows } = gradsOf(got);
    expectSameBits(rows, gradsOf(truth).rows, one.name);
    expect(rows.every(Number.isFinite)).toBe(true);
    expectZeros(rows.filter((_g, i) => i % CLASSES === MASKED));
  },
);

describe("metrics", () => {
  const kept = { data: Float32Array.from(pick(LOGITS, KEPT, CLASSES)), shape: [3, CLASSES] };
  const keptTargets = KEPT.map((r) => INDICES[r]!);
  const whole = { data: spoiled(), shape: [ROWS, CLASSES] };
  const ignored: number[] = targetsOf(CASES[0]!, ALL, true);
  const rowMask = ALL.map((r) => KEPT.includes(r));
  const allowed = [0, 1, 3, 4];
  const nan = LOGITS.map((value, i) => (i % CLASSES === MASKED ? NaN : value));

  it("score and the figures of language models", () => {
    const alone = engine.score(kept, keptTargets, { topK: 2 });
    const got = engine.score(whole, ignored, { ignoreIndex: IGNORED, topK: 2 });
    expectSameBits(pick(got.targetLogprob, KEPT, 1), Array.from(alone.targetLogprob));
    expect(ALL.filter((r) => got.rank[r] === -1)).toEqual([1, 3, 4]);
    expect(perplexity(got)).toBe(perplexity(alone));
    expect(bitsPerByte(got, 9)).toBe(bitsPerByte(alone, 9));
    expect(greedyMatch(got, ignored)).toBe(greedyMatch(alone, keptTargets));
    const classMask = Array.from({ length: CLASSES }, (_unused, c) => c !== MASKED);
    const shape = [ROWS, CLASSES];
    const masked = engine.score({ data: nan, shape }, INDICES, { classMask });
    expect(masked).toEqual(engine.score({ data: LOGITS, shape }, INDICES, { classMask }));
  });

  it.each([1, 4000])("Evaluator, the rows %d times", (times) => {
    const repeat = (values: Numbers): Float32Array =>
      Float32Array.from(
        { length: values.length * times },
        (_unused, i) => values[i % values.length]!,
      );
    const logits = { data: repeat(whole.data), shape: [ROWS * times, CLASSES] };
    const few = { data: repeat(kept.data), shape: [3 * times, CLASSES] };
    const settings = { classes: CLASSES, topK: [2], auroc: true, ignoreIndex: IGNORED };
    const truth = new Evaluator(engine, settings)
      .update(few, Int32Array.from(repeat(keptTargets)))
      .result();
    const byValue = new Evaluator(engine, settings);
    byValue.update(logits, Int32Array.from(repeat(ignored)));
    expect(byValue.result()).toEqual(truth);
    const byMask = new Evaluator(engine, settings);
    byMask.update(logits, Int32Array.from(repeat(INDICES)), {
      rowMask: Uint8Array.from(repeat(rowMask.map(Number))),
    });
    expect(byMask.result()).toEqual(truth);
    const allowing = { classes: CLASSES, allowedClasses: allowed, hardest: 3 };
    const of = (data: Float32Array): object =>
      new Evaluator(engine, allowing).update({ data, shape: [ROWS, CLASSES] }, INDICES).toJSON();
    expect(of(nan)).toEqual(of(LOGITS));
  });

  it("MultiLabelEvaluator", () => {
    const settings = { labels: CLASSES, ignoreIndex: IGNORED, auroc: true };
    const truth = new MultiLabelEvaluator(engine, settings).update(
      kept,
      pick(LABELS, KEPT, CLASSES),
    );
    const labels = targetsOf(CASES[3]!, ALL, true);
    expect(new MultiLabelEvaluator(engine, settings).update(whole, labels).result()).toEqual(
      truth.result(),
    );
    const masked = new MultiLabelEvaluator(engine, settings).update(whole, Array.from(LABELS), {
      rowMask,
    });
    expect(masked.result()).toEqual(truth.result());
    const of = (data: Float32Array): object =>
      new MultiLabelEvaluator(engine, { labels: CLASSES, allowedClasses: allowed })
        .update({ data, shape: [ROWS, CLASSES] }, Array.from(LABELS))
        .result();
    expect(of(nan)).toEqual(of(LOGITS));
  });

  it("fits of calibration", () => {
    const more = { ignoreIndex: IGNORED };
    for (const fit of [fitTemperature, fitVector] as const) {
      const truth = JSON.stringify(fit(engine, kept, keptTargets));
      expect(JSON.stringify(fit(engine, whole, ignored, more))).toBe(truth);
      expect(JSON.stringify(fit(engine, whole, INDICES, { rowMask }))).toBe(truth);
      const classMask = Array.from({ length: CLASSES }, (_unused, c) => c !== MASKED);
      const shape = [ROWS, CLASSES];
      const of = (data: Float32Array): string =>
        JSON.stringify(fit(engine, { data, shape }, INDICES, { classMask }));
      expect(of(nan)).toBe(of(LOGITS));
    }
    const scores = Array.from(spoiled()).filter((_v, i) => i % CLASSES === 0);
    const some = KEPT.map((r) => scores[r]!);
    const labels = [0, 77, 1, -5, 77, 1];
    for (const fit of [fitPlatt, fitIsotonic] as const) {
      const truth = JSON.stringify(fit(some, [0, 1, 1]));
      expect(JSON.stringify(fit(scores, labels, more))).toBe(truth);
      expect(JSON.stringify(fit(scores, [0, 0, 1, 0, 0, 1], { rowMask }))).toBe(truth);
    }
  });
});

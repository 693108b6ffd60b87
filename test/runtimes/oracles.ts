/**
 * The float64 oracle of a conformance case: what its numbers must be close to, before their bits are
 * taken as the expected ones.
 */
import * as reference from "../reference/index.ts";
import { fromBfloat16, fromFloat16 } from "../reference/half.ts";
import type { LossAndGradient } from "../reference/reduction.ts";
import { logUniformCount } from "../reference/sampledSoftmaxLoss.ts";
import { sum } from "../reference/sum.ts";
import { centralDifference } from "../support/centralDifference.ts";
import { expectClose } from "../support/matchers.ts";
import * as bounds from "../support/tolerance.ts";
import type { Bound } from "../support/tolerance.ts";
import type { Case } from "./conformance/cases.mjs";

type Numbers = ArrayLike<number>;

interface Flat {
  readonly data: Numbers;
  readonly shape: readonly number[];
}

/** A result of the engine, as far as its parts are compared. */
interface Result {
  readonly data: Numbers;
  readonly values: { readonly data: Numbers };
  readonly indices: { readonly data: Numbers };
  readonly loss: number | Numbers;
  readonly grad?: { readonly data: Numbers };
}

type Oracle = (z: Flat, given: Case, result: Result, context: string) => void;

const array =
  (truth: (z: Flat, options: object) => Numbers, bound: Bound): Oracle =>
  (z, { options = {} }, result, context) =>
    void expectClose(result.data, truth(z, options), bound, { input: z.data, context });

const { exact } = bounds;

const loss =
  (truthOf: (z: Flat, given: Case) => LossAndGradient): Oracle =>
  (z, given, result, context) => {
    const { loss: truth, grad, gradMagnitude } = truthOf(z, given);
    const logit = greatestAdjusted(z, given);
    const rows = given.options?.reduction === "sum" ? z.data.length : 1;
    const options = (part: string) => ({ context: `${context}: ${part}` });
    expectClose(result.loss, truth, bounds.anyLoss(rows, logit), options("loss"));
    if (!result.grad) return;
    expectClose(result.grad.data, grad, bounds.anyGrad(gradMagnitude, logit), options("grad"));
  };

/** The greatest |logit| that temperature or softcap round to float32; 0 where they do not. */
function greatestAdjusted(z: Flat, { options = {} }: Case): number {
  if (options.temperature === undefined && options.softcap === undefined) return 0;
  return Math.max(...Array.from(z.data, Math.abs).filter(Number.isFinite));
}

/** The token with the greatest x + g among those kept, and its log-probability there. */
const drawn: Oracle = (z, { options = {} }, result, context) => {
  const { seed = 0, step = 0, row = 0, temperature = 1, logitBias = [], bannedIds = [] } = options;
  const { ids, processedLogprob } = result as unknown as Record<string, Numbers>;
  const classes = z.shape.at(-1)!;
  for (let r = 0; r < ids!.length; r++) {
    const x = reference.penalize(Array.from(z.data).slice(r * classes, (r + 1) * classes), options);
    for (const [id, bias] of logitBias) x[id] += bias;
    for (const id of bannedIds) x[id] = -Infinity;
    const greedy = { temperature: 1e-9, topK: 1 };
    const kept = reference.sampleDistribution(x, temperature === 0 ? greedy : options);
    const best = [...kept]
      .map(([id, logProb]) => {
        const noise = temperature === 0 ? -id : reference.gumbelNoise(seed, row + r, step, id);
        return { id, logProb, value: logProb + noise };
      })
      .toSorted((a, b) => b.value - a.value)[0]!;
    expectClose(ids![r]!, best.id, exact, { context: `${context}: row ${r}` });
    if (temperature === 0) continue;
    expectClose(processedLogprob![r]!, best.logProb, bounds.logSoftmax, { context });
  }
};

/** The sum of losses of rows, and its gradient as the central difference. */
const summed =
  (lossOf: (x: Float64Array, row: number, given: Case) => number): Oracle =>
  (z, given, result, context) => {
    const classes = z.shape.at(-1)!;
    const total = (x: Float64Array): number =>
      sum(
        Array.from({ length: x.length / classes }, (_unused, row) =>
          lossOf(x.slice(row * classes, (row + 1) * classes), row, given),
        ),
      );
    const x = Float64Array.from(z.data);
    expectClose(result.loss, total(x), bounds.lossSum, { context: `${context}: loss` });
    const grad = centralDifference(total, x);
    expectClose(result.grad!.data, grad, bounds.lossGradient, { context: `${context}: grad` });
  };

/** The row of what has the logits' shape. */
const rowOf = ({ data }: Flat, row: number, x: Float64Array): Float64Array =>
  Float64Array.from(data).slice(row * x.length, (row + 1) * x.length);

/** The same, each element a loss. */
const elements = (lossOf: (x: number, z: number, given: Case) => number): Oracle =>
  summed((x, row, given) => {
    const labels = rowOf(given.second, row, x);
    return sum(Array.from(x, (value, c) => lossOf(value, labels[c]!, given)));
  });

const oneHot = (x: Float64Array, y: number): Float64Array => x.map((_v, c) => (c === y ? 1 : 0));

const ORACLES: Record<string, Oracle> = {
  softmax: (z, { options = {} }, result, context) => {
    const bound = options.temperature === undefined ? bounds.softmax : bounds.softmaxAdjusted;
    const truth = reference.softmax(z.data, z.shape, options);
    expectClose(result.data, truth, bound, { input: z.data, context });
  },
  logSoftmax: array(
    (z, options) => reference.logSoftmax(z.data, z.shape, options),
    bounds.logSoftmax,
  ),
  logSumExp: array((z, options) => reference.logSumExp(z.data, z.shape, options), bounds.logSumExp),
  sigmoid: array((z) => reference.sigmoid(z.data), bounds.sigmoid),
  logSigmoid: array((z) => reference.logSigmoid(z.data), bounds.logSigmoid),
  softplus: array((z) => reference.softplus(z.data), bounds.softplus),
  threshold: array((z, options) => reference.threshold(z.data, options), exact),
  argmax: array((z, options) => reference.argmax(z.data, z.shape, options), exact),
  topK: (z, { second, options = {} }, result, context) => {
    const truth = reference.topK(z.data, z.shape, second, options);
    expectClose(result.values.data, truth.values, exact, { context: `${context}: values` });
    expectClose(result.indices.data, truth.indices, exact, { context: `${context}: indices` });
  },
  gumbelSoftmax: array(
    (z, options) => reference.gumbelSoftmax(z.data, z.shape, options),
    bounds.gumbelSoftmax,
  ),
  sample: drawn,
  score: (z, { second, options = {} }, result, context) => {
    const truth = reference.score(z.data, z.shape, second, options);
    const columns = result as unknown as Record<keyof reference.ScoreRow, Numbers>;
    const column = (name: keyof reference.ScoreRow, bound: Bound): void => {
      const wanted = truth.map((row) => row[name] as number);
      expectClose(columns[name], wanted, bound, { context: `${context}: ${name}` });
    };
    column("logSumExp", bounds.logSumExp);
    column("targetLogprob", bounds.logSoftmax);
    column("entropy", bounds.scoreEntropy);
    column("margin", bounds.scoreMargin);
    for (const name of ["max", "argmax", "rank", "flags"] as const) column(name, exact);
  },
  crossEntropy: loss((z, { second, options }) =>
    "shape" in second
      ? reference.crossEntropyProbabilities(z.data, z.shape, second.data, options)
      : reference.crossEntropy(z.data, z.shape, second, options),
  ),
  focalLoss: summed((x, row, { second, options }) =>
    reference.focalLoss(x, oneHot(x, second[row]), options),
  ),
  polyLoss: summed((x, row, { second }) => reference.polyLoss(x, oneHot(x, second[row]))),
  sigmoidFocalLoss: elements((x, z, { options }) => reference.sigmoidFocalLoss(x, z, options)),
  klDivLoss: elements((x, t) => reference.klDivLoss(x, t)),
  distillationLoss: summed((x, row, { second, options = {} }) => {
    const { direction, temperature } = options;
    return reference.distillationLoss(x, rowOf(second, row, x), direction, temperature);
  }),
  multiMarginLoss: summed((x, row, { second }) => reference.multiMarginLoss(x, second[row])),
  multilabelMarginLoss: summed((x, row, { second }) =>
    reference.multilabelMarginLoss(x, Array.from(rowOf(second, row, x))),
  ),
  multilabelSoftMarginLoss: summed((x, row, { second }) =>
    reference.multilabelSoftMarginLoss(x, rowOf(second, row, x)),
  ),
  softMarginLoss: elements((x, y) => reference.softMarginLoss(x, y)),
  sampledSoftmaxLoss: summed((x, row, { second, options = {} }) => {
    const { sampled, classes } = options;
    const count = (k: number): number => logUniformCount(k, classes, sampled.length);
    return reference.sampledSoftmaxLoss(x, second[row], sampled, count);
  }),
  ctcLoss: (z, given, result, context) => {
    const [steps, samples, classes] = z.shape as [number, number, number];
    const total = (x: Float64Array): number =>
      sum(
        Array.from({ length: samples }, (_unused, n) => {
          const own = Array.from({ length: steps * classes }, (_value, i) => {
            const t = Math.floor(i / classes);
            return x[(t * samples + n) * classes + (i % classes)]!;
          });
          return reference.ctcLoss(own, classes, given.second[n]);
        }),
      );
    const x = Float64Array.from(z.data);
    expectClose(result.loss, total(x), bounds.ctcLoss, { context: `${context}: loss` });
    const grad = centralDifference(total, x);
    expectClose(result.grad!.data, grad, bounds.lossGradient, { context: `${context}: grad` });
  },
  nllLoss: loss((z, { second, options }) => reference.nllLoss(z.data, z.shape, second, options)),
  binaryCrossEntropyWithLogits: loss((z, { second, options }) =>
    reference.binaryCrossEntropyWithLogits(z.data, z.shape, second.data, options),
  ),
};

/** Asserts that the result of a case is within the bounds of its operation. */
export function expectOracle(given: Case, result: unknown): void {
  const oracle = ORACLES[given.operation];
  if (!oracle) throw new Error(`no oracle for ${given.operation}: add it to oracles.ts`);
  oracle(flatten(given.logits), given, result as Result, given.name);
}

/** Logits as the engine sees them: float64 rounded to float32, halves decoded. */
function flatten(logits: Case["logits"]): Flat {
  const { data = logits, dtype } = logits;
  const shape = logits.shape ?? [data.length];
  if (dtype === "float16") return { data: fromFloat16(data), shape };
  if (dtype === "bfloat16") return { data: fromBfloat16(data), shape };
  return { data: Float32Array.from(data), shape };
}

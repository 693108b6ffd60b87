/**
 * One table of operations for what must hold for each of them: faults, growth, addresses, memory.
 */
import { Engine } from "../../src/engine.ts";
import { LogitsError } from "../../src/errors.ts";
import { Arena } from "../../src/memory/arena.ts";
import { Tensor } from "../../src/memory/tensor.ts";
import { TILE_LIMITS } from "../../src/memory/workspace.ts";
import type { TileLimits } from "../../src/memory/workspace.ts";
import type { DType } from "../../src/types.ts";
import type { Kernels } from "../../src/wasm/exports.ts";
import { inlineModule } from "../../src/wasm/inline.ts";
import { instantiateKernels } from "../../src/wasm/instantiate.ts";
import { Random } from "./random.ts";

/** Rows along the axes 1 and 2 are no short rows (65 classes or more), so they may be cut. */
export const SHAPE = [6, 66, 70] as const;
const SIZE = SHAPE[0] * SHAPE[1] * SHAPE[2];
const random = new Random(2);
export const LOGITS = random.normals(SIZE, 4);
const PROBABILITIES = random.probabilities(SIZE / 70, 70);
const LABELS = random.uniforms(SIZE);
const TARGETS = random.indices(SIZE / 70, 70, 0.2);
const MIDDLE = random.indices(SIZE / 66, 66, 0.2);
const WEIGHT = random.uniforms(70, 0.5, 2);
const LAYER_BIAS = WEIGHT.subarray(0, 9);
const LAYER = { data: random.normals(9 * 70, 0.1), shape: [9, 70] };
const ROW_TARGETS = random.indices(SIZE / 70, 9);
const ROW_LABELS = random.uniforms((SIZE / 70) * 9);
const HALVES = Uint16Array.from({ length: SIZE }, () => random.integer(0x7c00));

/** Puts an array where an operation is to find it: in JavaScript memory or in a tensor. */
export type Place = (data: Float32Array | Int32Array | Uint16Array, dtype?: DType) => never;

export interface OperationCase {
  readonly title: string;
  readonly call: (engine: Engine, x: never, place: Place) => unknown;
}

const none = { reduction: "none" } as const;

/** Every operation and each of its plans; `x` is LOGITS. */
export const OPERATIONS: readonly OperationCase[] = [
  { title: "softmax", call: (e, x) => e.softmax(x) },
  { title: "softmax, axis 0", call: (e, x) => e.softmax(x, { axis: 0, temperature: 2 }) },
  { title: "logSoftmax", call: (e, x) => e.logSoftmax(x) },
  { title: "logSoftmax, axis 1", call: (e, x) => e.logSoftmax(x, { axis: 1 }) },
  { title: "logSumExp", call: (e, x) => e.logSumExp(x) },
  { title: "logSumExp, axes 0 and 2", call: (e, x) => e.logSumExp(x, { axis: [0, 2] }) },
  { title: "sigmoid", call: (e, x) => e.sigmoid(x) },
  { title: "sigmoid of halves", call: (e, _x, at) => e.sigmoid(at(HALVES, "float16")) },
  { title: "logSigmoid", call: (e, x) => e.logSigmoid(x) },
  { title: "softplus", call: (e, x) => e.softplus(x) },
  { title: "argmax", call: (e, x) => e.argmax(x) },
  { title: "argmax, axis 1", call: (e, x) => e.argmax(x, { axis: 1 }) },
  { title: "topK", call: (e, x) => e.topK(x, 3) },
  { title: "topK, axis 0", call: (e, x) => e.topK(x, 2, { axis: 0, largest: false }) },
  { title: "threshold", call: (e, x) => e.threshold(x) },
  { title: "score", call: (e, x, at) => e.score(x, at(TARGETS), { topK: 3, temperature: 2 }) },
  { title: "score, axis 1", call: (e, x, at) => e.score(x, at(MIDDLE), { axis: 1 }) },
  {
    title: "sample",
    call: (e, x) => e.sample(x, { topK: 20, topP: 0.9, typicalP: 0.9, bannedIds: [1], seed: 5 }),
  },
  { title: "gumbelSoftmax", call: (e, x) => e.gumbelSoftmax(x, { tau: 0.5, seed: 5 }) },
  {
    title: "gumbelSoftmax, axis 1, with gradient",
    call: (e, x, at) => {
      const grad = new Float32Array(SIZE);
      return [e.gumbelSoftmax(x, { axis: 1, upstream: at(LABELS), grad }), grad];
    },
  },
  {
    title: "crossEntropy",
    call: (e, x, at) =>
      e.crossEntropy(x, at(TARGETS), { weight: at(WEIGHT), labelSmoothing: 0.1, grad: true }),
  },
  {
    title: "crossEntropy, axis 1, none",
    call: (e, x, at) =>
      e.crossEntropy(x, at(MIDDLE), { axis: 1, softcap: 30, grad: true, ...none }),
  },
  {
    title: "crossEntropy with probabilities",
    call: (e, x, at) =>
      e.crossEntropy(x, at(PROBABILITIES), { weight: at(WEIGHT), zLoss: 0.01, grad: true }),
  },
  {
    title: "nllLoss",
    call: (e, x, at) => e.nllLoss(x, at(TARGETS), { weight: at(WEIGHT), grad: true, upstream: 3 }),
  },
  { title: "nllLoss, axis 1", call: (e, x, at) => e.nllLoss(x, at(MIDDLE), { axis: 1, ...none }) },
  {
    title: "binaryCrossEntropyWithLogits",
    call: (e, x, at) =>
      e.binaryCrossEntropyWithLogits(x, at(LABELS), {
        weight: at(WEIGHT),
        posWeight: 2,
        grad: true,
        ...none,
      }),
  },
  {
    title: "linearCrossEntropy",
    call: (e, x, at) =>
      e.linearCrossEntropy({ input: x, weight: LAYER, bias: at(LAYER_BIAS) }, ROW_TARGETS, {
        temperature: 2,
        grad: true,
      }),
  },
  {
    title: "linearBinaryCrossEntropyWithLogits",
    call: (e, x) =>
      e.linearBinaryCrossEntropyWithLogits({ input: x, weight: LAYER }, ROW_LABELS, { grad: true }),
  },
  { title: "linearScore", call: (e, x) => e.linearScore({ input: x, weight: LAYER }, null) },
];

/** Arguments in JavaScript memory. Where the length is SIZE, the shape is SHAPE. */
export const inArrays: Place = (data, dtype) =>
  (data.length === SIZE ? { data, shape: SHAPE, dtype } : data) as never;

/** Arguments in tensors of `engine`. */
export function inTensors(engine: Engine): Place {
  return (data, dtype) => {
    const kind = dtype ?? (data instanceof Int32Array ? "int32" : "float32");
    const tensor = engine.tensor(data.length === SIZE ? SHAPE : [data.length], kind);
    (tensor.data as Float32Array).set(data);
    return tensor as never;
  };
}

/** Every number of a result, in the order of its properties, copied. */
export function numbersIn(result: unknown): number[] {
  if (typeof result === "number") return [result];
  if (ArrayBuffer.isView(result)) return Array.from(result as Float32Array);
  if (Tensor.is(result)) return numbersIn(result.data);
  if (typeof result !== "object" || result === null) return [];
  return Object.values(result).flatMap(numbersIn);
}

export interface Parts {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  readonly heapBase: number;
}

/** What an engine is made of, over a memory of `pages`. */
export function engineParts(pages = 16): Parts {
  const memory = new WebAssembly.Memory({ initial: pages });
  const { kernels } = instantiateKernels(inlineModule, memory, "auto");
  return { memory, kernels, heapBase: kernels.heapBase() };
}

export function engineOver(
  { kernels, memory, heapBase }: Parts,
  arena: Arena = new Arena(memory, heapBase),
  limits: TileLimits = TILE_LIMITS,
): Engine {
  return new Engine(kernels, "strict", arena, limits);
}

/** The LogitsError a call throws; fails if it throws anything else or nothing. */
export function failureOf(call: () => unknown): LogitsError {
  try {
    call();
  } catch (error) {
    if (error instanceof LogitsError) return error;
    throw new Error(`threw ${String(error)} instead of a LogitsError`, { cause: error });
  }
  throw new Error("did not throw");
}

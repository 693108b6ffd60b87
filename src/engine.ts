/**
 * The engine: one WebAssembly instance, one linear memory, the operations as methods.
 */
import { checkNumber, checkOptions, checkWord, fail } from "./check.js";
import { Arena } from "./memory/arena.js";
import type { Job } from "./memory/job.js";
import type { ResidentKernel } from "./memory/residentCall.js";
import { type PlanOf, Session } from "./memory/session.js";
import { TILE_LIMITS, type TileLimits, type Workspace } from "./memory/workspace.js";
import { argmax, type ArgmaxMethods } from "./ops/argmax.js";
import {
  type BinaryCrossEntropyWithLogitsMethods,
  binaryCrossEntropyWithLogits,
} from "./ops/binaryCrossEntropyWithLogits.js";
import { type CrossEntropyMethods, crossEntropy } from "./ops/crossEntropy.js";
import {
  type LinearBinaryCrossEntropyWithLogitsMethods,
  linearBinaryCrossEntropyWithLogits,
} from "./ops/linearBinaryCrossEntropyWithLogits.js";
import { type LinearCrossEntropyMethods, linearCrossEntropy } from "./ops/linearCrossEntropy.js";
import { type LinearScoreMethods, linearScore } from "./ops/linearScore.js";
import { type LogSigmoidMethods, logSigmoid, logSigmoidResident } from "./ops/logSigmoid.js";
import { type LogSoftmaxMethods, logSoftmax, logSoftmaxResident } from "./ops/logSoftmax.js";
import { type LogSumExpMethods, logSumExp } from "./ops/logSumExp.js";
import { type NllLossMethods, nllLoss } from "./ops/nllLoss.js";
import { type SampledSoftmaxLossMethods, sampledSoftmaxLoss } from "./ops/sampledSoftmaxLoss.js";
import { type SampleMethods, sample } from "./ops/sample.js";
import { type ScoreMethods, score } from "./ops/score.js";
import { type SigmoidMethods, sigmoid, sigmoidResident } from "./ops/sigmoid.js";
import { type SoftmaxMethods, softmax, softmaxResident } from "./ops/softmax.js";
import { type SoftplusMethods, softplus, softplusResident } from "./ops/softplus.js";
import { type ThresholdMethods, threshold } from "./ops/threshold.js";
import { type TopKMethods, topK } from "./ops/topK.js";
import { type CtcLossMethods, ctcLoss } from "./ops/ctcLoss.js";
import { type DistillationLossMethods, distillationLoss } from "./ops/distillationLoss.js";
import { type FocalLossMethods, focalLoss } from "./ops/focalLoss.js";
import { type GumbelSoftmaxMethods, gumbelSoftmax } from "./ops/gumbelSoftmax.js";
import { type KlDivLossMethods, klDivLoss } from "./ops/klDivLoss.js";
import { type MultiMarginLossMethods, multiMarginLoss } from "./ops/multiMarginLoss.js";
import {
  type MultilabelMarginLossMethods,
  multilabelMarginLoss,
} from "./ops/multilabelMarginLoss.js";
import {
  type MultilabelSoftMarginLossMethods,
  multilabelSoftMarginLoss,
} from "./ops/multilabelSoftMarginLoss.js";
import { type PolyLossMethods, polyLoss } from "./ops/polyLoss.js";
import { type SigmoidFocalLossMethods, sigmoidFocalLoss } from "./ops/sigmoidFocalLoss.js";
import { type SoftMarginLossMethods, softMarginLoss } from "./ops/softMarginLoss.js";
import type { Numerics } from "./types.js";
import {
  type Instance,
  type ModuleSource,
  checkModule,
  instantiateKernels,
  instantiateModule,
  makeMemory,
  requireSimd,
} from "./wasm/instantiate.js";
import { checkStamp } from "./wasm/stamp.js";

/** Every operation; each is described where it is planned, in src/ops. */
export interface Operations
  extends
    SoftmaxMethods,
    LogSoftmaxMethods,
    LogSumExpMethods,
    SigmoidMethods,
    LogSigmoidMethods,
    SoftplusMethods,
    CrossEntropyMethods,
    NllLossMethods,
    BinaryCrossEntropyWithLogitsMethods,
    CtcLossMethods,
    DistillationLossMethods,
    FocalLossMethods,
    KlDivLossMethods,
    LinearBinaryCrossEntropyWithLogitsMethods,
    LinearCrossEntropyMethods,
    LinearScoreMethods,
    MultiMarginLossMethods,
    MultilabelMarginLossMethods,
    MultilabelSoftMarginLossMethods,
    PolyLossMethods,
    SampledSoftmaxLossMethods,
    SigmoidFocalLossMethods,
    SoftMarginLossMethods,
    ArgmaxMethods,
    TopKMethods,
    ThresholdMethods,
    ScoreMethods,
    SampleMethods,
    GumbelSoftmaxMethods {}

export interface EngineOptions {
  /**
   * "fma": fused multiply-add, where the runtime has it. "strict": the same bits on every device.
   * "auto" (default): fma where possible, else strict.
   */
  readonly numerics?: Numerics | "auto" | undefined;
  /** A compiled module of one's own: logits/wasm/strict.wasm or fma.wasm of this version. */
  readonly module?: WebAssembly.Module | undefined;
  /** Linear memory at the start, in whole pages of 64 KiB (default 1 MiB). */
  readonly initialBytes?: number | undefined;
  /** Linear memory may not grow past this (default 4 GiB). */
  readonly maximumBytes?: number | undefined;
}

/** One instance, one memory, the operations as methods. Made by createEngine. */
export class Engine extends Session implements Operations {
  readonly softmax = this.#method<Operations["softmax"]>("softmax", softmax, softmaxResident);
  readonly logSoftmax = this.#method<Operations["logSoftmax"]>(
    "logSoftmax",
    logSoftmax,
    logSoftmaxResident,
  );
  readonly logSumExp = this.#method<Operations["logSumExp"]>("logSumExp", logSumExp);
  readonly sigmoid = this.#method<Operations["sigmoid"]>("sigmoid", sigmoid, sigmoidResident);
  readonly logSigmoid = this.#method<Operations["logSigmoid"]>(
    "logSigmoid",
    logSigmoid,
    logSigmoidResident,
  );
  readonly softplus = this.#method<Operations["softplus"]>("softplus", softplus, softplusResident);
  readonly crossEntropy = this.#method<Operations["crossEntropy"]>("crossEntropy", crossEntropy);
  readonly nllLoss = this.#method<Operations["nllLoss"]>("nllLoss", nllLoss);
  readonly binaryCrossEntropyWithLogits = this.#method<Operations["binaryCrossEntropyWithLogits"]>(
    "binaryCrossEntropyWithLogits",
    binaryCrossEntropyWithLogits,
  );
  readonly ctcLoss = this.#method<Operations["ctcLoss"]>("ctcLoss", ctcLoss);
  readonly distillationLoss = this.#method<Operations["distillationLoss"]>(
    "distillationLoss",
    distillationLoss,
  );
  readonly focalLoss = this.#method<Operations["focalLoss"]>("focalLoss", focalLoss);
  readonly klDivLoss = this.#method<Operations["klDivLoss"]>("klDivLoss", klDivLoss);
  readonly linearBinaryCrossEntropyWithLogits = this.#method<
    Operations["linearBinaryCrossEntropyWithLogits"]
  >("linearBinaryCrossEntropyWithLogits", linearBinaryCrossEntropyWithLogits);
  readonly linearCrossEntropy = this.#method<Operations["linearCrossEntropy"]>(
    "linearCrossEntropy",
    linearCrossEntropy,
  );
  readonly linearScore = this.#method<Operations["linearScore"]>("linearScore", linearScore);
  readonly multiMarginLoss = this.#method<Operations["multiMarginLoss"]>(
    "multiMarginLoss",
    multiMarginLoss,
  );
  readonly multilabelMarginLoss = this.#method<Operations["multilabelMarginLoss"]>(
    "multilabelMarginLoss",
    multilabelMarginLoss,
  );
  readonly multilabelSoftMarginLoss = this.#method<Operations["multilabelSoftMarginLoss"]>(
    "multilabelSoftMarginLoss",
    multilabelSoftMarginLoss,
  );
  readonly polyLoss = this.#method<Operations["polyLoss"]>("polyLoss", polyLoss);
  readonly sampledSoftmaxLoss = this.#method<Operations["sampledSoftmaxLoss"]>(
    "sampledSoftmaxLoss",
    sampledSoftmaxLoss,
  );
  readonly sigmoidFocalLoss = this.#method<Operations["sigmoidFocalLoss"]>(
    "sigmoidFocalLoss",
    sigmoidFocalLoss,
  );
  readonly softMarginLoss = this.#method<Operations["softMarginLoss"]>(
    "softMarginLoss",
    softMarginLoss,
  );
  readonly argmax = this.#method<Operations["argmax"]>("argmax", argmax);
  readonly topK = this.#method<Operations["topK"]>("topK", topK);
  readonly threshold = this.#method<Operations["threshold"]>("threshold", threshold);
  readonly score = this.#method<Operations["score"]>("score", score);
  readonly sample = this.#method<Operations["sample"]>("sample", sample);
  readonly gumbelSoftmax = this.#method<Operations["gumbelSoftmax"]>(
    "gumbelSoftmax",
    gumbelSoftmax,
  );

  /** The method that plans and runs an operation; its public type is the operation's own. */
  #method<M>(
    name: string,
    plan: (work: Workspace, ...given: never[]) => Job<unknown>,
    resident?: ResidentKernel,
  ): M {
    const method = resident
      ? (a: unknown, b: unknown) => this.callOut(name, plan as PlanOf, resident, a, b)
      : (a: unknown, b: unknown, c: unknown) => this.call(name, plan as PlanOf, [a, b, c]);
    return method as M;
  }
}

export const NUMERICS = ["auto", "strict", "fma"] as const;
export const ENGINE_OPTIONS = ["numerics", "module", "initialBytes", "maximumBytes"] as const;
const DEFAULT_BYTES = 2 ** 20;

/** Makes engines whose compiled modules come from `source`; each entry of the package has its own. */
export function engineFactory(
  source: ModuleSource,
): (options?: EngineOptions, limits?: TileLimits) => Engine {
  return (options, limits = TILE_LIMITS) => {
    const fn = "createEngine";
    const given = checkOptions(fn, options, ENGINE_OPTIONS);
    const numerics = checkWord(fn, "numerics", given.numerics ?? "auto", NUMERICS);
    const bytes = { min: 0, max: 2 ** 32, integer: true };
    const maximum = checkNumber(fn, "maximumBytes", given.maximumBytes ?? 2 ** 32, bytes);
    const initial = checkNumber(fn, "initialBytes", given.initialBytes ?? 0, {
      ...bytes,
      max: maximum,
    });
    requireSimd();
    const { module } = given;
    if (module !== undefined) {
      checkModule(fn, module);
      checkStamp(module, { fn, argument: "module", from: "" });
    }
    const start = given.initialBytes === undefined ? Math.min(DEFAULT_BYTES, maximum) : initial;
    const memory = makeMemory(start);
    const { kernels, numerics: chosen } =
      module === undefined
        ? instantiateKernels(source, memory, numerics)
        : ownModule(fn, module, memory, numerics);
    return new Engine(kernels, chosen, new Arena(memory, kernels.heapBase(), maximum), limits);
  };
}

function ownModule(
  fn: string,
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  wanted: Numerics | "auto",
): Instance {
  const kernels = instantiateModule(module, memory);
  const numerics = kernels.isFused() ? "fma" : "strict";
  if (wanted !== "auto" && wanted !== numerics) {
    fail("ERR_ARGUMENT_VALUE", {
      fn,
      argument: "numerics",
      expected: `must be "auto" or that of the module, ${JSON.stringify(numerics)}`,
      got: wanted,
    });
  }
  return { kernels, numerics };
}

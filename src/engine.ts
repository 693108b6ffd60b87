/**
 * The engine: one WebAssembly instance, one linear memory, the operations as methods.
 */
import { checkNumber, checkOptions, checkWord, fail } from "./check.js";
import { Arena } from "./memory/arena.js";
import {
  AXIS_LOSS_OPTIONS,
  LOSS_OPTIONS,
  type ResidentKernel,
  type ResidentLoss,
  hasOnly,
  optionOf,
  runResident,
  runResidentLoss,
} from "./memory/residentCall.js";
import { type PlanOf, Session } from "./memory/session.js";
import { TILE_LIMITS, type TileLimits } from "./memory/workspace.js";
import { KERNELS, RESIDENT_LOSSES, type Operations, PLANS } from "./ops/operations.js";
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
import type { Kernels } from "./wasm/exports.js";
import { checkStamp } from "./wasm/stamp.js";

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
  declare readonly softmax: Operations["softmax"];
  declare readonly logSoftmax: Operations["logSoftmax"];
  declare readonly logSumExp: Operations["logSumExp"];
  declare readonly sigmoid: Operations["sigmoid"];
  declare readonly logSigmoid: Operations["logSigmoid"];
  declare readonly softplus: Operations["softplus"];
  declare readonly crossEntropy: Operations["crossEntropy"];
  declare readonly nllLoss: Operations["nllLoss"];
  declare readonly binaryCrossEntropyWithLogits: Operations["binaryCrossEntropyWithLogits"];
  declare readonly ctcLoss: Operations["ctcLoss"];
  declare readonly distillationLoss: Operations["distillationLoss"];
  declare readonly focalLoss: Operations["focalLoss"];
  declare readonly klDivLoss: Operations["klDivLoss"];
  declare readonly linearBinaryCrossEntropyWithLogits: Operations["linearBinaryCrossEntropyWithLogits"];
  declare readonly linearCrossEntropy: Operations["linearCrossEntropy"];
  declare readonly linearScore: Operations["linearScore"];
  declare readonly multiMarginLoss: Operations["multiMarginLoss"];
  declare readonly multilabelMarginLoss: Operations["multilabelMarginLoss"];
  declare readonly multilabelSoftMarginLoss: Operations["multilabelSoftMarginLoss"];
  declare readonly polyLoss: Operations["polyLoss"];
  declare readonly sampledSoftmaxLoss: Operations["sampledSoftmaxLoss"];
  declare readonly sigmoidFocalLoss: Operations["sigmoidFocalLoss"];
  declare readonly softMarginLoss: Operations["softMarginLoss"];
  declare readonly argmax: Operations["argmax"];
  declare readonly topK: Operations["topK"];
  declare readonly threshold: Operations["threshold"];
  declare readonly score: Operations["score"];
  declare readonly sample: Operations["sample"];
  declare readonly gumbelSoftmax: Operations["gumbelSoftmax"];

  constructor(kernels: Kernels, numerics: Numerics, arena: Arena, limits: TileLimits) {
    super(kernels, numerics, arena, limits);
    const methods = this as Record<string, unknown>;
    for (const name in PLANS) methods[name] = this.#method(name);
  }

  /** The method that plans and runs an operation; its public type is the operation's own. */
  #method(name: string): (...given: unknown[]) => unknown {
    const plan = PLANS[name as keyof Operations] as PlanOf;
    const kernel = KERNELS[name];
    if (kernel) return (a, b) => this.callOut(name, plan, kernel, a, b);
    const loss = RESIDENT_LOSSES[name];
    if (loss) return (a, b, c) => this.callLoss(name, plan, loss, a, b, c);
    return (a, b, c) => this.call(name, plan, [a, b, c]);
  }

  /** Runs an operation whose `kernel` can run at once where logits and `out` are tensors. */
  protected callOut(
    name: string,
    plan: PlanOf,
    kernel: ResidentKernel,
    logits: unknown,
    options: unknown,
  ): unknown {
    if (!hasOnly(options, "out")) return this.call(name, plan, [logits, options]);
    this.checkUsable(name);
    const out = optionOf(options, "out");
    try {
      if (runResident(kernel, this.kernels, this.arena, logits, out)) return out;
    } catch (error) {
      return this.failed(name, error);
    }
    return this.call(name, plan, [logits, { out }]);
  }

  /** The same for a loss. */
  protected callLoss(
    name: string,
    plan: PlanOf,
    loss: ResidentLoss,
    logits: unknown,
    targets: unknown,
    options: unknown,
  ): unknown {
    const { weights, hasAxis } = loss;
    if (!hasOnly(options, weights, hasAxis ? AXIS_LOSS_OPTIONS : LOSS_OPTIONS)) {
      return this.call(name, plan, [logits, targets, options]);
    }
    this.checkUsable(name);
    let grad: unknown;
    let reduction: unknown;
    let weight: unknown;
    let ignoreIndex: unknown;
    let labelSmoothing: unknown;
    let axis: unknown;
    // One walk, that reads each once: a walk for each costs more than a small kernel.
    for (const option in options as object) {
      const value = (options as Record<string, unknown>)[option];
      if (option === "grad") grad = value;
      else if (option === "reduction") reduction = value;
      else if (option === "ignoreIndex") ignoreIndex = value;
      else if (option === "labelSmoothing") labelSmoothing = value;
      else if (option === "axis") axis = value;
      else weight = value;
    }
    const { kernels, arena } = this;
    try {
      const result = runResidentLoss(
        loss,
        kernels,
        arena,
        logits,
        targets,
        grad,
        reduction,
        weight,
        ignoreIndex,
        labelSmoothing,
        axis,
      );
      if (result) return result;
    } catch (error) {
      return this.failed(name, error);
    }
    const given = { grad, reduction, [weights]: weight, ignoreIndex, labelSmoothing };
    if (axis !== undefined) Object.assign(given, { axis });
    return this.call(name, plan, [logits, targets, given]);
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

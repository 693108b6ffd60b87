/**
 * One WebAssembly instance over one linear memory: tensors, scopes, and the running of jobs. The
 * engine adds the operations.
 */
import { fail, failState } from "../check.js";
import { LogitsError } from "../errors.js";
import type { DType, Numerics, Shape } from "../types.js";
import type { Kernels } from "../wasm/exports.js";
import type { Arena } from "./arena.js";
import type { Job } from "./job.js";
import { runJob } from "./runJob.js";
import { Tensor, makeTensor } from "./tensor.js";
import { type TileLimits, Workspace } from "./workspace.js";

type Plan<Result> = (work: Workspace) => Job<Result>;

/** The plan of an operation: the workspace, then the caller's arguments as they came. */
export type PlanOf = (work: Workspace, ...given: unknown[]) => Job<unknown>;

export class Session {
  /** The numeric build in use. */
  readonly numerics: Numerics;
  protected readonly arena: Arena;
  protected readonly kernels: Kernels;
  protected readonly limits: TileLimits;
  readonly #scopes: Set<Tensor>[] = [];
  /** Tensors disposed so far. */
  #disposals = 0;
  #broken: unknown;
  #idle: Workspace | undefined;

  constructor(kernels: Kernels, numerics: Numerics, arena: Arena, limits: TileLimits) {
    this.kernels = kernels;
    this.arena = arena;
    this.limits = limits;
    this.numerics = numerics;
  }

  /** Linear memory: bytes held, and bytes of live tensors among them. */
  get memory(): { readonly heldBytes: number; readonly liveBytes: number } {
    const { heldBytes, liveBytes } = this.arena;
    return { heldBytes, liveBytes };
  }

  get disposed(): boolean {
    return this.arena.disposed;
  }

  /**
   * Makes an array of zeros in linear memory. Operations on Tensors copy nothing and return Tensors.
   *
   * @param shape - dimensions; [] is a single element.
   * @param dtype - "float32" (default), "float16", "bfloat16", "int32" or "uint8".
   * @throws {LogitsError} ERR_OUT_OF_MEMORY where memory cannot grow; ERR_ARGUMENT_VALUE and others.
   * @example
   * const x = engine.tensor([2, 3]);
   * x.data.set([1, 2, 3, 4, 5, 6]);
   */
  tensor<D extends DType = "float32">(shape: Shape, dtype: D = "float32" as D): Tensor<D> {
    this.checkUsable("tensor");
    const tensor = makeTensor(this.arena, shape, dtype, this.forget);
    this.#scopes.at(-1)?.add(tensor);
    return tensor;
  }

  /**
   * Runs `body` and disposes every tensor made inside it, except those it returns (alone, in an
   * array or in an object), which pass to the scope outside.
   */
  scope<Result>(body: () => Result): Result {
    this.checkUsable("scope");
    if (typeof body !== "function") {
      fail("ERR_ARGUMENT_TYPE", {
        fn: "scope",
        argument: "body",
        expected: "must be a function",
        got: body,
      });
    }
    const made = new Set<Tensor>();
    this.#scopes.push(made);
    let kept: Tensor[] = [];
    try {
      const result = body();
      if (typeof (result as { then?: unknown } | null)?.then === "function") {
        fail("ERR_ARGUMENT_TYPE", {
          fn: "scope",
          argument: "body",
          expected: "must be synchronous",
          gotText: "a promise",
        });
      }
      kept = tensorsIn(result, 0).filter((tensor) => made.has(tensor));
      return result;
    } finally {
      this.#scopes.splice(this.#scopes.indexOf(made), 1);
      for (const tensor of kept) made.delete(tensor);
      for (const tensor of made) tensor.dispose();
      for (const tensor of kept) this.#scopes.at(-1)?.add(tensor);
    }
  }

  /** Ends the engine: its tensors are dead and further calls are errors. Twice does nothing. */
  dispose(): void {
    this.arena.dispose();
    this.#scopes.length = 0;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Plans and runs one operation; for the rooms above, which plan operations of their own. */
  run<Result>(name: string, plan: Plan<Result>): Result {
    this.checkUsable(name);
    // One workspace serves call after call; a call inside a call (from a getter) makes another.
    const work = this.#idle ?? new Workspace(this.arena, this.kernels, this.limits, this.forget);
    this.#idle = undefined;
    let failed = true;
    try {
      const job = this.planned(name, () => plan(work));
      const result = runJob(job, work);
      failed = false;
      const scope = this.#scopes.at(-1);
      if (scope) for (const tensor of work.tensors) scope.add(tensor);
      return result;
    } catch (error) {
      return this.failed(name, error);
    } finally {
      if (!this.#broken && !this.disposed) {
        work.end(failed);
        this.#idle = work;
      }
    }
  }

  /** Plans and runs one operation with the caller's arguments: every method of the engine. */
  protected call(name: string, plan: PlanOf, given: readonly unknown[]): unknown {
    return this.run(name, (work) => plan(work, ...given));
  }

  /** The job of a plan. Getters and proxies among the arguments run code of the caller's. */
  protected planned<Result>(name: string, plan: () => Job<Result>): Job<Result> {
    const before = this.#disposals;
    const job = plan();
    if (this.#disposals !== before || this.disposed) {
      failState("ERR_STATE", `${name}: tensors were disposed while the arguments were read`);
    }
    return job;
  }

  protected get broken(): boolean {
    return this.#broken !== undefined;
  }

  /** Throws what a call failed with; a trap breaks the engine. */
  protected failed(name: string, error: unknown): never {
    if (error instanceof LogitsError || !isTrap(error)) throw error;
    this.#broken = error;
    return failState(
      "ERR_TRAP",
      `${name}: WebAssembly trapped (${error}); make a new engine`,
      error,
    );
  }

  protected readonly forget = (tensor: Tensor): void => {
    this.#disposals++;
    for (const scope of this.#scopes) scope.delete(tensor);
  };

  protected checkUsable(name: string): void {
    if (this.#broken) {
      failState(
        "ERR_TRAP",
        `${name}: this engine is broken by an earlier trap; make a new engine`,
        this.#broken,
      );
    }
    if (this.arena.disposed) {
      failState("ERR_STATE", `${name}: this engine was disposed; make a new engine`);
    }
  }
}

function isTrap(error: unknown): boolean {
  return typeof WebAssembly === "object" && error instanceof WebAssembly.RuntimeError;
}

/** Tensors in a result: itself, or inside arrays and plain objects a few levels deep. */
function tensorsIn(value: unknown, depth: number): Tensor[] {
  if (Tensor.is(value)) return [value];
  if (typeof value !== "object" || value === null || depth > 4 || ArrayBuffer.isView(value))
    return [];
  return Object.values(value).flatMap((part) => tensorsIn(part, depth + 1));
}

/**
 * The engine over shared memory: every operation of Engine, run by all participants, as a promise.
 */
import { failState } from "../check.js";
import { Engine } from "../engine.js";
import type { Arena } from "../memory/arena.js";
import type { Job } from "../memory/job.js";
import type { ResidentKernel, ResidentLoss } from "../memory/residentCall.js";
import { runJob } from "../memory/runJob.js";
import type { PlanOf } from "../memory/session.js";
import type { TileLimits, Workspace } from "../memory/workspace.js";
import type { Numerics } from "../types.js";
import type { Kernels } from "../wasm/exports.js";
import type { Crew } from "./crew.js";
import type { Ring } from "./ring.js";
import { runShared } from "./runShared.js";
import { SharedWorkspace } from "./sharedWorkspace.js";
import { type CallUses, TensorUses } from "./tensorUses.js";
import { Turns } from "./turns.js";
import { Watch, splitOptions } from "./watch.js";

export interface SharedParts {
  readonly kernels: Kernels;
  readonly numerics: Numerics;
  readonly arena: Arena;
  readonly limits: TileLimits;
  readonly ring: Ring;
  /** The workers; undefined where the engine is alone. */
  readonly crew: Crew | undefined;
  readonly threads: number;
  readonly threadsReason: string;
  /** Jobs of fewer elements run on the calling thread at once. */
  readonly leastElements: number;
  /** How long a call keeps the calling thread before other tasks get a turn, ms. */
  readonly slice: number;
}

export class SharedEngine extends Engine {
  readonly #parts: SharedParts;
  readonly #uses: TensorUses;
  readonly #turns = new Turns();
  #ended: Promise<void> | undefined;

  constructor(parts: SharedParts) {
    super(parts.kernels, parts.numerics, parts.arena, parts.limits);
    this.#parts = parts;
    this.#uses = new TensorUses(parts.arena);
  }

  get threads(): number {
    const { crew, threads } = this.#parts;
    return crew?.givenUp ? crew.size + 1 : threads;
  }

  get threadsReason(): string {
    const { crew, threadsReason } = this.#parts;
    return crew?.givenUp ? "workers kept dying and were given up" : threadsReason;
  }

  /** Scopes belong to synchronous calls. */
  override scope(): never {
    return failState(
      "ERR_UNSUPPORTED",
      "scope: calls of a parallel engine outlive a scope; dispose its tensors, or declare them with using",
    );
  }

  /** As `run`, by all participants; for the rooms above, which plan operations of their own. */
  runParallel<Result>(name: string, plan: (work: Workspace) => Job<Result>): Promise<Result> {
    return this.call(name, plan as PlanOf, []) as Promise<Result>;
  }

  /** Ends the workers and rejects pending calls; resolves when the workers have ended. */
  override dispose(): Promise<void> {
    super.dispose();
    return (this.#ended ??= Promise.resolve(this.#parts.crew?.end()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  protected override async call(
    name: string,
    plan: PlanOf,
    given: readonly unknown[],
  ): Promise<unknown> {
    this.checkUsable(name);
    const { arena, limits, ring, crew, slice } = this.#parts;
    const { plan: args, options } = splitOptions(name, given);
    const watch = new Watch(name, options, slice, (fn) => {
      this.checkUsable(fn);
      crew?.checkFault(fn);
    });
    const work = new SharedWorkspace(arena, ring.recorder.kernels, limits, this.forget);
    work.isAlone = crew === undefined;
    let uses: CallUses = new Map();
    let failed = true;
    try {
      if (options.signal?.aborted) watch.check();
      const plans = this.#uses.during(() => this.planned(name, () => plan(work, ...args)));
      uses = plans.uses;
      this.#uses.begin(uses);
      const job = plans.result;
      const isSmall = job.rows * Math.max(1, job.classes) < this.#parts.leastElements;
      const result = isSmall ? this.#runHere(job, work) : await this.#runShared(job, work, watch);
      watch.progress(job.rows, job.rows);
      failed = false;
      return result;
    } catch (error) {
      return this.failed(name, error);
    } finally {
      if (!this.broken && !arena.disposed) work.end(failed);
      this.#uses.end(uses);
    }
  }

  /** As every other call: even a small one takes its turn among those under way. */
  protected override callOut(
    name: string,
    plan: PlanOf,
    _kernel: ResidentKernel,
    logits: unknown,
    options: unknown,
  ): unknown {
    return this.call(name, plan, [logits, options]);
  }

  protected override callLoss(
    name: string,
    plan: PlanOf,
    _loss: ResidentLoss,
    ...given: unknown[]
  ): unknown {
    return this.call(name, plan, given);
  }

  /** Runs a small job at once; the ring may be in the middle of another call. */
  #runHere(job: Job<unknown>, work: SharedWorkspace): unknown {
    const { recorder } = this.#parts.ring;
    const before = recorder.local;
    try {
      work.placeScratch(recorder, 1);
      return runJob(job, work);
    } finally {
      recorder.local = before;
    }
  }

  async #runShared(job: Job<unknown>, work: SharedWorkspace, watch: Watch): Promise<unknown> {
    const { ring, crew, threads } = this.#parts;
    const turn = this.#turns.take(watch.signal);
    if (turn && !(await turn)) watch.check();
    let finished = false;
    try {
      crew?.beginCall();
      watch.check();
      const result = await runShared(job, work, ring, watch, threads);
      finished = true;
      return result;
    } finally {
      if (!finished) await ring.clear();
      this.#turns.pass();
    }
  }
}

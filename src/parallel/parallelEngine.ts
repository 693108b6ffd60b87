/**
 * What callers see of the parallel engine.
 */
import type { Session } from "../memory/session.js";
import type { Numerics } from "../types.js";
import type { WorkerLike } from "./host.js";
import type { ParallelOperations } from "./operations.js";

export interface ParallelEngineOptions {
  /** Threads at work, the calling one among them, 1 to 128 (default: the cores, at most 8). */
  readonly threads?: number | undefined;
  /** As in createEngine (default "auto"). */
  readonly numerics?: Numerics | "auto" | undefined;
  /**
   * Makes a worker that runs `logits/parallel/worker`, for pages whose policy forbids workers from
   * blob: URLs. Called once a worker, and again when one has died.
   */
  readonly createWorker?: (() => WorkerLike) | undefined;
  /** Linear memory at the start (default 1 MiB). */
  readonly initialBytes?: number | undefined;
  /** Linear memory may not grow past this (default 4 GiB). */
  readonly maximumBytes?: number | undefined;
}

/** The operations of the engine as promises, over shared memory. Made by createParallelEngine. */
export interface ParallelEngine
  extends ParallelOperations, Pick<Session, "numerics" | "memory" | "disposed" | "tensor"> {
  /** Threads at work, the calling one among them. 1 where there can be no others. */
  readonly threads: number;
  /** Why there are as many. */
  readonly threadsReason: string;
  /**
   * Ends the workers: pending calls reject with ERR_STATE, tensors are dead. Resolves when the
   * workers have ended.
   */
  dispose(): Promise<void>;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}

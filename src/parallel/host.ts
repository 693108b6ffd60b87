/**
 * What the parallel engine asks of its host beyond src/host.d.ts: workers and cores. Node's modules are
 * reached through `process.getBuiltinModule`, so nothing is imported.
 */
import { WORKER_SOURCE } from "./worker.generated.js";

/** A Worker of the web or of worker_threads. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** What a running worker tells. */
export interface WorkerEvents {
  message(data: unknown): void;
  /** It failed or ended, once or more. */
  died(reason: string): void;
}

type Listen = (type: string, listener: (event: never) => void) => void;

interface Host {
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly crossOriginIsolated?: boolean;
  readonly Worker?: new (url: string, options?: object) => WorkerLike;
  readonly Blob?: new (parts: string[], options: object) => object;
  readonly URL?: { createObjectURL(blob: object): string; revokeObjectURL(url: string): void };
  setTimeout?(task: () => void, milliseconds?: number): unknown;
  clearTimeout?(timer: unknown): void;
}

const host = globalThis as Host;

interface WorkerThreads {
  readonly Worker?: new (source: string, options: object) => WorkerLike;
}
const threads = host.process?.getBuiltinModule?.("node:worker_threads") as
  WorkerThreads | undefined;

/** Why workers are out of the question here, or undefined where they may be tried. */
export function whyAlone(): string | undefined {
  if (typeof SharedArrayBuffer === "undefined" || host.crossOriginIsolated === false) {
    return "no shared memory: the page is not cross-origin isolated; serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp";
  }
  if (!threads?.Worker && !host.Worker) return "this runtime has no workers";
  return undefined;
}

/** Logical cores, at least 1. */
export function countCores(): number {
  const os = host.process?.getBuiltinModule?.("node:os") as
    { availableParallelism?(): number } | undefined;
  return os?.availableParallelism?.() ?? host.navigator?.hardwareConcurrency ?? 1;
}

/** Whether this thread may wait in Atomics.wait: everywhere but in the main thread of a page. */
export function mayBlock(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}

/** A worker from the text of worker.js. */
export function startInlineWorker(): WorkerLike {
  if (threads?.Worker) {
    return new threads.Worker(WORKER_SOURCE, { eval: true, execArgv: [], name: "logits" });
  }
  const url = host.URL!.createObjectURL(new host.Blob!([WORKER_SOURCE], { type: SCRIPT }));
  const worker = new host.Worker!(url, { type: "module", name: "logits" });
  const revoke = (): void => host.URL!.revokeObjectURL(url);
  listen(worker, { message: revoke, died: revoke });
  return worker;
}

const SCRIPT = "text/javascript";

/** Listens to a worker of either kind. */
export function listen(worker: WorkerLike, events: WorkerEvents): void {
  const { on, addEventListener } = worker as { on?: Listen; addEventListener?: Listen };
  if (typeof on === "function") {
    on.call(worker, "message", (data: unknown) => events.message(data));
    on.call(worker, "error", (error: unknown) => events.died(String(error)));
    on.call(worker, "exit", (code: unknown) => events.died(`exit code ${String(code)}`));
    return;
  }
  addEventListener?.call(worker, "message", (event: { data: unknown }) =>
    events.message(event.data),
  );
  addEventListener?.call(worker, "error", (event: { message?: unknown }) =>
    events.died(String(event.message ?? "the script could not be loaded")),
  );
  addEventListener?.call(worker, "messageerror", () => events.died("memory could not be sent"));
}

/** Lets the process end although the worker runs, where the host has such a thing. */
export function unref(handle: unknown): void {
  (handle as { unref?(): void }).unref?.();
}

/** Runs `task` after some time; the function returned calls that off. */
export function after(milliseconds: number, task: () => void): () => void {
  const timer = host.setTimeout?.(task, milliseconds);
  return () => host.clearTimeout?.(timer);
}

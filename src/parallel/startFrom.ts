/**
 * From builds and options to a running parallel engine: memory, module, workers; or none, and why.
 */
import { checkNumber, checkOptions, checkWord, describe, fail, failState } from "../check.js";
import { Arena } from "../memory/arena.js";
import { TILE_LIMITS, type TileLimits } from "../memory/workspace.js";
import type { Numerics } from "../types.js";
import { type ModuleSource, instantiateKernels } from "../wasm/instantiate.js";
import type { KernelSignature } from "../wasm/moduleBytes.js";
import { Control } from "./control.js";
import { Crew } from "./crew.js";
import { type WorkerLike, countCores, mayBlock, startInlineWorker, whyAlone } from "./host.js";
import type { ParallelEngine, ParallelEngineOptions } from "./parallelEngine.js";
import { Recorder } from "./recorder.js";
import { Ring } from "./ring.js";
import { SharedEngine } from "./sharedEngine.js";
import { MAX_DEFAULT_THREADS, readThreads } from "./threadCount.js";

/** The compiled builds of an entry. */
export interface Builds {
  readonly own: ModuleSource;
  /** What workers need; undefined where there are none. */
  readonly shared?: {
    module(numerics: Numerics, maximumPages: number): WebAssembly.Module;
    signatures(numerics: Numerics): readonly KernelSignature[];
  };
}

/** What tests and benchmarks set otherwise. No value changes a bit of a result. */
export interface Tuning {
  readonly limits: TileLimits;
  readonly leastElements: number;
  /** How long a call keeps the calling thread before other tasks get a turn, ms. */
  readonly slice: number;
  /** Whether the calling thread may wait in Atomics.wait. */
  readonly mayBlock: boolean;
  /** Whether the calling thread runs pieces of a shared job too (default true). */
  readonly takesPart: boolean;
}

/** Jobs of fewer elements run on the calling thread; npm run bench -- parallel measures where it pays. */
export const LEAST_ELEMENTS = 262144;

/** A frame of a page has 16 ms: a long call leaves half of them to others. */
const SLICE = 8;
const OPTIONS = ["threads", "numerics", "createWorker", "initialBytes", "maximumBytes"] as const;
const DEFAULT_BYTES = 2 ** 20;
const PAGE = 65536;
const NO_WORKERS = "an edge runtime has no workers";
const fn = "createParallelEngine";

export async function startFrom(
  { own, shared }: Builds,
  options: ParallelEngineOptions | undefined,
  tuning: Partial<Tuning>,
): Promise<ParallelEngine> {
  const given = checkOptions(fn, options, OPTIONS);
  const cores = countCores();
  const wanted = readThreads(fn, given.threads);
  const numerics = checkWord(fn, "numerics", given.numerics ?? "auto", ["auto", "strict", "fma"]);
  const { createWorker } = given;
  if (createWorker !== undefined && typeof createWorker !== "function") {
    const expected = "must be a function that returns a Worker";
    fail("ERR_ARGUMENT_TYPE", { fn, argument: "createWorker", expected, got: createWorker });
  }
  const bytes = { min: 0, max: 2 ** 32, integer: true };
  const initial = checkNumber(fn, "initialBytes", given.initialBytes ?? DEFAULT_BYTES, bytes);
  const maximum = checkNumber(fn, "maximumBytes", given.maximumBytes ?? 2 ** 32, bytes);

  const alone = wanted === 1 ? "one thread was asked for" : shared ? whyAlone() : NO_WORKERS;
  const threads = alone === undefined ? wanted : 1;
  const room = { initial, maximum, threads };
  const { memory, source } =
    shared && alone === undefined ? sharedMemory(room, shared.module) : ownMemory(room, own);
  const { kernels, numerics: chosen } = instantiateKernels(source, memory, numerics);
  const control = new Control(threads, alone === undefined);
  const recorder = new Recorder(kernels, shared?.signatures(chosen) ?? [], control);
  const scratchBytes = alone === undefined ? kernels.scratchBytes() : 0;
  const scratchPtr = Math.ceil(kernels.heapBase() / 64) * 64;
  if (scratchBytes > 0) kernels.useScratch(scratchPtr);
  const crew =
    alone === undefined
      ? new Crew({
          control,
          module: source(chosen)!,
          memory,
          scratchPtr,
          scratchBytes,
          threads,
          spin: threads <= cores ? SPIN : 0,
          start: createWorker ? () => ownWorker(createWorker) : startInlineWorker,
        })
      : undefined;
  const failure = await crew?.start().catch((reason: unknown) => reason);
  if (failure !== undefined) await giveUp(crew!, failure, createWorker !== undefined);
  const isAlone = crew === undefined || failure !== undefined;
  const engine = new SharedEngine({
    kernels,
    numerics: chosen,
    arena: new Arena(memory, scratchPtr + threads * scratchBytes, maximum),
    limits: tuning.limits ?? TILE_LIMITS,
    ring: new Ring(recorder, control, isAlone ? undefined : crew, {
      mayBlock: tuning.mayBlock ?? mayBlock(),
      takesPart: tuning.takesPart ?? true,
    }),
    crew: isAlone ? undefined : crew,
    threads: isAlone ? 1 : threads,
    threadsReason: reasonOf(alone, failure, given.threads, cores),
    leastElements: tuning.leastElements ?? LEAST_ELEMENTS,
    slice: tuning.slice ?? SLICE,
  });
  return engine as unknown as ParallelEngine;
}

/** How long workers spin before they sleep, ms; not at all where there are more than cores. */
const SPIN = 0.1;

interface Room {
  readonly initial: number;
  readonly maximum: number;
  readonly threads: number;
}

interface Place {
  readonly memory: WebAssembly.Memory;
  readonly source: ModuleSource;
}

function ownMemory({ initial, maximum }: Room, source: ModuleSource): Place {
  const pages = Math.max(1, Math.ceil(Math.min(initial, maximum) / PAGE));
  return { memory: new WebAssembly.Memory({ initial: pages }), source };
}

/** Shared memory names its maximum from the start; the module is made to ask for the same. */
function sharedMemory(
  { initial, maximum, threads }: Room,
  module: NonNullable<Builds["shared"]>["module"],
): Place {
  const least = Math.ceil((threads * SCRATCH_ROOM + STATICS_ROOM) / PAGE);
  const most = Math.max(least, Math.ceil(maximum / PAGE));
  const pages = Math.min(most, Math.max(least, Math.ceil(initial / PAGE)));
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: most, shared: true });
    return { memory, source: (numerics) => module(numerics, most) };
  } catch (cause) {
    failState(
      "ERR_OUT_OF_MEMORY",
      `${fn}: the runtime cannot reserve ${most * PAGE} bytes of shared memory; lower maximumBytes`,
      cause,
    );
  }
}

/** Room for the scratch of a participant and for the module's static tables. */
const SCRATCH_ROOM = 16384;
const STATICS_ROOM = 4 * PAGE;

function ownWorker(createWorker: () => unknown): WorkerLike {
  const worker = createWorker() as Partial<WorkerLike> | null | undefined;
  if (typeof worker?.postMessage !== "function" || typeof worker.terminate !== "function") {
    const expected = "must return a Worker";
    fail("ERR_ARGUMENT_TYPE", { fn, argument: "createWorker", expected, got: worker });
  }
  return worker as WorkerLike;
}

/** No worker could be started: an error where the caller makes them, else the engine is alone. */
async function giveUp(crew: Crew, failure: unknown, isOwn: boolean): Promise<void> {
  await crew.end();
  if (!isOwn) return;
  if (typeof failure !== "string") throw failure;
  failState("ERR_WORKER", `${fn}: a worker of createWorker did not start (${failure})`);
}

function reasonOf(
  alone: string | undefined,
  failure: unknown,
  asked: number | undefined,
  cores: number,
): string {
  if (alone !== undefined) return alone;
  if (failure !== undefined) {
    const text = typeof failure === "string" ? failure : describe(failure);
    return `workers could not be started (${text}); pass createWorker`;
  }
  if (asked !== undefined) return "as asked for";
  return cores > MAX_DEFAULT_THREADS
    ? `${MAX_DEFAULT_THREADS} of ${cores} cores; pass threads for more`
    : `one for each of ${cores} cores`;
}

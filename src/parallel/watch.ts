/**
 * The options of one call that its plan does not see, and the moments at which they act: `signal`
 * cancels it, `onProgress` hears of it.
 */
import { fail, failState } from "../check.js";
import { Tensor } from "../memory/tensor.js";
import { turn } from "./turn.js";

/** Rows done, of all. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** As much of an AbortSignal as is used. */
export interface Signal {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export interface CallOptions {
  /** Cancels the call: it rejects with ERR_ABORTED, and what it was to write is undefined. */
  readonly signal?: Signal | undefined;
  /** Called now and then during a long call, and once at its end. What it throws ends the call. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Splits the arguments of a call: CallOptions are taken out of the last one. */
export function splitOptions(
  fn: string,
  given: readonly unknown[],
): { plan: readonly unknown[]; options: CallOptions } {
  let last = given.length - 1;
  while (last >= 0 && given[last] === undefined) last--;
  const options = given[last];
  const isRecord = typeof options === "object" && options !== null && !Array.isArray(options);
  if (last < 1 || !isRecord || ArrayBuffer.isView(options) || Tensor.is(options)) {
    return { plan: given, options: {} };
  }
  if (!Object.hasOwn(options, "signal") && !Object.hasOwn(options, "onProgress")) {
    return { plan: given, options: {} };
  }
  const rest: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  let signal: unknown;
  let onProgress: unknown;
  for (const name of Object.keys(options)) {
    const value = (options as Record<string, unknown>)[name];
    if (name === "signal") signal = value;
    else if (name === "onProgress") onProgress = value;
    else rest[name] = value;
  }
  const plan = given.map((value, i) => (i === last ? rest : value));
  return { plan, options: checked(fn, signal, onProgress) };
}

function checked(fn: string, signal: unknown, onProgress: unknown): CallOptions {
  const { aborted, addEventListener } = (signal ?? {}) as Partial<Signal>;
  const isSignal = typeof aborted === "boolean" && typeof addEventListener === "function";
  if (signal !== undefined && !isSignal) {
    const expected = "must be an AbortSignal";
    fail("ERR_ARGUMENT_TYPE", { fn, argument: "signal", expected, got: signal });
  }
  if (onProgress !== undefined && typeof onProgress !== "function") {
    const expected = "must be a function";
    fail("ERR_ARGUMENT_TYPE", { fn, argument: "onProgress", expected, got: onProgress });
  }
  return { signal, onProgress } as CallOptions;
}

export class Watch {
  readonly #name: string;
  readonly #options: CallOptions;
  readonly #checkEngine: (name: string) => void;
  readonly #slice: number;
  #sliceEnd: number;

  /**
   * @param slice - how long the call keeps its thread before other tasks get a turn, ms.
   * @param checkEngine - throws where the engine cannot go on: disposed, or a worker lost.
   */
  constructor(
    name: string,
    options: CallOptions,
    slice: number,
    checkEngine: (name: string) => void,
  ) {
    this.#name = name;
    this.#options = options;
    this.#slice = slice;
    this.#sliceEnd = performance.now() + slice;
    this.#checkEngine = checkEngine;
  }

  get signal(): Signal | undefined {
    return this.#options.signal;
  }

  /** Throws if the call is to end. */
  check(): void {
    this.#checkEngine(this.#name);
    const { signal } = this.#options;
    if (!signal?.aborted) return;
    failState("ERR_ABORTED", `${this.#name}: the call was cancelled`, signal.reason);
  }

  /** Gives other tasks a turn where this call has had its time. */
  rest(done: number, total: number): Promise<void> | undefined {
    if (performance.now() < this.#sliceEnd) return undefined;
    return this.#rest(done, total);
  }

  async #rest(done: number, total: number): Promise<void> {
    this.progress(done, total);
    await turn();
    this.#sliceEnd = performance.now() + this.#slice;
  }

  progress(done: number, total: number): void {
    this.#options.onProgress?.({ done, total });
  }
}

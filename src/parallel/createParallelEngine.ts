import type { ParallelEngine, ParallelEngineOptions } from "./parallelEngine.js";
import { startEngine } from "./startEngine.js";

/**
 * Makes an engine whose operations use every core: the same operations as createEngine's, as
 * promises, with the same bits for any number of threads. Tensors are shared with the workers and
 * never copied; JavaScript arrays are streamed.
 *
 * Inputs and outputs of a call belong to it until its promise settles. Calls share the workers in
 * the order they were made; small ones run at once on the calling thread.
 *
 * @param options - see {@link ParallelEngineOptions}.
 * @returns the engine. Where there can be no shared memory or no workers it works on the calling
 *   thread, with `threads` 1 and the cause in `threadsReason`.
 * @throws {LogitsError} ERR_ARGUMENT_TYPE or ERR_ARGUMENT_VALUE for wrong options, ERR_WORKER if
 *   createWorker gives none that starts, ERR_UNSUPPORTED as createEngine. Calls reject as the
 *   synchronous ones throw, and with ERR_ABORTED where cancelled, ERR_WORKER where a worker died
 *   under them, ERR_STATE where a tensor is in use by a pending call or the engine was disposed.
 * @example
 * const engine = await createParallelEngine({ threads: 4 });
 * const { loss } = await engine.crossEntropy(logits, targets);
 * await engine.dispose();
 */
export function createParallelEngine(options?: ParallelEngineOptions): Promise<ParallelEngine> {
  return startEngine(options);
}

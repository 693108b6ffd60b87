/** `logits/parallel`: every core, the same bits. */
export { createParallelEngine } from "./createParallelEngine.js";
export type { ParallelEngine, ParallelEngineOptions } from "./parallelEngine.js";
export type { WorkerLike } from "./host.js";
export type { ParallelOperations } from "./operations.js";
export type { CallOptions, Progress } from "./watch.js";

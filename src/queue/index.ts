/** logits/queue: re-exports only. */
export { createShardQueue } from "./shardQueue.js";
export type {
  EvaluateOptions,
  RunOptions,
  RunProgress,
  ScoreRunOptions,
  ShardQueue,
  ShardQueueOptions,
} from "./shardQueue.js";
export { createShardWorker } from "./shardWorker.js";
export type { ShardWorker, ShardWorkerOptions } from "./shardWorker.js";
export type { Connection } from "./peers.js";

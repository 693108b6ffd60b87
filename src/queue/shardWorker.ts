/**
 * The worker: takes shards from the queue, one at a time, until it is closed. A shard whose worker has
 * died is taken up by another, from its checkpoint where there is one.
 */
import { checkNumber, checkOptions } from "../check.js";
import { runEval } from "../jobs/runEval.js";
import { runRows } from "../jobs/runRows.js";
import { openScores } from "../jobs/scoreSink.js";
import type { RowRange } from "../jobs/shard.js";
import { createParallelEngine } from "../parallel/createParallelEngine.js";
import type { ParallelEngine } from "../parallel/parallelEngine.js";
import { type BullJob, type Connection, loadPeers, ready } from "./peers.js";
import { DEFAULT_NAME, type ShardJob, type ShardProgress } from "./shardJob.js";

export interface ShardWorkerOptions {
  /** A URL ("redis://…"), the path of a unix socket, or the options of ioredis. */
  readonly connection: Connection;
  /** Name of the queue (default "logits"). */
  readonly name?: string | undefined;
  /** Threads that compute (default: one a core, at most 8). */
  readonly threads?: number | undefined;
  /** A shard is taken from a worker that has not been heard of for so long, ms (default 30,000). */
  readonly lockDuration?: number | undefined;
  /** Seconds between checkpoints of an evaluation (default 5). */
  readonly checkpointSeconds?: number | undefined;
}

export interface ShardWorker {
  /** Ends the shard under way at its next block, which counts as a try, and the worker. */
  close(): Promise<void>;
}

const OPTIONS = ["connection", "name", "threads", "lockDuration", "checkpointSeconds"];
/** How often progress is told, ms. */
const TELL_EVERY = 500;
/** Workers that die take the tries of a shard only after so many. */
const MOST_DEATHS = 100;

/**
 * @throws {LogitsError} ERR_UNSUPPORTED where bullmq or ioredis is not installed, or Redis does not
 *   answer; ERR_ARGUMENT_TYPE or ERR_ARGUMENT_VALUE for a wrong option.
 */
export async function createShardWorker(options: ShardWorkerOptions): Promise<ShardWorker> {
  const fn = "createShardWorker";
  const given = checkOptions(fn, options, OPTIONS);
  const least = { min: 0, above: true };
  const lockDuration = checkNumber(fn, "lockDuration", given.lockDuration ?? 30_000, least);
  const checkpointSeconds = given.checkpointSeconds ?? 5;
  checkNumber(fn, "checkpointSeconds", checkpointSeconds, { min: 0 });
  const { bull, connect } = await loadPeers(fn, given.connection!);
  const engine = await createParallelEngine({ threads: given.threads });
  const client = connect();
  const closing = new AbortController();
  const worker = new bull.Worker<ShardJob>(
    given.name ?? DEFAULT_NAME,
    (job) => runShard(engine, job, checkpointSeconds, closing.signal),
    {
      connection: client,
      lockDuration,
      stalledInterval: lockDuration / 2,
      maxStalledCount: MOST_DEATHS,
    },
  );
  worker.on("error", () => {}); // it connects again
  const end = async (): Promise<void> => {
    closing.abort();
    await worker.close();
    client.disconnect();
    await engine.dispose();
  };
  try {
    await ready(fn, [worker.waitUntilReady()]);
  } catch (error) {
    client.disconnect();
    await engine.dispose();
    throw error;
  }
  return { close: end };
}

async function runShard(
  engine: ParallelEngine,
  job: BullJob<ShardJob>,
  checkpointSeconds: number,
  signal: AbortSignal,
): Promise<{ rows: number }> {
  const { data } = job;
  const tell = (progress: ShardProgress): Promise<void> => job.updateProgress(progress);
  let [rows, told] = [0, 0];
  let of: number | undefined;
  const { index: shard } = data.shard;
  const onStart = ({ first, end }: RowRange, done: number): void => {
    rows = done;
    of = end === Infinity ? undefined : end - first;
  };
  const onRows = async (count: number): Promise<void> => {
    rows += count;
    if (performance.now() - told < TELL_EVERY) return;
    told = performance.now();
    await tell({ shard, rows, of });
  };
  const common = { ...data, resume: true, signal, onStart, onRows };
  if (data.kind === "eval") {
    const { logits, targets, settings } = data;
    const { threads, numerics } = engine;
    const state = await runEval(
      { threads, numerics, engine },
      {
        ...common,
        logits,
        targets,
        settings,
        checkpointSeconds,
      },
    );
    rows = state.range.end - state.range.first;
  } else {
    const { out, format, settings } = data;
    const done = await runRows({
      ...common,
      input: data.logits,
      output: out,
      targets: data.targets,
      ignoreIndex: settings.ignoreIndex,
      open: (output, _rows, written) => openScores(engine, output, written, format, settings),
    });
    rows = done.rows;
  }
  await tell({ shard, rows, of });
  return { rows };
}

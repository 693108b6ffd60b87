/**
 * The producer: puts the shards of a run into the queue, and waits for the result.
 */
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { checkNumber, checkOptions, checkWord, failState } from "../check.js";
import type { OpenRowsOptions } from "../io/openRows.js";
import { mergeStates, readState } from "../jobs/evalState.js";
import type { EvalResult, EvalSettings } from "../jobs/evalTotals.js";
import { SCORE_FORMATS, type ScoreFormat } from "../jobs/scoreSink.js";
import { createParallelEngine } from "../parallel/createParallelEngine.js";
import { type BullJob, type Connection, loadPeers, ready } from "./peers.js";
import { DEFAULT_NAME, type ShardJob, type ShardProgress } from "./shardJob.js";

export interface ShardQueueOptions {
  /** A URL ("redis://…"), the path of a unix socket, or the options of ioredis. */
  readonly connection: Connection;
  /** Name of the queue (default "logits"). */
  readonly name?: string | undefined;
}

export interface RunOptions {
  /** Files or patterns that every worker sees under these names. */
  readonly logits: string;
  readonly shards: number;
  /** The folder of the shards' files. */
  readonly out: string;
  readonly reading?: OpenRowsOptions | undefined;
  readonly targetsReading?: OpenRowsOptions | undefined;
  /** How often a shard is tried (default 5); a worker that dies is no try. */
  readonly attempts?: number | undefined;
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
  readonly ignoreIndex?: readonly number[] | undefined;
  readonly temperature?: number | undefined;
}

export interface EvaluateOptions
  extends RunOptions, Partial<Omit<EvalSettings, "weight" | "ignoreIndex" | "temperature">> {
  readonly targets: string;
  readonly weight?: readonly number[] | undefined;
}

export interface ScoreRunOptions extends RunOptions {
  readonly targets?: string | undefined;
  /** "csv", "tsv" or "jsonl" (default). */
  readonly format?: ScoreFormat | undefined;
  /** How many of the most likely classes to list (default 0). */
  readonly topK?: number | undefined;
}

export interface RunProgress {
  /** Rows done, as far as the workers have told. */
  readonly rows: number;
  readonly shardsDone: number;
  readonly shards: number;
}

export interface ShardQueue {
  /** Evaluates the shards; the result is that of one run of `logits eval`. */
  evaluate(options: EvaluateOptions): Promise<EvalResult>;
  /** Scores the shards; the files in order of the shards hold the rows in order. */
  score(options: ScoreRunOptions): Promise<string[]>;
  close(): Promise<void>;
}

const COMMON =
  "logits targets shards out reading targetsReading attempts onProgress ignoreIndex temperature topK".split(
    " ",
  );

/**
 * A queue of shards on Redis, through BullMQ. Workers are made by {@link createShardWorker}, anywhere
 * that sees the same files.
 *
 * @throws {LogitsError} ERR_UNSUPPORTED where bullmq or ioredis is not installed, or Redis does not
 *   answer; ERR_ARGUMENT_TYPE or ERR_ARGUMENT_VALUE for a wrong option.
 */
export async function createShardQueue(options: ShardQueueOptions): Promise<ShardQueue> {
  const fn = "createShardQueue";
  const { connection, name = DEFAULT_NAME } = checkOptions(fn, options, ["connection", "name"]);
  const { bull, connect } = await loadPeers(fn, connection!);
  const [forQueue, forEvents] = [connect(), connect()];
  const queue = new bull.Queue<ShardJob>(name, { connection: forQueue });
  const events = new bull.QueueEvents(name, { connection: forEvents });
  for (const part of [queue, events]) part.on("error", () => {}); // each call tells its own
  const close = async (): Promise<void> => {
    await Promise.allSettled([queue.close(), events.close()]);
    for (const client of [forQueue, forEvents]) client.disconnect();
  };
  try {
    await ready(fn, [queue.waitUntilReady(), events.waitUntilReady()]);
  } catch (error) {
    for (const client of [forQueue, forEvents]) client.disconnect();
    throw error;
  }

  async function runShards(
    method: string,
    given: RunOptions,
    jobOf: (index: number, count: number, out: string) => ShardJob,
    ending: string,
  ): Promise<string[]> {
    const range = { min: 1, max: 1e6, integer: true };
    const count = checkNumber(method, "shards", given.shards, range);
    const attempts = checkNumber(method, "attempts", given.attempts ?? 5, range);
    await mkdir(given.out, { recursive: true });
    const files = Array.from({ length: count }, (_, index) => {
      const number = String(index).padStart(String(count - 1).length, "0");
      return path.join(given.out, `shard-${number}-of-${count}.${ending}`);
    });
    const run = randomUUID();
    const progress = new RunWatch(run, count, given.onProgress);
    const listen = (event: never): void => progress.told(event);
    events.on("progress", listen);
    try {
      const jobs = await queue.addBulk(
        files.map((out, index) => ({
          name: "shard",
          data: jobOf(index, count, out),
          opts: {
            jobId: `${run}-${index}`,
            attempts,
            backoff: { type: "exponential", delay: 500 },
            removeOnComplete: { age: 86_400 },
            removeOnFail: { age: 604_800 },
          },
        })),
      );
      await Promise.all(jobs.map((job, i) => finished(method, job, i, progress)));
    } finally {
      events.off("progress", listen);
    }
    return files;
  }

  async function finished(
    method: string,
    job: BullJob<ShardJob>,
    index: number,
    progress: RunWatch,
  ): Promise<void> {
    try {
      await job.waitUntilFinished(events);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      failState("ERR_WORKER", `${method}: shard ${index} failed: ${text}`, error);
    }
    progress.done();
  }

  return {
    async evaluate(given) {
      const method = "ShardQueue.evaluate";
      const known = [...COMMON, "labelSmoothing", "weight", "bins", "hardest", "auroc"];
      const read = checkOptions(method, given, known) as EvaluateOptions;
      const settings: EvalSettings = {
        topK: read.topK ?? [1, 5],
        ignoreIndex: read.ignoreIndex ?? [-100],
        temperature: read.temperature ?? 1,
        labelSmoothing: read.labelSmoothing ?? 0,
        weight: read.weight ?? null,
        bins: read.bins ?? 15,
        hardest: read.hardest ?? 10,
        auroc: read.auroc ?? false,
      };
      const { logits, targets, reading = {}, targetsReading = {} } = read;
      const common = { kind: "eval", logits, targets, reading, targetsReading, settings } as const;
      const files = await runShards(
        method,
        read,
        (index, count, out) => ({ ...common, shard: { index, count }, out }),
        "json",
      );
      const engine = await createParallelEngine({ threads: 1 });
      try {
        const states = [];
        for (const file of files) states.push(await readState(engine, file));
        return mergeStates(states, files).totals.result();
      } finally {
        await engine.dispose();
      }
    },
    score(given) {
      const method = "ShardQueue.score";
      const read = checkOptions(method, given, [...COMMON, "format"]) as ScoreRunOptions;
      const format = checkWord(method, "format", read.format ?? "jsonl", SCORE_FORMATS);
      const settings = {
        topK: read.topK ?? 0,
        temperature: read.temperature ?? 1,
        ignoreIndex: read.ignoreIndex ?? [-100],
      };
      const { logits, targets, reading = {}, targetsReading = {} } = read;
      const common = { kind: "score", logits, targets, reading, targetsReading, settings } as const;
      return runShards(
        method,
        read,
        (index, count, out) => ({ ...common, format, shard: { index, count }, out }),
        format,
      );
    },
    close,
  };
}

/** Adds up what the shards of one run tell. */
class RunWatch {
  readonly #rows: Float64Array;
  #done = 0;

  constructor(
    private readonly run: string,
    private readonly shards: number,
    private readonly listener: RunOptions["onProgress"],
  ) {
    this.#rows = new Float64Array(shards);
  }

  told({ jobId, data }: { readonly jobId: string; readonly data: ShardProgress }): void {
    if (!jobId.startsWith(this.run)) return;
    this.#rows[data.shard] = data.rows;
    this.#tell();
  }

  done(): void {
    this.#done++;
    this.#tell();
  }

  #tell(): void {
    const rows = this.#rows.reduce((sum, one) => sum + one, 0);
    this.listener?.({ rows, shardsDone: this.#done, shards: this.shards });
  }
}

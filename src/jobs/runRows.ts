/**
 * Works through the rows of a shard, each block to a sink that is a file in the end.
 */
import type { OpenRowsOptions, RowBlock } from "../io/openRows.js";
import { type Output, openOutput, reopenOutput } from "../io/output.js";
import { exists } from "./jsonFile.js";
import { logitBlocks, rangeOf } from "./logitBlocks.js";
import { dropRowState, readRowState, writeRowState } from "./rowState.js";
import { type RowRange, type Shard, WHOLE } from "./shard.js";
import { TargetReader, checkClasses } from "./targets.js";

/** Where rows go; the file has its final name when `finish` is called. */
export interface RowSink {
  /** @param targets - one per row of classes, where the job has targets */
  write(block: RowBlock, targets: Int32Array | undefined): Promise<void>;
  finish(): Promise<void>;
  abandon(): Promise<void>;
}

export interface RowJob {
  readonly input: string;
  readonly reading?: OpenRowsOptions | undefined;
  readonly output: string;
  /**
   * @param rows - how many there will be, where that is known
   * @param done - how many `output` holds already
   */
  readonly open: (output: Output, rows: number | undefined, done: number) => RowSink;
  readonly targets?: string | undefined;
  readonly targetsReading?: OpenRowsOptions | undefined;
  readonly ignoreIndex?: readonly number[] | undefined;
  readonly shard?: Shard | undefined;
  /**
   * An output that is there stays as it is: outputs have their names only when they are whole. With a
   * `key`, one that was cut short is continued.
   */
  readonly resume?: boolean | undefined;
  /** Says what is asked for, so that nothing else is continued. */
  readonly key?: string | undefined;
  /** Seconds between the times that the rows written are brought to the disk, to continue (default 5). */
  readonly checkpointSeconds?: number | undefined;
  /** Whether rows may be single numbers. */
  readonly single?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onStart?: ((range: RowRange, done: number) => void) | undefined;
  readonly onRows?: ((rows: number) => void | Promise<void>) | undefined;
}

/** The number of rows written, and whether they were there before. */
export interface RowsDone {
  readonly rows: number;
  readonly resumed: boolean;
}

/** Plain files only: a compressor has a state of its own, a stream is gone. */
const isContinued = ({ resume, key, output }: RowJob, rows: number | undefined): boolean =>
  resume === true && key !== undefined && rows !== undefined && !/\.gz$/i.test(output);

export async function runRows(job: RowJob): Promise<RowsDone> {
  const { input, output, reading = {}, shard = WHOLE } = job;
  const range = await rangeOf(input, reading, shard);
  const rows = range.end === Infinity ? undefined : range.end - range.first;
  if (job.resume && (await exists(output))) {
    if (job.key !== undefined) await dropRowState(output);
    return { rows: rows ?? 0, resumed: true };
  }
  const key = JSON.stringify([job.key, input, job.targets, shard, range.first, rows]);
  const isKept = isContinued(job, rows);
  const state = isKept ? await readRowState(output, key) : undefined;
  const done = state?.rows ?? 0;
  job.onStart?.(range, done);
  const to = state ? await reopenOutput(output, state) : await openOutput(output);
  const sink = job.open(to, rows, done);
  const keep = isKept && to.keep ? new Keeper(job, key, to) : undefined;
  const progress = { done };
  try {
    await writeRows(job, range, sink, progress, keep);
    await sink.finish();
    if (keep) await dropRowState(output);
  } catch (error) {
    if (keep && progress.done > 0) await keep.leave(progress.done);
    else await sink.abandon();
    throw error;
  }
  return { rows: progress.done, resumed: false };
}

/** Writes down how far the output is, now and then. */
class Keeper {
  #saved = performance.now();

  constructor(
    private readonly job: RowJob,
    private readonly key: string,
    private readonly output: Output,
  ) {}

  async tell(rows: number): Promise<void> {
    const { checkpointSeconds = 5 } = this.job;
    if (performance.now() - this.#saved < 1000 * checkpointSeconds) return;
    await this.#save(rows);
    this.#saved = performance.now();
  }

  /** At an end that came too early. What fails here fails in silence: an error is under way. */
  async leave(rows: number): Promise<void> {
    await this.#save(rows).catch(() => {});
    await this.output.leave?.();
  }

  async #save(rows: number): Promise<void> {
    const draft = await this.output.keep!();
    await writeRowState(this.job.output, { key: this.key, rows, ...draft });
  }
}

async function writeRows(
  job: RowJob,
  range: RowRange,
  sink: RowSink,
  progress: { done: number },
  keep: Keeper | undefined,
): Promise<void> {
  const { input, reading = {}, shard = WHOLE, single, signal } = job;
  const firstRow = range.first + progress.done;
  const part = { firstRow, ...(range.end !== Infinity && { rows: range.end - firstRow }) };
  let labels: TargetReader | undefined;
  try {
    for await (const block of logitBlocks(input, { ...reading, ...part, single, signal })) {
      let targets: Int32Array | undefined;
      if (job.targets !== undefined) {
        const classes = block.shape.at(-1)!;
        const count = block.data.length / classes;
        const at = block.firstRow * (count / block.shape[0]!);
        labels ??= await TargetReader.from(job.targets, job.targetsReading ?? {}, at);
        targets = await labels.take(count);
        checkClasses(job.targets, targets, classes, job.ignoreIndex ?? [], at);
      }
      await sink.write(block, targets);
      progress.done += block.shape[0]!;
      await job.onRows?.(block.shape[0]!);
      await keep?.tell(progress.done);
    }
    if (shard.index === shard.count - 1) await labels?.end();
  } finally {
    await labels?.close();
  }
}

/**
 * Works through the rows of a shard, each block to a sink that is a file in the end.
 */
import type { OpenRowsOptions, RowBlock } from "../io/openRows.js";
import { exists } from "./jsonFile.js";
import { logitBlocks, rangeOf } from "./logitBlocks.js";
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
  /** @param rows - how many there will be, where that is known */
  readonly open: (rows: number | undefined) => Promise<RowSink>;
  readonly targets?: string | undefined;
  readonly targetsReading?: OpenRowsOptions | undefined;
  readonly ignoreIndex?: readonly number[] | undefined;
  readonly shard?: Shard | undefined;
  /** An output that is there stays as it is: outputs have their names only when they are whole. */
  readonly resume?: boolean | undefined;
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

export async function runRows(job: RowJob): Promise<RowsDone> {
  const { input, output, reading = {}, shard = WHOLE, signal } = job;
  const range = await rangeOf(input, reading, shard);
  const rows = range.end === Infinity ? undefined : range.end - range.first;
  if (job.resume && (await exists(output))) return { rows: rows ?? 0, resumed: true };
  job.onStart?.(range, 0);
  const part = { firstRow: range.first, ...(rows !== undefined && { rows }) };
  const sink = await job.open(rows);
  let labels: TargetReader | undefined;
  let done = 0;
  try {
    const { single } = job;
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
      done += block.shape[0]!;
      await job.onRows?.(block.shape[0]!);
    }
    if (shard.index === shard.count - 1) await labels?.end();
    await sink.finish();
  } catch (error) {
    await sink.abandon();
    throw error;
  } finally {
    await labels?.close();
  }
  return { rows: done, resumed: false };
}

/**
 * Evaluates a shard: from files to its state file, with a checkpoint now and then to resume from.
 */
import { rm } from "node:fs/promises";
import { failState } from "../check.js";
import { failFile } from "../io/failFile.js";
import type { OpenRowsOptions, RowBlock } from "../io/openRows.js";
import type { ParallelEngine } from "../parallel/parallelEngine.js";
import { type EvalState, isSameJob, readState, stateText } from "./evalState.js";
import { type EvalSettings, EvalTotals } from "./evalTotals.js";
import { exists, writeText } from "./jsonFile.js";
import { logitBlocks, rangeOf } from "./logitBlocks.js";
import { type RowRange, type Shard, WHOLE } from "./shard.js";
import { TargetReader, checkClasses } from "./targets.js";

export interface EvalJob {
  readonly logits: string;
  readonly targets: string;
  readonly reading?: OpenRowsOptions | undefined;
  readonly targetsReading?: OpenRowsOptions | undefined;
  readonly settings: EvalSettings;
  readonly shard?: Shard | undefined;
  /** The state file; none is kept without it. */
  readonly out?: string | undefined;
  /** Go on from the checkpoint of a run that ended early; a finished state is taken as it is. */
  readonly resume?: boolean | undefined;
  /** Seconds between checkpoints (default 5). */
  readonly checkpointSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called when the rows are known, with those already done. */
  readonly onStart?: ((range: RowRange, done: number) => void) | undefined;
  readonly onRows?: ((rows: number, totals: EvalTotals) => void | Promise<void>) | undefined;
}

export const checkpointOf = (out: string): string => `${out}.checkpoint`;

export async function runEval(engine: ParallelEngine, job: EvalJob): Promise<EvalState> {
  const { logits, targets, out, shard = WHOLE, reading = {}, settings } = job;
  const range = await rangeOf(logits, reading, shard);
  const begun: EvalState = {
    inputs: [logits, targets],
    shard,
    range,
    next: range.first,
    complete: false,
    totals: new EvalTotals(engine, settings),
  };
  const start = (out !== undefined && job.resume && (await resumed(engine, out, begun))) || begun;
  job.onStart?.(range, start.next - range.first);
  if (start.complete) return start;
  const state = await evaluate(job, start);
  if (out !== undefined) {
    await writeText(out, stateText(state));
    await rm(checkpointOf(out), { force: true });
  }
  return state;
}

/** The finished state, or the checkpoint, of the same job. */
async function resumed(
  engine: ParallelEngine,
  out: string,
  wanted: EvalState,
): Promise<EvalState | undefined> {
  for (const file of [out, checkpointOf(out)]) {
    if (!(await exists(file))) continue;
    const state = await readState(engine, file);
    if (isSameJob(state, wanted)) return state;
    failFile({
      file,
      place: "state",
      expected: "must be of the same files, rows and settings to resume from",
      got: "others",
      remedy: "remove it, or leave out --resume to begin anew",
    });
  }
  return undefined;
}

async function evaluate(job: EvalJob, start: EvalState): Promise<EvalState> {
  const { logits, targets, reading = {}, settings, out, checkpointSeconds = 5 } = job;
  const { range, totals } = start;
  let { next } = start;
  const part = {
    firstRow: next,
    ...(range.end !== Infinity && { rows: range.end - next }),
  };
  let labels: TargetReader | undefined;
  let saved = performance.now();
  try {
    for await (const block of logitBlocks(logits, { ...reading, ...part, signal: job.signal })) {
      checkWeights(settings, block);
      const classes = block.shape.at(-1)!;
      const count = block.data.length / classes;
      const perRow = count / block.shape[0]!;
      const at = block.firstRow * perRow;
      labels ??= await TargetReader.from(targets, job.targetsReading ?? {}, at);
      const wanted = await labels.take(count);
      checkClasses(targets, wanted, classes, settings.ignoreIndex, at);
      await totals.add(block, wanted, at);
      next = block.firstRow + block.shape[0]!;
      await job.onRows?.(block.shape[0]!, totals);
      if (out !== undefined && performance.now() - saved >= 1000 * checkpointSeconds) {
        await writeText(checkpointOf(out), stateText({ ...start, next }));
        saved = performance.now();
      }
    }
    labels ??= await TargetReader.from(targets, job.targetsReading ?? {}, range.first);
    const isLast = start.shard.index === start.shard.count - 1;
    if (isLast) await labels.end();
  } finally {
    await labels?.close();
  }
  const end = range.end === Infinity ? next : range.end;
  if (next < end && range.first < end) {
    failState("ERR_FILE", `${logits}: rows: must have ${end} rows, got ${next}; write it again`);
  }
  return { ...start, range: { ...range, end }, next: end, complete: true };
}

function checkWeights({ weight }: EvalSettings, { file, shape }: RowBlock): void {
  const classes = shape.at(-1)!;
  if (weight === null || weight.length === classes) return;
  failFile({
    file,
    place: "header",
    expected: `logits must have ${weight.length} classes, one for each of --weights`,
    got: String(classes),
    remedy: "give one weight per class",
  });
}

/**
 * Evaluates a shard: from files to its state file, with a checkpoint now and then to resume from.
 */
import { rm } from "node:fs/promises";
import { failState } from "../check.js";
import { failFile } from "../io/failFile.js";
import type { EvalJob } from "./evalJob.js";
import { type EvalState, checkpointOf, isSameJob, readState, stateText } from "./evalState.js";
import { evaluateTables, logitsTable, targetsTable } from "./evalTable.js";
import { EvalTotals, checkWeights } from "./evalTotals.js";
import type { Session } from "../memory/session.js";
import { exists, writeText } from "./jsonFile.js";
import { logitBlocks, rangeOf } from "./logitBlocks.js";
import { rowsOf } from "../io/rowTable.js";
import { type Computer, type Computing, countThreads, openSession } from "./session.js";
import { WHOLE, shardRange } from "./shard.js";
import { TargetReader, checkClasses } from "./targets.js";

export async function runEval(computing: Computing, job: EvalJob): Promise<EvalState> {
  const { logits, targets, out, shard = WHOLE, reading = {}, settings } = job;
  const threads = countThreads(computing);
  const session = openSession(computing.numerics);
  const table = await logitsTable(job);
  const range = table ? shardRange(shard, rowsOf(table)) : await rangeOf(logits, reading, shard);
  const begun: EvalState = {
    inputs: [logits, targets],
    shard,
    range,
    next: range.first,
    complete: false,
    totals: new EvalTotals(session, settings),
  };
  const start = (out !== undefined && job.resume && (await resumed(session, out, begun))) || begun;
  job.onStart?.(range, start.next - range.first);
  if (start.complete) return start;
  const other = table && (await targetsTable(job, table));
  const state =
    table && other
      ? await evaluateTables(session, threads, job, start, { logits: table, targets: other })
      : await withComputer(computing, session, (computer) => evaluate(computer, job, start));
  if (out !== undefined) {
    await writeText(out, stateText(state));
    await rm(checkpointOf(out), { force: true });
  }
  return state;
}

/** The finished state, or the checkpoint, of the same job. */
async function resumed(
  computer: Computer,
  out: string,
  wanted: EvalState,
): Promise<EvalState | undefined> {
  for (const file of [out, checkpointOf(out)]) {
    if (!(await exists(file))) continue;
    const state = await readState(computer, file);
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

/** All threads on one block after the other, which one thread reads. */
async function evaluate(computer: Computer, job: EvalJob, start: EvalState): Promise<EvalState> {
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
      const classes = block.shape.at(-1)!;
      checkWeights(settings, block.file, classes);
      const count = block.data.length / classes;
      const perRow = count / block.shape[0]!;
      const at = block.firstRow * perRow;
      labels ??= await TargetReader.from(targets, job.targetsReading ?? {}, at);
      const wanted = await labels.take(count);
      checkClasses(targets, wanted, classes, settings.ignoreIndex, at);
      await totals.add(computer, block, wanted, at);
      next = block.firstRow + block.shape[0]!;
      await job.onRows?.(block.shape[0]!, totals.meanLoss);
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

/** The engine of `computing`, or one of as many threads that ends with `work`. */
async function withComputer<R>(
  { engine, ...options }: Computing,
  session: Session,
  work: (computer: Computer) => Promise<R>,
): Promise<R> {
  if (engine) return work(engine);
  if (countThreads(options) === 1) return work(session);
  const { createParallelEngine } = await import("../parallel/createParallelEngine.js");
  const made = await createParallelEngine(options);
  try {
    return await work(made);
  } finally {
    await made.dispose();
  }
}

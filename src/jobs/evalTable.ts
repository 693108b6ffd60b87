/**
 * Evaluates files that are read at any place: every thread reads blocks and adds them up on its own,
 * the calling one among them; totals are merged at the end, and for each checkpoint.
 */
import { Worker } from "node:worker_threads";
import { failState } from "../check.js";
import { messageOf } from "../io/failFile.js";
import { type TableInfo, describeTable, rowBytes, rowsOf } from "../io/rowTable.js";
import { elementsPerRow } from "../io/rowFile.js";
import type { Session } from "../memory/session.js";
import { turn } from "../parallel/turn.js";
import { type EvalPlan, controlBytes } from "./evalControl.js";
import type { EvalJob } from "./evalJob.js";
import { type PartDone, EvalPart, failEarliest } from "./evalPart.js";
import { type EvalState, checkpointOf, stateText } from "./evalState.js";
import type { EvalTotals } from "./evalTotals.js";
import { writeText } from "./jsonFile.js";
import { checkSignal } from "./logitBlocks.js";
import { ReadAhead } from "./readAhead.js";
import { fileInDist, moduleFromFile } from "./session.js";
import { failCount } from "./targets.js";

/** Blocks of about so many bytes stay in the second-level cache from reading to computing. */
const BLOCK_BYTES = 2 ** 20;
/** Rows of so few bytes are added up many at a time (evaluate/tally.ts). */
const SHORT_BYTES = 512;
const SHORT_BLOCK_BYTES = 2 ** 23;
/** Every thread counts ranks in a table of 256 KiB a class. */
const MOST_RANK_CLASSES = 512;
/** Rows of more bytes are read in parts, from front to back. */
const MOST_ROW_BYTES = 2 ** 26;
/** How long blocks are worked on before other tasks of this thread have a turn, ms. */
const SLICE = 50;

export interface EvalTables {
  readonly logits: TableInfo;
  readonly targets: TableInfo;
}

/** The logits of a job as a table; undefined where they are read from front to back. */
export async function logitsTable({ logits, reading }: EvalJob): Promise<TableInfo | undefined> {
  const { blockRows: _, ...options } = reading ?? {};
  const table = await describeTable(logits, options);
  if (table === undefined || table.rowShape.length === 0 || rowsOf(table) === 0) return undefined;
  const { dtype } = table;
  const known = dtype === "float32" || dtype === "float16" || dtype === "bfloat16";
  return known && rowBytes(table) <= MOST_ROW_BYTES ? table : undefined;
}

/** The same for the targets, which must be integers, as many for each row of the logits. */
export async function targetsTable(
  { targets, targetsReading }: EvalJob,
  logits: TableInfo,
): Promise<TableInfo | undefined> {
  const table = await describeTable(targets, targetsReading ?? {});
  if (table === undefined || table.dtype.includes("float")) return undefined;
  const perRow = elementsPerRow(logits) / logits.rowShape.at(-1)!;
  return perRow % elementsPerRow(table) === 0 ? table : undefined;
}

/** As `start`, with all rows to the end of its range. */
export async function evaluateTables(
  session: Session,
  threads: number,
  job: EvalJob,
  start: EvalState,
  tables: EvalTables,
): Promise<EvalState> {
  const { out, checkpointSeconds = 5 } = job;
  const { totals, range } = start;
  checkTargetCount(job, tables);
  const plan = planOf(job, start, tables, threads);
  const part = new EvalPart(plan, session, 0);
  const { control } = part;
  const crew = Array.from({ length: plan.threads - 1 }, (_, i) =>
    startWorker(plan, session, i + 1),
  );
  const perRow = elementsPerRow(tables.logits) / tables.logits.rowShape.at(-1)!;
  const ahead = new ReadAhead(tables.logits, range.end);
  const onBlock = watch(job, part, ahead, totals, perRow);
  try {
    do {
      const until = out === undefined ? Infinity : Date.now() + 1000 * checkpointSeconds;
      const done = await Promise.all([
        part.run(until, onBlock),
        ...crew.map(({ run }) => run(until)),
      ]);
      checkSignal(job.signal);
      failEarliest(done.flatMap(({ failure }) => failure ?? []));
      for (const one of done) totals.absorb(JSON.parse(one.totals));
      control.forget();
      await onBlock();
      if (out !== undefined && control.next < range.end) {
        await writeText(checkpointOf(out), stateText({ ...start, next: control.next }));
      }
    } while (control.next < range.end);
  } finally {
    control.stop();
    await Promise.all(crew.map(({ end }) => end()));
    await part.close();
    await ahead.close();
  }
  return { ...start, next: range.end, complete: true };
}

function planOf(
  { targets: targetsName, settings, reading }: EvalJob,
  { next, range: { end } }: EvalState,
  { logits, targets }: EvalTables,
  most: number,
): EvalPlan {
  const bytes = rowBytes(logits);
  const fitting = Math.floor((bytes <= SHORT_BYTES ? SHORT_BLOCK_BYTES : BLOCK_BYTES) / bytes);
  const blockRows = reading?.blockRows ?? Math.max(1, fitting);
  const blocks = Math.ceil((end - next) / blockRows);
  const useful = settings.auroc ? Math.floor(MOST_RANK_CLASSES / logits.rowShape.at(-1)!) : most;
  const threads = Math.max(1, Math.min(most, blocks, useful));
  const control = new SharedArrayBuffer(controlBytes(threads));
  const range = { first: next, end };
  return { logits, targets, targetsName, settings, range, blockRows, threads, control };
}

/** What the calling thread does after each of its blocks: looks up, and tells progress. */
function watch(
  job: EvalJob,
  part: EvalPart,
  ahead: ReadAhead,
  totals: EvalTotals,
  perRow: number,
): () => Promise<void> {
  let told = totals.rows;
  let turned = performance.now();
  return async () => {
    const { control } = part;
    const isSlow = ahead.diskWorked();
    if (isSlow) ahead.follow(control.next);
    if (isSlow || performance.now() - turned > SLICE) {
      await turn();
      turned = performance.now();
    }
    if (job.signal?.aborted) control.stop();
    const { rows, lossSum, lossWeight } = control.told;
    const done = totals.rows + rows;
    const mean = (totals.lossSum + lossSum) / (totals.lossWeight + lossWeight);
    if (done > told) await job.onRows?.((done - told) / perRow, mean);
    told = done;
  };
}

interface Helper {
  run(until: number): Promise<PartDone>;
  end(): Promise<unknown>;
}

function startWorker(plan: EvalPlan, { numerics }: Session, thread: number): Helper {
  const worker = new Worker(fileInDist("jobs/evalWorker.js"), {
    workerData: { plan, numerics, module: moduleFromFile(numerics), thread },
    execArgv: [],
  });
  let ended: string | undefined;
  let settle: { resolve(done: PartDone): void; reject(reason: string): void } | undefined;
  const die = (reason: string): void => {
    ended ??= reason;
    settle?.reject(ended);
  };
  worker.on("message", (done: PartDone) => settle?.resolve(done));
  worker.on("error", (error) => die(messageOf(error)));
  worker.on("exit", () => die("it ended"));
  return {
    run: (until) =>
      new Promise<PartDone>((resolve, reject: (reason: string) => void) => {
        settle = { resolve, reject };
        if (ended === undefined) worker.postMessage(until);
        else reject(ended);
      }).catch((reason: unknown) =>
        failState("ERR_WORKER", `eval: a thread died (${String(reason)}); try again`),
      ),
    end: () => worker.terminate(),
  };
}

/** As many targets as rows, before anything is computed. */
function checkTargetCount({ targets: name }: EvalJob, { logits, targets }: EvalTables): void {
  const wanted = (rowsOf(logits) * elementsPerRow(logits)) / logits.rowShape.at(-1)!;
  const got = rowsOf(targets) * elementsPerRow(targets);
  if (got < wanted) failCount(name, 0, "at least", wanted, String(got));
  if (got > wanted) failCount(name, wanted, "exactly", wanted, "more");
}

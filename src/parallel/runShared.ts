/**
 * Runs a job piece by piece: the caller loads and describes pieces, takes part in running them, and
 * stores them in order.
 */
import type { Job } from "../memory/job.js";
import { runJob } from "../memory/runJob.js";
import { LEAST, type Pieces, isStaged } from "./pieces.js";
import type { Ring } from "./ring.js";
import { rowPieces } from "./rowPieces.js";
import { RowSegments } from "./rowSegments.js";
import type { SharedWorkspace } from "./sharedWorkspace.js";
import type { Watch } from "./watch.js";

/** Pieces that take long to load are announced in such groups, others all at once. */
const ROUSE_EVERY = 2;

/** The job that a step belongs to: progress is told in its rows. */
interface Whole {
  readonly done: number;
  readonly rows: number;
}

export async function runShared<Result>(
  job: Job<Result>,
  work: SharedWorkspace,
  ring: Ring,
  watch: Watch,
  threads: number,
  whole?: Whole,
): Promise<Result> {
  const { rows, classes, segments } = job;
  if (job.steps) {
    for (const step of job.steps()) {
      const held = work.held;
      await runShared(step, work, ring, watch, threads, { done: step.done, rows });
      work.release(held);
    }
    return job.finish(ring.recorder.kernels);
  }
  const tooLong = classes > work.wholeClasses && isStaged(job);
  const few = rows < threads && classes >= 2 * LEAST;
  if (job.undivided) {
    work.placeScratch(ring.recorder, 1);
    return runJob(job, work);
  }
  if (segments?.divisible && (tooLong || few)) {
    work.placeScratch(ring.recorder, 1);
    await runSegments(new RowSegments(job, work, threads), job.rows, ring, watch, whole);
  } else if (segments && tooLong) {
    work.placeScratch(ring.recorder, 1);
    return runJob(job, work);
  } else {
    work.placeScratch(ring.recorder, threads);
    await runPieces(rowPieces(job, work, threads), ring, watch, rows, whole);
  }
  return job.finish(ring.recorder.kernels);
}

async function runSegments(
  segments: RowSegments,
  rows: number,
  ring: Ring,
  watch: Watch,
  whole?: Whole,
): Promise<void> {
  for (let row = 0; row < rows; row++) {
    segments.open(row);
    await runPieces(segments.entered(row), ring, watch, rows, whole);
    segments.close(ring.recorder.kernels, row);
    const written = segments.written(row);
    if (written) await runPieces(written, ring, watch, rows, whole);
  }
}

async function runPieces(
  pieces: Pieces,
  ring: Ring,
  watch: Watch,
  total: number,
  whole?: Whole,
): Promise<void> {
  const { count } = pieces;
  const shared = ring.shared && count > 1;
  const places = shared ? pieces.places : 1;
  ring.expect(pieces.elements);
  const tickets: (number | undefined)[] = [];
  let loaded = 0;
  let stored = 0;
  while (stored < count) {
    watch.check();
    const first = loaded;
    while (loaded < count && loaded - stored < places) {
      tickets[loaded % places] = shared ? hand(pieces, loaded, ring) : run(pieces, loaded, ring);
      loaded++;
      if (pieces.slow && (loaded - first) % ROUSE_EVERY === 0) ring.rouse();
    }
    if (loaded > first) ring.rouse();
    const ticket = tickets[stored % places];
    if (ticket === undefined || ring.isFinished(ticket)) pieces.store(stored++);
    else if (!ring.takePart()) await ring.wait(ticket);
    const rest = watch.rest(whole?.done ?? pieces.rowsDone(stored), whole?.rows ?? total);
    if (rest) await rest;
  }
}

/** Loads and describes a piece and returns its ticket; undefined where it was run instead. */
function hand(pieces: Pieces, i: number, ring: Ring): number | undefined {
  const { recorder } = ring;
  pieces.load(i, false);
  recorder.begin(ring.slot);
  recorder.record(true);
  let isWhole = false;
  try {
    pieces.load(i, true);
    pieces.run(recorder.kernels, i);
  } finally {
    isWhole = recorder.end();
  }
  return isWhole ? ring.publish() : run(pieces, i, ring);
}

function run(pieces: Pieces, i: number, ring: Ring): undefined {
  pieces.load(i, false);
  pieces.load(i, true);
  pieces.run(ring.recorder.kernels, i);
}

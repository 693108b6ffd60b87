/**
 * Runs a job: all rows at once where everything is resident, else tile by tile through a staging
 * block that fits the cache, and rows too long for a tile segment by segment.
 */
import { type Job, type Operand, type Tile, granularityOf, stagedBytes } from "./job.js";
import type { Workspace } from "./workspace.js";

/** Rows of one call even where all is resident, so that per-row operands stay small. */
const MAX_ROWS = 32768;

export function runJob<Result>(job: Job<Result>, work: Workspace): Result {
  if (job.steps) {
    for (const step of job.steps()) {
      const held = work.held;
      runJob(step, work);
      work.release(held);
    }
  } else if (job.rows > 0) {
    const { tileElements } = work.limits;
    const { operands } = job;
    let staged = false;
    for (let i = 0; i < operands.length; i++) {
      const { resident, classes } = operands[i]!;
      if (!resident && classes !== undefined) staged = true;
    }
    if (staged && job.segments && job.classes > work.wholeClasses) {
      runSegments(job, work, Math.max(1024, tileElements & ~1023));
    } else {
      runTiles(job, work, staged ? tileElements : Infinity);
    }
  }
  return job.finish(work.kernels);
}

function runTiles(job: Job<unknown>, work: Workspace, tileElements: number): void {
  const { operands, rows, classes } = job;
  const perTile = Math.max(1, Math.floor(tileElements / Math.max(1, classes)));
  const { mostRows = MAX_ROWS } = job;
  const granularity = granularityOf(job);
  const whole = Math.floor(Math.min(perTile, mostRows) / granularity) * granularity;
  const tileRows = Math.min(rows, Math.max(whole, granularity));
  const staging = stage(operands, work, (operand) => stagedBytes(operand, tileRows));
  const tile: Tile = { row: 0, rows: 0, ptr: staging.at.slice() };
  for (let row = 0; row < rows; row += tileRows) {
    tile.row = row;
    tile.rows = Math.min(tileRows, rows - row);
    for (let i = 0; i < operands.length; i++) {
      const operand = operands[i]!;
      if (operand.resident) tile.ptr[i] = operand.resident + row * operand.rowBytes;
      else load(operand, row, tile.rows, 0, staging.at[i]!, staging.scratch);
    }
    job.run(work.kernels, tile);
    for (let i = 0; staging.scratch && i < operands.length; i++) {
      store(operands[i]!, row, tile.rows, 0, staging.at[i]!, staging.scratch);
    }
  }
}

function runSegments(job: Job<unknown>, work: Workspace, segment: number): void {
  const { operands, rows, classes } = job;
  const { kernels } = work;
  const { enter, close, write } = job.segments!;
  const isCut = (operand: Operand): boolean => operand.classes !== undefined && !operand.whole;
  const staging = stage(operands, work, (operand) =>
    isCut(operand) ? (operand.rowBytes / operand.classes!) * segment : operand.rowBytes,
  );
  const tile: Tile = { row: 0, rows: 1, ptr: [...staging.at] };
  const each = (visit: NonNullable<typeof write>, results: boolean): void => {
    for (let from = 0; from < classes; from += segment) {
      const count = Math.min(segment, classes - from);
      for (let i = 0; i < operands.length; i++) {
        const operand = operands[i]!;
        if (!isCut(operand)) continue;
        const step = operand.rowBytes / operand.classes!;
        if (operand.resident) tile.ptr[i] = operand.resident + (tile.row * classes + from) * step;
        else operand.load?.(tile.row, 1, from, count, staging.at[i]!, staging.scratch);
      }
      visit(kernels, tile, from, count);
      if (!results) continue;
      for (let i = 0; i < operands.length; i++) {
        const operand = operands[i]!;
        if (!isCut(operand) || operand.resident) continue;
        operand.store?.(tile.row, 1, from, count, staging.at[i]!, staging.scratch);
      }
    }
  };
  for (let row = 0; row < rows; row++) {
    tile.row = row;
    for (let i = 0; i < operands.length; i++) {
      const operand = operands[i]!;
      if (isCut(operand)) continue;
      if (operand.resident) tile.ptr[i] = operand.resident + row * operand.rowBytes;
      else load(operand, row, 1, 0, staging.at[i]!, staging.scratch);
    }
    each(enter, false);
    close(kernels, tile);
    for (let i = 0; i < operands.length; i++) {
      if (!isCut(operands[i]!)) store(operands[i]!, row, 1, 0, staging.at[i]!, staging.scratch);
    }
    if (write) each(write, true);
  }
}

/** Reserves a staging block for each operand that is not resident, and one for turning tiles. */
function stage(
  operands: readonly Operand[],
  work: Workspace,
  bytesOf: (operand: Operand) => number,
): { at: number[]; scratch: number } {
  const at: number[] = [];
  let most = 0;
  for (const operand of operands) {
    if (operand.resident) {
      at.push(0);
      continue;
    }
    at.push(work.block(bytesOf(operand)));
    most = Math.max(most, bytesOf(operand));
  }
  return { at, scratch: most > 0 ? work.block(most) : 0 };
}

function load(
  operand: Operand,
  row: number,
  rows: number,
  from: number,
  at: number,
  scratch: number,
): void {
  operand.load?.(row, rows, from, operand.classes ?? 1, at, scratch);
}

function store(
  operand: Operand,
  row: number,
  rows: number,
  from: number,
  at: number,
  scratch: number,
): void {
  if (!operand.resident) operand.store?.(row, rows, from, operand.classes ?? 1, at, scratch);
}

/**
 * Blocks of rows as pieces of a job.
 */
import { type Job, type Tile, granularityOf, stagedBytes } from "../memory/job.js";
import type { Workspace } from "../memory/workspace.js";
import { type Pieces, elementsEach, isStaged, placesFor, reserve } from "./pieces.js";

/** Rows of a piece that stages something for each row. */
const MAX_ROWS = 32768;

export function rowPieces(job: Job<unknown>, work: Workspace, threads: number): Pieces {
  const { operands, rows, classes } = job;
  const granularity = granularityOf(job);
  const staged = isStaged(job);
  const elements = staged
    ? work.limits.tileElements
    : elementsEach(rows * Math.max(1, classes), threads);
  const most = operands.every((operand) => operand.resident) ? rows : MAX_ROWS;
  const fitting = Math.min(Math.max(1, Math.floor(elements / Math.max(1, classes))), most);
  const each = Math.min(rows, Math.max(granularity, fitting - (fitting % granularity)));
  const count = Math.ceil(rows / each);
  const places = placesFor(count, staged, threads);
  const { at, scratch } = reserve(work, operands, places, (operand) => stagedBytes(operand, each));
  const tiles: Tile[] = at.map((ptr) => ({ row: 0, rows: 0, ptr: [...ptr] }));
  const lengthOf = (i: number): number => Math.min(each, rows - i * each);
  return {
    count,
    places,
    elements: each * Math.max(1, classes),
    slow: staged,
    load(i, deferred) {
      const place = i % places;
      const tile = tiles[place]!;
      tile.row = i * each;
      tile.rows = lengthOf(i);
      operands.forEach((operand, o) => {
        if (operand.resident) tile.ptr[o] = operand.resident + tile.row * operand.rowBytes;
        else if ((operand.deferrable === true) === deferred) {
          const to = at[place]![o]!;
          operand.load?.(tile.row, tile.rows, 0, operand.classes ?? 1, to, scratch[place]!);
        }
      });
    },
    run: (kernels, i) => job.run(kernels, tiles[i % places]!),
    store(i) {
      const place = i % places;
      operands.forEach((operand, o) => {
        if (operand.resident) return;
        const from = at[place]![o]!;
        operand.store?.(i * each, lengthOf(i), 0, operand.classes ?? 1, from, scratch[place]!);
      });
    },
    rowsDone: (stored) => Math.min(rows, stored * each),
  };
}

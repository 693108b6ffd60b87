/**
 * Pieces of a job that can be run by anyone: blocks of rows, or segments of one long row.
 *
 * A piece is loaded into the staging of its place, described, run by whoever claims it, and stored by
 * the caller in order. What a row gives depends on none of this.
 */
import type { Job, Operand } from "../memory/job.js";
import type { Workspace } from "../memory/workspace.js";
import type { Kernels } from "../wasm/exports.js";
import { SLOTS } from "./control.js";

export interface Pieces {
  readonly count: number;
  /** Pieces in flight at most; piece i has the staging of place i mod places. */
  readonly places: number;
  /** Elements of a piece, at most. */
  readonly elements: number;
  /** Whether loading copies elements, rather than describe where they are. */
  readonly slow: boolean;
  /** Loads piece i; `deferred` says which operands: those whose loading may be described, or others. */
  load(i: number, deferred: boolean): void;
  /** Calls the kernels of piece i. */
  run(kernels: Kernels, i: number): void;
  /** Stores piece i; pieces are stored in order. */
  store(i: number): void;
  /** Rows done once the first `stored` pieces are. */
  rowsDone(stored: number): number;
}

/** Elements of a piece where its operands lie in linear memory: 64 KiB to 4 MiB. */
export const LEAST = 16384;
const MOST = 2 ** 20;
/** Pieces for each participant: many enough that none waits long for the last. */
const PIECES_EACH = 32;
export interface Staging {
  /** Address of each operand's staging in each place; 0 for resident operands. */
  readonly at: number[][];
  readonly scratch: number[];
}

/** Borrows staging for operands that are not resident, and a block for turning tiles. */
export function reserve(
  work: Workspace,
  operands: readonly Operand[],
  places: number,
  bytesOf: (operand: Operand) => number,
): Staging {
  const staged = operands.filter((operand) => !operand.resident);
  const most = staged.reduce((bytes, operand) => Math.max(bytes, bytesOf(operand)), 0);
  const at: number[][] = [];
  const scratch: number[] = [];
  for (let place = 0; place < places; place++) {
    at.push(operands.map((operand) => (operand.resident ? 0 : work.block(bytesOf(operand)))));
    scratch.push(most > 0 ? work.block(most) : 0);
  }
  return { at, scratch };
}

/** Elements of a resident piece when `total` of them are shared by `threads`, in `each` pieces for one. */
export function elementsEach(total: number, threads: number, each = PIECES_EACH): number {
  return Math.min(MOST, Math.max(LEAST, Math.ceil(total / (threads * each))));
}

/** Pieces of `count` in flight: staged ones are to stay in cache, two for each and two on the move. */
export function placesFor(count: number, staged: boolean, threads: number): number {
  return Math.min(count, SLOTS, staged ? 2 * threads + 2 : SLOTS);
}

/** Whether an operand with a class axis goes through staging. */
export function isStaged(job: Job<unknown>): boolean {
  return job.operands.some((operand) => !operand.resident && operand.classes);
}

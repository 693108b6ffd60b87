/**
 * Segments of long rows as pieces of a job: a row is entered by all, closed by the caller, written
 * by all. Each who writes closes the row for itself first, from the same table.
 */
import type { Job, Operand, Tile } from "../memory/job.js";
import type { Workspace } from "../memory/workspace.js";
import type { Kernels } from "../wasm/exports.js";
import { type Pieces, type Staging, elementsEach, isStaged, placesFor, reserve } from "./pieces.js";

/** Segments of a row for each participant: few, as writing one takes closing the whole row. */
const SEGMENTS_EACH = 4;

/** A job whose long rows are cut along the class axis, one row after the other. */
export class RowSegments {
  readonly #job: Job<unknown>;
  readonly #staged: boolean;
  /** Whether the exponentials of the first visit wait for the second where the result goes. */
  readonly #keeps: boolean;
  readonly #length: number;
  readonly #count: number;
  readonly #places: number;
  readonly #cut: Staging;
  readonly #whole: Staging;
  readonly #tiles: Tile[];

  constructor(job: Job<unknown>, work: Workspace, threads: number) {
    this.#job = job;
    const { operands, classes } = job;
    const staged = isStaged(job);
    this.#staged = staged;
    const elements = staged
      ? work.limits.tileElements
      : elementsEach(classes, threads, SEGMENTS_EACH);
    this.#keeps = keepsExponentials(operands);
    this.#length = Math.max(1024, elements - (elements % 1024));
    this.#count = Math.ceil(classes / this.#length);
    this.#places = placesFor(this.#count, staged, threads);
    const bytes = (operand: Operand): number => (isCut(operand) ? step(operand) * this.#length : 0);
    this.#cut = reserve(work, operands, this.#places, bytes);
    this.#whole = reserve(work, operands, 1, (operand) => (isCut(operand) ? 0 : operand.rowBytes));
    this.#tiles = this.#cut.at.map(() => ({ row: 0, rows: 1, ptr: operands.map(() => 0) }));
  }

  /** Loads what a row has beside its classes. */
  open(row: number): void {
    this.#job.operands.forEach((operand, o) => {
      if (isCut(operand)) return;
      const to = operand.resident ? operand.resident + row * operand.rowBytes : this.#wholeAt(o);
      for (const tile of this.#tiles) tile.ptr[o] = to;
      if (operand.resident) return;
      operand.load?.(row, 1, 0, operand.classes ?? 1, to, this.#whole.scratch[0]!);
    });
  }

  /** Takes the row's result, when every segment has been entered. */
  close(kernels: Kernels, row: number): void {
    const { operands, segments, classes } = this.#job;
    const anchor = segments!.anchor?.() ?? -1;
    if (anchor >= 0) {
      const from = anchor - (anchor % 1024);
      const length = Math.min(1024, classes - from);
      this.#load(row, from, length, 0, undefined);
      segments!.enter(kernels, this.#tiles[0]!, from, length);
    }
    segments!.close(kernels, this.#tiles[0]!);
    operands.forEach((operand, o) => {
      if (isCut(operand) || operand.resident) return;
      const from = this.#wholeAt(o);
      operand.store?.(row, 1, 0, operand.classes ?? 1, from, this.#whole.scratch[0]!);
    });
  }

  /** The segments of a row, to be entered. */
  entered(row: number): Pieces {
    const { enter } = this.#job.segments!;
    return this.#pieces(
      row,
      (kernels, tile, from, length) => enter(kernels, tile, from, length, this.#keeps),
      false,
    );
  }

  /** The segments of a closed row, to be written; undefined where there is nothing to write. */
  written(row: number): Pieces | undefined {
    const { close, write } = this.#job.segments!;
    if (write === undefined) return undefined;
    return this.#pieces(
      row,
      (kernels, tile, from, length) => {
        close(kernels, tile);
        write(kernels, tile, from, length, this.#keeps);
      },
      true,
    );
  }

  #pieces(
    row: number,
    visit: (kernels: Kernels, tile: Tile, from: number, length: number) => void,
    results: boolean,
  ): Pieces {
    const lengthOf = (i: number): number =>
      Math.min(this.#length, this.#job.classes - i * this.#length);
    const places = this.#places;
    return {
      count: this.#count,
      places,
      elements: this.#length,
      slow: this.#staged,
      load: (i, deferred) => this.#load(row, i * this.#length, lengthOf(i), i % places, deferred),
      run: (kernels, i) => visit(kernels, this.#tiles[i % places]!, i * this.#length, lengthOf(i)),
      store: (i) => results && this.#store(row, i * this.#length, lengthOf(i), i % places),
      rowsDone: () => row,
    };
  }

  /** `deferred` undefined loads every operand. */
  #load(
    row: number,
    from: number,
    length: number,
    place: number,
    deferred: boolean | undefined,
  ): void {
    const tile = this.#tiles[place]!;
    tile.row = row;
    this.#job.operands.forEach((operand, o) => {
      if (!isCut(operand)) return;
      const to = operand.resident
        ? operand.resident + (row * this.#job.classes + from) * step(operand)
        : this.#cut.at[place]![o]!;
      tile.ptr[o] = to;
      const isMeant = deferred === undefined || (operand.deferrable === true) === deferred;
      if (operand.resident || !isMeant) return;
      operand.load?.(row, 1, from, length, to, this.#cut.scratch[place]!);
    });
  }

  #store(row: number, from: number, length: number, place: number): void {
    this.#job.operands.forEach((operand, o) => {
      if (!isCut(operand) || operand.resident) return;
      const at = this.#cut.at[place]![o]!;
      operand.store?.(row, 1, from, length, at, this.#cut.scratch[place]!);
    });
  }

  #wholeAt(o: number): number {
    return this.#whole.at[0]![o]!;
  }
}

/** Whether results lie in linear memory, and over no input: those are read again. */
function keepsExponentials(operands: readonly Operand[]): boolean {
  const results = operands.filter((operand) => isCut(operand) && operand.store);
  const inputs = operands.filter((operand) => !results.includes(operand));
  return (
    results.length > 0 &&
    results.every(
      ({ resident }) => resident && inputs.every((input) => input.resident !== resident),
    )
  );
}

function isCut(operand: Operand): boolean {
  return operand.classes !== undefined && !operand.whole;
}

/** Bytes of one class. */
function step(operand: Operand): number {
  return operand.rowBytes / operand.classes!;
}

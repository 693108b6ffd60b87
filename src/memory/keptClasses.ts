/**
 * Operands that pass over classes left out: kernels see the kept ones, dense. What is read of a row
 * are its kept runs; what is written are its kept runs, and zeros between them.
 */
import type { Kernels } from "../wasm/exports.js";
import type { Operand } from "./job.js";
import type { Adjustment } from "./source.js";
import type { Workspace } from "./workspace.js";

interface Run {
  readonly kept: boolean;
  readonly from: number;
  readonly count: number;
  readonly at: number;
}

/** Classes left out are overwritten with zeros this many at a time. */
const ZEROS = 1024;

/** Reads the kept classes of `source`, which must not adjust its logits itself. */
export class KeptSource implements Operand {
  readonly classes: number;
  readonly rowBytes: number;
  readonly resident = 0;
  readonly #source: Operand;
  readonly #runs: readonly Run[];
  readonly #kernels: Kernels;
  readonly #adjustment: Adjustment | undefined;

  constructor(
    { kernels }: Workspace,
    source: Operand,
    mask: { readonly kept: number; readonly runs: readonly Run[] },
    adjustment?: Adjustment,
  ) {
    this.classes = mask.kept;
    this.rowBytes = mask.kept * 4;
    this.#source = source;
    this.#runs = mask.runs.filter((run) => run.kept);
    this.#kernels = kernels;
    this.#adjustment = adjustment;
  }

  load(row: number, rows: number, from: number, count: number, at: number, scratch: number): void {
    for (let r = 0; r < rows; r++) {
      for (const run of this.#runs) {
        const start = Math.max(from, run.at);
        const length = Math.min(from + count, run.at + run.count) - start;
        if (length <= 0) continue;
        const place = at + (r * count + start - from) * 4;
        this.#source.load!(row + r, 1, run.from + start - run.at, length, place, scratch);
      }
    }
    if (this.#adjustment === undefined) return;
    const { temperature, softcap } = this.#adjustment;
    this.#kernels.adjustLogits(at, at, rows, count, temperature, softcap);
  }
}

/** Writes the kept classes of `sink`, and 0 to the others. */
export class KeptSink implements Operand {
  readonly classes: number;
  readonly rowBytes: number;
  readonly resident = 0;
  readonly #sink: Operand;
  readonly #runs: readonly Run[];
  readonly #zeros: number;

  constructor(
    work: Workspace,
    sink: Operand,
    mask: { readonly kept: number; readonly runs: readonly Run[] },
  ) {
    this.classes = mask.kept;
    this.rowBytes = mask.kept * 4;
    this.#sink = sink;
    this.#runs = mask.runs;
    this.#zeros = work.block(ZEROS * 4);
    work.arena.views.f32.fill(0, this.#zeros / 4, this.#zeros / 4 + ZEROS);
  }

  store(row: number, rows: number, from: number, count: number, at: number, scratch: number): void {
    for (let r = 0; r < rows; r++) {
      for (const run of this.#runs) {
        if (run.kept) this.#storeKept(run, row + r, from, count, at + r * count * 4, scratch);
        else if (from === 0) this.#storeZeros(run, row + r, scratch);
      }
    }
  }

  #storeKept(
    run: Run,
    row: number,
    from: number,
    count: number,
    at: number,
    scratch: number,
  ): void {
    const start = Math.max(from, run.at);
    const length = Math.min(from + count, run.at + run.count) - start;
    if (length <= 0) return;
    const first = run.from + start - run.at;
    this.#sink.store!(row, 1, first, length, at + (start - from) * 4, scratch);
  }

  #storeZeros(run: Run, row: number, scratch: number): void {
    // A turned row goes through scratch, which holds at least a row of kept classes.
    const step = Math.min(ZEROS, this.classes);
    for (let done = 0; done < run.count; done += step) {
      const count = Math.min(step, run.count - done);
      this.#sink.store!(row, 1, run.from + done, count, this.#zeros, scratch);
    }
  }
}

/** The same operand, staged even where its rows lie dense in linear memory. */
export function staged(operand: Operand): Operand {
  if (!operand.resident) return operand;
  const { rowBytes, classes } = operand;
  return {
    rowBytes,
    ...(classes !== undefined && { classes }),
    resident: 0,
    ...(operand.load && { load: operand.load.bind(operand) }),
    ...(operand.store && { store: operand.store.bind(operand) }),
  };
}

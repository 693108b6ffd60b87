/**
 * One thread's part of an evaluation of files that are read at any place: it takes the next block that
 * no thread has taken, reads it into linear memory and adds it to totals of its own. Totals of all
 * threads add up to those of one.
 */
import { failState } from "../check.js";
import { type ErrorCode, LogitsError } from "../errors.js";
import { ELEMENTS, type RowArray } from "../io/dtype.js";
import { elementsPerRow } from "../io/rowFile.js";
import { RowTable, partOf } from "../io/rowTable.js";
import type { Session } from "../memory/session.js";
import type { Tensor } from "../memory/tensor.js";
import type { DType } from "../types.js";
import { EvalControl, type EvalPlan } from "./evalControl.js";
import { EvalTotals, checkWeights } from "./evalTotals.js";
import type { RowRange } from "./shard.js";
import { checkClasses, copyTargets } from "./targets.js";

/** What has been wrong in a block, as plain data. */
export interface Failure {
  readonly block: number;
  readonly code: ErrorCode;
  readonly message: string;
}

export interface PartDone {
  /** The totals, as JSON. */
  readonly totals: string;
  readonly failure?: Failure | undefined;
}

export class EvalPart {
  readonly control: EvalControl;
  readonly #plan: EvalPlan;
  readonly #session: Session;
  readonly #thread: number;
  readonly #logits: RowTable;
  readonly #targets: RowTable;
  #room: Tensor | undefined;
  #labels: RowArray;
  #totals: EvalTotals;
  constructor(plan: EvalPlan, session: Session, thread: number) {
    this.control = new EvalControl(plan);
    this.#plan = plan;
    this.#session = session;
    this.#thread = thread;
    this.#logits = new RowTable(plan.logits);
    this.#targets = new RowTable(plan.targets);
    const { Type } = ELEMENTS[plan.targets.dtype];
    this.#labels = new Type(0);
    this.#totals = new EvalTotals(session, plan.settings);
  }

  /**
   * Works through blocks until none is left or the time `until` of Date.now() has come; at least one.
   *
   * @param onBlock - called after each
   */
  async run(until: number, onBlock?: () => Promise<void> | void): Promise<PartDone> {
    this.#totals = new EvalTotals(this.#session, this.#plan.settings);
    let failure: Failure | undefined;
    do {
      const block = this.control.take();
      if (block === undefined) break;
      try {
        await this.#add(this.control.rows(block));
        this.control.tell(this.#thread, this.#totals);
        await onBlock?.();
      } catch (error) {
        this.control.stop();
        if (!(error instanceof LogitsError)) throw error;
        failure = { block, code: error.code, message: error.message };
      }
    } while (failure === undefined && Date.now() < until);
    return { totals: JSON.stringify(this.#totals), failure };
  }

  async close(): Promise<void> {
    await this.#logits.close();
    await this.#targets.close();
  }

  async #add({ first, end }: RowRange): Promise<void> {
    const { logits, settings, targetsName } = this.#plan;
    const { file } = partOf(logits, first);
    const classes = logits.rowShape.at(-1)!;
    checkWeights(settings, file, classes);
    const room = this.#placeFor(end - first);
    await this.#logits.read(first, room.data);
    const perRow = elementsPerRow(logits) / classes;
    const targets = await this.#targetsFor(first * perRow, (end - first) * perRow);
    checkClasses(targetsName, targets, classes, settings.ignoreIndex, first * perRow);
    await this.#totals.add(this.#session, room, targets, first * perRow);
  }

  async #targetsFor(first: number, count: number): Promise<Int32Array> {
    const { targets } = this.#plan;
    const perRow = elementsPerRow(targets);
    if (this.#labels.length !== count) this.#labels = new ELEMENTS[targets.dtype].Type(count);
    await this.#targets.read(first / perRow, this.#labels);
    const values = new Int32Array(count);
    const { file } = partOf(targets, first / perRow);
    copyTargets(this.#labels, values, file, first);
    return values;
  }

  /** Linear memory for so many rows, which is read into. */
  #placeFor(rows: number): Tensor {
    const { dtype, rowShape } = this.#plan.logits;
    if (this.#room?.shape[0] !== rows) {
      this.#room?.dispose();
      this.#room = this.#session.tensor([rows, ...rowShape], dtype as DType);
    }
    return this.#room!;
  }
}

/** The failure of the earliest block, as the error it was. */
export function failEarliest(failures: readonly Failure[]): void {
  const first = failures.toSorted((a, b) => a.block - b.block)[0];
  if (first) failState(first.code, first.message);
}

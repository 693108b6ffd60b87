/**
 * What the threads of an evaluation share: which block is next, whether to stop, and how far they are.
 */
import type { TableInfo } from "../io/rowTable.js";
import type { EvalSettings, EvalTotals } from "./evalTotals.js";
import type { RowRange } from "./shard.js";

/** What every thread is told; plain data. */
export interface EvalPlan {
  readonly logits: TableInfo;
  readonly targets: TableInfo;
  /** Name of the targets in messages. */
  readonly targetsName: string;
  readonly settings: EvalSettings;
  readonly range: RowRange;
  readonly blockRows: number;
  readonly threads: number;
  /** Next block · whether to stop, then for each thread rows, Σ of losses, Σ of weights. */
  readonly control: SharedArrayBuffer;
}

const NEXT = 0;
const STOP = 1;
const COUNTED = 3;

export const controlBytes = (threads: number): number => 8 + threads * COUNTED * 8;

/** The blocks of a plan and how far its threads are. */
export class EvalControl {
  readonly blocks: number;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #plan: EvalPlan;

  constructor(plan: EvalPlan) {
    const { first, end } = plan.range;
    this.#plan = plan;
    this.#words = new Int32Array(plan.control, 0, 2);
    this.#numbers = new Float64Array(plan.control, 8);
    this.blocks = Math.ceil((end - first) / plan.blockRows);
  }

  /** The next block, from now on the caller's; undefined where there is none or all have to stop. */
  take(): number | undefined {
    if (this.stopped || Atomics.load(this.#words, NEXT) >= this.blocks) return undefined;
    const block = Atomics.add(this.#words, NEXT, 1);
    return block < this.blocks ? block : undefined;
  }

  /** Rows [first, end) of a block. */
  rows(block: number): RowRange {
    const { range, blockRows } = this.#plan;
    const first = range.first + block * blockRows;
    return { first, end: Math.min(range.end, first + blockRows) };
  }

  /** The row after the blocks that were taken. */
  get next(): number {
    const taken = Math.min(Atomics.load(this.#words, NEXT), this.blocks);
    return taken === 0 ? this.#plan.range.first : this.rows(taken - 1).end;
  }

  get stopped(): boolean {
    return Atomics.load(this.#words, STOP) !== 0;
  }
  stop(): void {
    Atomics.store(this.#words, STOP, 1);
  }

  /** Tells how far a thread is since it began. */
  tell(thread: number, { rows, lossSum, lossWeight }: EvalTotals): void {
    this.#numbers.set([rows, lossSum, lossWeight], thread * COUNTED);
  }

  /** What was told is counted elsewhere by now. */
  forget(): void {
    this.#numbers.fill(0);
  }

  /** Σ over all threads, for the eye: they are under way. */
  get told(): { readonly rows: number; readonly lossSum: number; readonly lossWeight: number } {
    const sums = [0, 0, 0];
    this.#numbers.forEach((value, i) => (sums[i % COUNTED]! += value));
    return { rows: sums[0]!, lossSum: sums[1]!, lossWeight: sums[2]! };
  }
}

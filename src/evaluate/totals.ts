/** The accumulators of an evaluator. */
import type { ClassCounts } from "./classCounts.js";
import type { ExactSum } from "./exactSum.js";
import type { HardestRows } from "./hardestRows.js";
import type { RankCounts } from "./rankCounts.js";
import type { Reliability } from "./reliability.js";

/** What an evaluator has collected; evaluatorUpdate.ts adds rows to it. */
export interface Totals {
  count: number;
  undefinedRows: number;
  right: number;
  readonly topK: Float64Array;
  readonly loss: ExactSum;
  readonly brier: ExactSum;
  readonly reliability: Reliability;
  readonly classes: ClassCounts;
  readonly ranks: RankCounts | undefined;
  readonly hardest: HardestRows;
}

/**
 * What an evaluation is asked for.
 */
import type { OpenRowsOptions } from "../io/openRows.js";
import type { EvalSettings } from "./evalTotals.js";
import type { RowRange, Shard } from "./shard.js";

export interface EvalJob {
  readonly logits: string;
  readonly targets: string;
  readonly reading?: OpenRowsOptions | undefined;
  readonly targetsReading?: OpenRowsOptions | undefined;
  readonly settings: EvalSettings;
  readonly shard?: Shard | undefined;
  /** The state file; none is kept without it. */
  readonly out?: string | undefined;
  /** Go on from the checkpoint of a run that ended early; a finished state is taken as it is. */
  readonly resume?: boolean | undefined;
  /** Seconds between checkpoints (default 5). */
  readonly checkpointSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called when the rows are known, with those already done. */
  readonly onStart?: ((range: RowRange, done: number) => void) | undefined;
  readonly onRows?: ((rows: number, meanLoss: number) => void | Promise<void>) | undefined;
}

/**
 * What is put into the queue: one shard of a run, as JSON.
 */
import type { OpenRowsOptions } from "../io/openRows.js";
import type { EvalSettings } from "../jobs/evalTotals.js";
import type { ScoreFormat, ScoreSettings } from "../jobs/scoreSink.js";
import type { Shard } from "../jobs/shard.js";

interface Common {
  readonly logits: string;
  readonly reading: OpenRowsOptions;
  readonly targetsReading: OpenRowsOptions;
  readonly shard: Shard;
  /** The state file, or the file of scores. */
  readonly out: string;
}

export interface EvalShard extends Common {
  readonly kind: "eval";
  readonly targets: string;
  readonly settings: EvalSettings;
}

export interface ScoreShard extends Common {
  readonly kind: "score";
  readonly targets: string | undefined;
  readonly format: ScoreFormat;
  readonly settings: ScoreSettings;
}

export type ShardJob = EvalShard | ScoreShard;

export interface ShardProgress {
  readonly shard: number;
  /** Rows done of this shard, and rows it has; undefined where files do not say. */
  readonly rows: number;
  readonly of: number | undefined;
}

export const DEFAULT_NAME = "logits";

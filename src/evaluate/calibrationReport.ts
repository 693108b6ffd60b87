/** Metrics before and after a calibration. */
import type { Engine } from "../engine.js";
import { Evaluator } from "./evaluator.js";
import type { LogitRows } from "./logitRows.js";

export interface CalibrationReport {
  readonly count: number;
  /** Mean cross entropy in nats. */
  readonly loss: number;
  readonly accuracy: number;
  readonly brier: number;
  readonly ece: number;
  readonly mce: number;
}

export function calibrationReport(
  engine: Engine,
  rows: Pick<LogitRows, "logits" | "targets" | "count" | "classes">,
  temperature: number,
): CalibrationReport {
  const { logits, targets, classes } = rows;
  const evaluator = new Evaluator(engine, { classes, temperature, confusion: false });
  evaluator.update({ data: logits, shape: [rows.count, classes] }, targets);
  const { count, loss, accuracy, brier, ece, mce } = evaluator.result();
  return { count, loss, accuracy, brier, ece, mce };
}

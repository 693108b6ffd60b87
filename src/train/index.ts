/** logits/train: re-exports only. */
export { Adam, AdamW } from "./adam.js";
export type { AdamOptions } from "./adam.js";
export { LinearClassifier } from "./classifier.js";
export type { LinearClassifierOptions } from "./classifierOptions.js";
export type { ClassName, ClassTargets } from "./classes.js";
export type { Evaluated } from "./evaluated.js";
export type {
  FitOptions,
  FitProgress,
  FitResult,
  FitSignal,
  OptimizerChoice,
} from "./fitOptions.js";
export type { Batch, Batches } from "./fitRoom.js";
export { linear, linearGradients } from "./linear.js";
export type { Optimizer, OptimizerOptions } from "./optimizer.js";
export type { ClassWeight } from "./problem.js";
export { constantSchedule, cosineSchedule, warmUpSchedule } from "./schedules.js";
export type { Schedule } from "./schedules.js";
export { SGD } from "./sgd.js";
export type { SGDOptions } from "./sgd.js";

/** The front door: re-exports only. */
export { createEngine } from "./createEngine.js";
export type { Engine, EngineOptions } from "./engine.js";
export type { Operations } from "./ops/operations.js";
export { LogitsError } from "./errors.js";
export type { ErrorCode } from "./errors.js";
export type { Tensor } from "./memory/tensor.js";
export type { GradOption } from "./inputs/grad.js";
export type { Mask, MaskOptions } from "./inputs/masks.js";
export { SCORE_FLAGS } from "./inputs/scoreColumns.js";
export type { ScoreColumns, ScoreOut, TargetColumns } from "./inputs/scoreColumns.js";
export type { ArgmaxOptions } from "./ops/argmax.js";
export type { BinaryCrossEntropyOptions } from "./ops/binaryCrossEntropyWithLogits.js";
export type { CrossEntropyOptions, CrossEntropyTargets } from "./ops/crossEntropy.js";
export type { CtcLossOptions } from "./ops/ctcLoss.js";
export type { Direction, DistillationLossOptions } from "./ops/distillationLoss.js";
export type { ElementLossOptions } from "./ops/elementLoss.js";
export type { FocalLossOptions } from "./ops/focalLoss.js";
export type { GumbelSoftmaxOptions } from "./ops/gumbelSoftmax.js";
export type { KlDivLossOptions } from "./ops/klDivLoss.js";
export type { LayerOptions, LinearLayer, WeightLayout } from "./inputs/layer.js";
export type { LinearBinaryCrossEntropyOptions } from "./ops/linearBinaryCrossEntropyWithLogits.js";
export type { LinearCrossEntropyOptions, LinearLossOf } from "./ops/linearCrossEntropy.js";
export type { LinearGradOption } from "./ops/linearGradients.js";
export type { LinearScoreOptions } from "./ops/linearScore.js";
export type { MultiMarginLossOptions } from "./ops/multiMarginLoss.js";
export type { MultilabelSoftMarginLossOptions } from "./ops/multilabelSoftMarginLoss.js";
export type { PolyLossOptions } from "./ops/polyLoss.js";
export type { SampledSoftmaxLossOptions } from "./ops/sampledSoftmaxLoss.js";
export type { SigmoidFocalLossOptions } from "./ops/sigmoidFocalLoss.js";
export type { SoftMarginLossOptions } from "./ops/softMarginLoss.js";
export type { ElementwiseOptions } from "./ops/elementwise.js";
export type { LogSumExpOptions } from "./ops/logSumExp.js";
export type { LossOf, LossWithTargetsOf, LossWithTemperatureOf } from "./ops/lossResult.js";
export type { NllLossOptions } from "./ops/nllLoss.js";
export type { SampleOptions, Samples } from "./ops/sample.js";
export type { ScoreOptions, Scores, ScoreTargets, TopKScores } from "./ops/score.js";
export type { SoftmaxOptions } from "./ops/softmax.js";
export type { ThresholdOptions } from "./ops/threshold.js";
export type { TopKOptions } from "./ops/topK.js";
export type {
  ArrayLikeObject,
  ArrayResult,
  Compat,
  Divisor,
  DType,
  Logits,
  LossResult,
  LossRules,
  Numerics,
  OnEmpty,
  Reduction,
  Shape,
} from "./types.js";

/**
 * The operations by name: their methods, their plans, and what runs at once instead.
 */
import type { ResidentKernel, ResidentLoss } from "../memory/residentCall.js";
// By kinship, not by the alphabet: bundles keep this order, and gzip finds what neighbours share.
import { binaryCrossEntropyResident } from "./binaryCrossEntropyResident.js";
import {
  type BinaryCrossEntropyWithLogitsMethods,
  binaryCrossEntropyWithLogits,
} from "./binaryCrossEntropyWithLogits.js";
import {
  type LinearBinaryCrossEntropyWithLogitsMethods,
  linearBinaryCrossEntropyWithLogits,
} from "./linearBinaryCrossEntropyWithLogits.js";
import { crossEntropyResident } from "./crossEntropyResident.js";
import { type LinearCrossEntropyMethods, linearCrossEntropy } from "./linearCrossEntropy.js";
import { type CrossEntropyMethods, crossEntropy } from "./crossEntropy.js";
import { type LogSoftmaxMethods, logSoftmax, logSoftmaxResident } from "./logSoftmax.js";
import { type SoftmaxMethods, softmax, softmaxResident } from "./softmax.js";
import { type LogSumExpMethods, logSumExp } from "./logSumExp.js";
import { type CtcLossMethods, ctcLoss } from "./ctcLoss.js";
import { type ScoreMethods, score } from "./score.js";
import { type LinearScoreMethods, linearScore } from "./linearScore.js";
import { type GumbelSoftmaxMethods, gumbelSoftmax } from "./gumbelSoftmax.js";
import { type SampleMethods, sample } from "./sample.js";
import { argmax, type ArgmaxMethods } from "./argmax.js";
import { type ThresholdMethods, threshold } from "./threshold.js";
import { type TopKMethods, topK } from "./topK.js";
import { type NllLossMethods, nllLoss } from "./nllLoss.js";
import { type SampledSoftmaxLossMethods, sampledSoftmaxLoss } from "./sampledSoftmaxLoss.js";
import {
  type MultilabelSoftMarginLossMethods,
  multilabelSoftMarginLoss,
} from "./multilabelSoftMarginLoss.js";
import { type MultilabelMarginLossMethods, multilabelMarginLoss } from "./multilabelMarginLoss.js";
import { type MultiMarginLossMethods, multiMarginLoss } from "./multiMarginLoss.js";
import { type SoftMarginLossMethods, softMarginLoss } from "./softMarginLoss.js";
import { type SigmoidFocalLossMethods, sigmoidFocalLoss } from "./sigmoidFocalLoss.js";
import { type DistillationLossMethods, distillationLoss } from "./distillationLoss.js";
import { type KlDivLossMethods, klDivLoss } from "./klDivLoss.js";
import { type PolyLossMethods, polyLoss } from "./polyLoss.js";
import { type FocalLossMethods, focalLoss } from "./focalLoss.js";
import { type SoftplusMethods, softplus, softplusResident } from "./softplus.js";
import { type LogSigmoidMethods, logSigmoid, logSigmoidResident } from "./logSigmoid.js";
import { type SigmoidMethods, sigmoid, sigmoidResident } from "./sigmoid.js";

/** Every operation; each is described where it is planned, in src/ops. */
export interface Operations
  extends
    SoftmaxMethods,
    LogSoftmaxMethods,
    LogSumExpMethods,
    SigmoidMethods,
    LogSigmoidMethods,
    SoftplusMethods,
    CrossEntropyMethods,
    NllLossMethods,
    BinaryCrossEntropyWithLogitsMethods,
    CtcLossMethods,
    DistillationLossMethods,
    FocalLossMethods,
    KlDivLossMethods,
    LinearBinaryCrossEntropyWithLogitsMethods,
    LinearCrossEntropyMethods,
    LinearScoreMethods,
    MultiMarginLossMethods,
    MultilabelMarginLossMethods,
    MultilabelSoftMarginLossMethods,
    PolyLossMethods,
    SampledSoftmaxLossMethods,
    SigmoidFocalLossMethods,
    SoftMarginLossMethods,
    ArgmaxMethods,
    TopKMethods,
    ThresholdMethods,
    ScoreMethods,
    SampleMethods,
    GumbelSoftmaxMethods {}

/** Every operation's plan. */
export const PLANS = {
  softmax,
  logSoftmax,
  logSumExp,
  sigmoid,
  logSigmoid,
  softplus,
  crossEntropy,
  nllLoss,
  binaryCrossEntropyWithLogits,
  ctcLoss,
  distillationLoss,
  focalLoss,
  klDivLoss,
  linearBinaryCrossEntropyWithLogits,
  linearCrossEntropy,
  linearScore,
  multiMarginLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  polyLoss,
  sampledSoftmaxLoss,
  sigmoidFocalLoss,
  softMarginLoss,
  argmax,
  topK,
  threshold,
  score,
  sample,
  gumbelSoftmax,
} as const;

/** Those that run at once where logits and `out` are tensors. */
export const KERNELS: { readonly [name: string]: ResidentKernel } = {
  softmax: softmaxResident,
  logSoftmax: logSoftmaxResident,
  sigmoid: sigmoidResident,
  logSigmoid: logSigmoidResident,
  softplus: softplusResident,
};

/** The same for losses. */
export const RESIDENT_LOSSES: { readonly [name: string]: ResidentLoss } = {
  crossEntropy: crossEntropyResident,
  binaryCrossEntropyWithLogits: binaryCrossEntropyResident,
};

/** Exports only. What stands on either side of the boundary: pointers, counts and scalars. */
export { adjustLogits, uncapGradients } from "./kernels/adjustLogits";
export { argmaxClose, argmaxRows, argmaxSegment } from "./kernels/argmax";
export { binaryCrossEntropyWithLogitsBlocks } from "./kernels/binaryCrossEntropyWithLogits";
export { bfloat16ToFloat32, float16ToFloat32 } from "./kernels/convert";
export { crossEntropyClose, crossEntropySegment, crossEntropyWrite } from "./kernels/crossEntropy";
export { crossEntropyRows } from "./kernels/crossEntropyRows";
export {
  crossEntropyProbabilitiesClose,
  crossEntropyProbabilitiesRows,
  crossEntropyProbabilitiesSegment,
  crossEntropyProbabilitiesWrite,
} from "./kernels/crossEntropyProbabilities";
export { crossEntropyShortRows } from "./kernels/crossEntropyShort";
export { ctcLossSample } from "./kernels/ctcLoss";
export { distillationLossRows } from "./kernels/distillationLoss";
export { focalLossRows } from "./kernels/focalLoss";
export { isFused } from "./kernels/fusedProbe";
export { gumbelSoftmaxRow } from "./kernels/gumbelSoftmax";
export { klDivLoss } from "./kernels/klDivLoss";
export {
  logSoftmaxClose,
  logSoftmaxRows,
  logSoftmaxSegment,
  logSoftmaxWrite,
} from "./kernels/logSoftmax";
export { logSoftmaxShortRows } from "./kernels/logSoftmaxShort";
export { logSumExpClose, logSumExpRows, logSumExpSegment } from "./kernels/logSumExp";
export { logSumExpShortRows } from "./kernels/logSumExpShort";
export { matmul } from "./kernels/matmul";
export { multiMarginLossRows } from "./kernels/multiMarginLoss";
export { multilabelMarginLossRows } from "./kernels/multilabelMarginLoss";
export { nllLossGradients, nllLossRows } from "./kernels/nllLoss";
export { adamStep, sgdStep } from "./kernels/optimizers";
export { rankSteps } from "./kernels/rankSteps";
export { readTargets } from "./kernels/readTargets";
export { sampleRow } from "./kernels/sample";
export { scoreClose, scoreRows, scoreSegment } from "./kernels/score";
export { scoreShortRows } from "./kernels/scoreShort";
export { scratchBytes, useScratch } from "./simd/scratch";
export { dotRows, labelGradients, probabilityGradients } from "./kernels/sideGradients";
export { sigmoid } from "./kernels/sigmoid";
export { sigmoidFocalLoss } from "./kernels/sigmoidFocalLoss";
export { multilabelSoftMarginLossRows, softMarginLoss } from "./kernels/softMarginLoss";
export { softmaxClose, softmaxRows, softmaxSegment, softmaxWrite } from "./kernels/softmax";
export { softmaxShortRows } from "./kernels/softmaxShort";
export { logSigmoid, softplus } from "./kernels/softplus";
export { roundLosses, sumLosses, totalOf } from "./kernels/sumLosses";
export { tallyRows } from "./kernels/tally";
export { threshold } from "./kernels/threshold";
export { topKClose, topKResume, topKRows, topKSegment } from "./kernels/topK";
export { turn } from "./kernels/transpose";
export { turnColumns } from "./kernels/turnColumns";

/** First byte past the static tables: where the arena begins. */
export function heapBase(): usize {
  return __heap_base;
}

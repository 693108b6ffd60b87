/**
 * The kernels as TypeScript sees them: every export of assembly/index.ts. Pointers are byte
 * addresses in linear memory, counts are elements unless a name says otherwise.
 */
type Scalars<N extends readonly unknown[]> = (...values: N) => void;
type N1 = [number];
type N2 = [...N1, number];
type N3 = [...N2, number];
type N4 = [...N3, number];
type N5 = [...N4, number];

export type Kernels = {
  heapBase(): number;
  isFused(): number;
  /** Bytes of an instance's scratch, and a region of that size for it to use from now on. */
  scratchBytes(): number;
  useScratch(ptr: number): void;

  /** (zPtr, outPtr, rows, classes, maskedZero, tablePtr) */
  softmaxRows: Scalars<[number, number, number, number, boolean, number]>;
  softmaxSegment: Scalars<N5>;
  softmaxClose: Scalars<N2>;
  softmaxWrite: Scalars<[number, number, number, boolean, number]>;
  /** (zPtr, outPtr, rows, classes, turned, maskedZero, scratchPtr) */
  softmaxShortRows: Scalars<[...N4, boolean, boolean, number]>;

  logSoftmaxRows: Scalars<[number, number, number, number, boolean, number]>;
  logSoftmaxSegment: Scalars<N4>;
  logSoftmaxClose: Scalars<N2>;
  logSoftmaxWrite: Scalars<[number, number, number, boolean]>;
  /** as softmaxShortRows */
  logSoftmaxShortRows: Scalars<[...N4, boolean, boolean, number]>;

  /** (zPtr, outPtr, rows, classes, tablePtr) */
  logSumExpRows: Scalars<N5>;
  logSumExpSegment: Scalars<N4>;
  logSumExpClose: Scalars<N3>;
  /** (zPtr, outPtr, rows, classes, turned, scratchPtr) */
  logSumExpShortRows: Scalars<[...N4, boolean, number]>;

  /** (zPtr, ePtr, rows, classes, targetsPtr, weightPtr, smoothing, zLoss, scale, upstreamPtr, tablePtr, lossPtr) */
  crossEntropyRows: Scalars<[...N5, ...N5, ...N2]>;
  /** (zPtr, ePtr, rows, classes, turned, targetsPtr, weightPtr, smoothing, scale, upstreamPtr, scratchPtr, lossPtr) */
  crossEntropyShortRows: Scalars<[...N4, boolean, ...N5, ...N2]>;
  /** (zPtr, ePtr, length, first, y, weightPtr, smoothed, tablePtr) */
  crossEntropySegment: Scalars<[...N5, number, boolean, number]>;
  /** (classes, w, smoothing, zLoss, scale, tablePtr) → loss */
  crossEntropyClose(...values: [...N5, number]): number;
  /** (ePtr, length, first, y, w, weightPtr, tablePtr) */
  crossEntropyWrite: Scalars<[...N5, ...N2]>;

  /** (zPtr, ePtr, rows, classes, qPtr, weightPtr, keep, share, zLoss, scale, upstreamPtr, tablePtr, lossPtr) */
  crossEntropyProbabilitiesRows: Scalars<[...N5, ...N5, ...N3]>;
  /** (zPtr, ePtr, length, first, qPtr, weightPtr, keep, share, tablePtr) */
  crossEntropyProbabilitiesSegment: Scalars<[...N5, ...N4]>;
  /** (classes, zLoss, scale, tablePtr) → loss */
  crossEntropyProbabilitiesClose(...values: N4): number;
  /** (ePtr, length, first, qPtr, weightPtr, keep, share, tablePtr) */
  crossEntropyProbabilitiesWrite: Scalars<[...N5, ...N3]>;

  /** (pickedPtr, rows, targetsPtr, weightPtr, lossPtr) */
  nllLossRows: Scalars<N5>;
  /** (gradPtr, rows, length, first, targetsPtr, weightPtr, scale, upstreamPtr) */
  nllLossGradients: Scalars<[...N5, ...N3]>;

  /** (xPtr, zPtr, weightPtr, posWeightPtr, length, keep, share, scale, upstreamPtr, eachPtr, gradPtr, lossPtr) */
  binaryCrossEntropyWithLogitsBlocks: Scalars<[...N5, ...N5, ...N2]>;

  /** (zPtr, ePtr, rows, classes, targetsPtr, qPtr, qGradPtr, weightPtr, smoothing, gamma, epsilon, zLoss, temperature, scale, upstreamPtr, tablePtr, lossPtr) */
  focalLossRows: Scalars<[...N5, ...N5, ...N5, ...N2]>;
  /** (xPtr, gradPtr, length, zPtr, zGradPtr, weightPtr, posWeightPtr, keep, share, gamma, alpha, scale, upstreamPtr, lossPtr) */
  sigmoidFocalLoss: Scalars<[...N5, ...N5, ...N4]>;
  /** (xPtr, gradPtr, length, yPtr, scale, upstreamPtr, lossPtr) */
  softMarginLoss: Scalars<[...N5, ...N2]>;
  /** (xPtr, gradPtr, rows, classes, zPtr, usedPtr, weightPtr, scale, upstreamPtr, lossPtr) */
  multilabelSoftMarginLossRows: Scalars<[...N5, ...N5]>;
  /** (xPtr, gradPtr, rows, classes, targetsPtr, weightPtr, squared, margin, scale, upstreamPtr, lossPtr) */
  multiMarginLossRows: Scalars<[...N5, number, boolean, ...N4]>;
  /** (xPtr, gradPtr, rows, classes, targetsPtr, width, sumsPtr, scale, upstreamPtr, lossPtr) */
  multilabelMarginLossRows: Scalars<[...N5, ...N5]>;
  /** (xPtr, gradPtr, length, tPtr, targetGradPtr, logTarget, scale, upstreamPtr, lossPtr) */
  klDivLoss: Scalars<[...N5, boolean, ...N3]>;
  /** (studentPtr, gradPtr, rows, classes, teacherPtr, targetGradPtr, direction, scale, upstreamPtr, tablePtr, pPtr, qPtr, lossPtr) */
  distillationLossRows: Scalars<[...N5, ...N5, ...N3]>;
  /** (xPtr, gradPtr, rows, classes, steps, labelsPtr, labels, blank, zeroInfinity, scale, workPtr) → loss */
  ctcLossSample(...values: [...N5, ...N3, boolean, ...N3]): void;
  /** (gradPtr, zPtr, rows, classes, outPtr) */
  dotRows: Scalars<N5>;
  /** (xPtr, outPtr, length, weightPtr, posWeightPtr, scale, upstreamPtr) */
  labelGradients: Scalars<[...N5, ...N2]>;
  /** (zPtr, outPtr, rows, classes, weightPtr, keep, scale, upstreamPtr, tablePtr) */
  probabilityGradients: Scalars<[...N5, ...N4]>;

  /** (targetsPtr, outPtr, rows, classes, ignoreIndex) → rows not ignored, or −1 if one is out of range */
  readTargets(...values: N5): number;
  /** (lossPtr, count, statePtr) and (lossPtr, outPtr, count) */
  sumLosses: Scalars<N3>;
  roundLosses: Scalars<N3>;
  /** (statePtr) → sum so far */
  totalOf(statePtr: number): number;

  /** (xPtr, outPtr, length) */
  sigmoid: Scalars<N3>;
  logSigmoid: Scalars<N3>;
  softplus: Scalars<N3>;
  /** (xPtr, outPtr, length, bound) */
  threshold: Scalars<N4>;

  /** (zPtr, outPtr, rows, classes) */
  argmaxRows: Scalars<N4>;
  argmaxSegment: Scalars<N3>;
  argmaxClose: Scalars<N1>;
  /** (zPtr, valuesPtr, indicesPtr, rows, classes, k, largest, heapPtr) */
  topKRows: Scalars<[...N5, number, boolean, number]>;
  topKSegment: Scalars<[...N4, boolean, number]>;
  topKClose: Scalars<[...N3, boolean, number]>;
  topKResume(): void;

  /** (zPtr, recordPtr, outPtr, rows, classes) */
  rankSteps: Scalars<N5>;
  /** (recordPtr, rows, classes, targetsPtr, stepsPtr, bins, binsPtr, sumsPtr, countsPtr, bound, leftPtr) → rows left */
  tallyRows(...values: [...N5, ...N5, number]): number;

  /** (zPtr, xPtr, classes, temperature, topK, topP, minP, typicalP, seed, row, step, heapPtr, listPtr, tablePtr, recordPtr) */
  sampleRow: Scalars<[...N5, ...N5, ...N5]>;

  /** (zPtr, outPtr, classes, tau, hard, upstreamPtr, gradPtr, seed, row, step, listPtr) */
  gumbelSoftmaxRow: Scalars<[...N4, boolean, ...N5, number]>;

  /** (zPtr, rows, classes, targetsPtr, recordPtr, squares, k, floor, valuesPtr, indicesPtr, heapPtr, tablePtr) */
  scoreRows: Scalars<[...N5, boolean, ...N5, number]>;
  /** (zPtr, rows, classes, targetsPtr, tied, recordPtr, stepsPtr, tablesPtr, scratchPtr) */
  scoreShortRows: Scalars<[...N4, boolean, ...N4]>;
  /** (zPtr, length, first, y, target, k, squares, heapPtr, tablePtr) */
  scoreSegment: Scalars<[...N5, number, boolean, ...N2]>;
  /** (classes, y, recordPtr, k, floor, valuesPtr, indicesPtr, heapPtr, tablePtr) */
  scoreClose: Scalars<[...N5, ...N4]>;

  /** (xPtr, outPtr, rows, classes, temperature, cap) and (gradPtr, zPtr, length, temperature, cap) */
  adjustLogits: Scalars<[...N5, number]>;
  uncapGradients: Scalars<N5>;
  /** (srcPtr, outPtr, length) */
  float16ToFloat32: Scalars<N3>;
  bfloat16ToFloat32: Scalars<N3>;
  /** (srcPtr, outPtr, width, height, srcBytes, outBytes, down) */
  turn: Scalars<[...N5, number, boolean]>;
  /** (stridedPtr, columnsPtr, row, rows, classes, inner, done, back) */
  turnColumns: Scalars<[...N5, ...N2, boolean]>;

  /** (aPtr, aStride, aTurned, bPtr, bStride, bTurned, startPtr, outPtr, outStride, rows, columns, depth, scratchPtr) */
  matmul: Scalars<[...N2, boolean, ...N2, boolean, ...N5, ...N2]>;
  /** (parameterPtr, gradPtr, momentPtr, length, gradScale, l2, rate, momentum, keep, momentRate) */
  sgdStep: Scalars<[...N5, ...N5]>;
  /** (parameterPtr, gradPtr, momentPtr, squarePtr, length, gradScale, l2, shrink, beta1, rest1, beta2, rest2, rate, root, epsilon) */
  adamStep: Scalars<[...N5, ...N5, ...N5]>;
};

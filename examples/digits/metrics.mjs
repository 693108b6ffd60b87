// @ts-check
/**
 * Brier score for several classes: the mean over rows of Σ_j (p_j − 1_y)², from 0 to 2.
 * (The two-class score of other libraries counts one class only and is half of it.)
 *
 * @param {Float32Array} probabilities (rows, classes)
 * @param {Int32Array} targets
 */
export function brierScore(probabilities, targets) {
  const classes = probabilities.length / targets.length;
  let sum = 0;
  probabilities.forEach((probability, index) => {
    const row = Math.floor(index / classes);
    sum += (probability - (index - row * classes === targets[row] ? 1 : 0)) ** 2;
  });
  return sum / targets.length;
}

/**
 * @typedef {object} Bin
 * @property {number} lo exclusive, but 0 belongs to the first bin
 * @property {number} hi inclusive
 * @property {number} count
 * @property {number | null} confidence mean over the bin's rows; null for an empty bin
 * @property {number | null} accuracy
 */

/**
 * Calibration by equal bins of confidence, as in Guo et al. 2017:
 *
 *   ECE = Σ_b count_b / rows · |accuracy_b − confidence_b|
 *
 * Confidence is the probability of the predicted class. It is float32, and so are the edges it is
 * compared with: a confidence of 0.2 lies on the edge 3/15, not above it.
 *
 * @param {Float32Array} confidences
 * @param {boolean[]} correct
 * @param {number} bins at least 1
 * @returns {{ ece: number, bins: Bin[] }}
 */
export function calibration(confidences, correct, bins) {
  if (!Number.isInteger(bins) || bins < 1) {
    throw new RangeError(`calibration: bins must be an integer of at least 1, got ${bins}`);
  }
  const edges = Float32Array.from({ length: bins }, (_, bin) => (bin + 1) / bins);
  const sums = Array.from(edges, () => ({ count: 0, confidence: 0, correct: 0 }));
  confidences.forEach((confidence, row) => {
    // Rounding may leave a probability one ulp above 1.
    const bin = sums[edges.findIndex((edge) => Math.min(confidence, 1) <= edge)];
    bin.count += 1;
    bin.confidence += confidence;
    bin.correct += correct[row] ? 1 : 0;
  });
  const gap = sums.reduce((total, bin) => total + Math.abs(bin.correct - bin.confidence), 0);
  return {
    ece: gap / confidences.length,
    bins: sums.map((bin, index) => ({
      lo: index / bins,
      hi: (index + 1) / bins,
      count: bin.count,
      confidence: bin.count === 0 ? null : bin.confidence / bin.count,
      accuracy: bin.count === 0 ? null : bin.correct / bin.count,
    })),
  };
}

/**
 * Counts of rows by true class (first index) and predicted class (second index).
 *
 * @param {Int32Array} targets
 * @param {Int32Array} predictions
 * @param {number} classes
 * @returns {number[][]}
 */
export function confusionMatrix(targets, predictions, classes) {
  const counts = Array.from({ length: classes }, () => Array(classes).fill(0));
  targets.forEach((target, row) => {
    counts[target][predictions[row]] += 1;
  });
  return counts;
}

// @ts-check
/**
 * The shapes, each with its reason. Rows × classes, the class axis last unless said otherwise.
 *
 * @typedef {import("./workload.ts").Case} Case
 */

/** @type {Record<string, Case>} */
export const SHAPES = {
  twoClasses: { shape: [65536, 2], reason: "two classes: a row is shorter than a vector" },
  tenClasses: {
    shape: [4096, 10],
    reason: "ten classes: digits, CIFAR-10; rows end inside a vector",
  },
  secondCache: {
    shape: [64, 1000],
    reason: "ImageNet, a small batch: fits the second-level cache",
  },
  thirdCache: {
    shape: [1024, 1000],
    reason: "ImageNet, a large batch: 4 MB, beyond the second level",
  },
  vocabulary: {
    shape: [32, 32000],
    reason: "Llama 2's vocabulary: a row outgrows the first level",
  },
  largeVocabulary: { shape: [8, 128256], reason: "Llama 3's vocabulary: 0.5 MB a row" },
  oneRow: {
    shape: [1, 262144],
    reason: "one token of Gemma's vocabulary: no second row to overlap",
  },
  axis1: {
    shape: [16, 21, 64, 64],
    axis: 1,
    reason: "segmentation, PyTorch's layout: classes 4096 apart",
  },
  memory: { shape: [1024, 16384], reason: "64 MB: larger than most last-level caches" },
  masked: { shape: [64, 1000], masked: 0.7, reason: "70 % of the logits −∞: constrained decoding" },
};

/** @type {readonly Case[]} */
export const EVERY_SHAPE = Object.values(SHAPES);

/** For what goes along the last axis in one layout only. @type {readonly Case[]} */
export const LAST_AXIS_SHAPES = EVERY_SHAPE.filter(({ axis }) => axis === undefined);

/** For element by element operations, where rows do not matter. @type {readonly Case[]} */
export const ELEMENTWISE_SHAPES = [
  SHAPES.tenClasses,
  SHAPES.secondCache,
  SHAPES.thirdCache,
  SHAPES.oneRow,
  SHAPES.memory,
];

/** What --quick keeps. @type {ReadonlySet<Case>} */
export const QUICK_SHAPES = new Set([SHAPES.tenClasses, SHAPES.secondCache, SHAPES.vocabulary]);

/** What --short keeps, of bench:peers. @type {ReadonlySet<Case>} */
export const SHORT_SHAPES = new Set([
  ...QUICK_SHAPES,
  SHAPES.twoClasses,
  SHAPES.oneRow,
  SHAPES.axis1,
  SHAPES.masked,
]);

/** @param {Case} given */
export function shapeName({ shape, axis, masked }) {
  const notes = [axis !== undefined && `axis ${axis}`, masked && "masked"].filter(Boolean);
  return [shape.join("×"), ...notes].join(", ");
}

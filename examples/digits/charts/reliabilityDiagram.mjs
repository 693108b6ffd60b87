// @ts-check
import { percent } from "../format.mjs";
import { drawing, label, line, rect, scale, tenths } from "./svg.mjs";

const WIDTH = 458;
const HEIGHT = 452;
const LEFT = 52;
const RIGHT = WIDTH - 14;
const TOP = 10;
/** Floor of the diagram; below it hangs the histogram of counts. */
const FLOOR = 312;
const COUNTS_TOP = 334;
const COUNTS_FLOOR = 400;
const GAP = 2;
/** The accuracy of fewer rows is mostly chance: such bars are drawn pale. */
export const FEW = 10;

/**
 * Accuracy by bin of confidence against the diagonal of perfect calibration, and below it how many
 * rows each bin holds.
 *
 * @param {import("../metrics.mjs").Bin[]} bins
 */
export function reliabilityDiagram(bins) {
  const x = scale([0, 1], [LEFT, RIGHT]);
  const y = scale([0, 1], [FLOOR, TOP]);
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  const height = scale([0, most], [0, COUNTS_FLOOR - COUNTS_TOP]);

  const grid = [0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((tick) => [
    line(LEFT, y(tick), RIGHT, y(tick), "grid"),
    label(LEFT - 8, y(tick) + 4, tick.toFixed(1), "axis end"),
    label(x(tick), COUNTS_FLOOR + 18, tick.toFixed(1), "axis middle"),
  ]);
  const filled = bins.filter((bin) => bin.count > 0);
  const bars = filled.map((bin) => {
    const accuracy = bin.accuracy ?? 0;
    const classes = `class="bar hit${bin.count < FEW ? " pale" : ""}"`;
    return column(bin, y(accuracy), FLOOR, classes);
  });
  const confidences = filled.map((bin) => {
    const confidence = bin.confidence ?? 0;
    const path = `M${x(confidence)} ${tenths(y(confidence) - 5)}l5 5l-5 5l-5 -5z`;
    return `<path d="${path}" class="diamond"><title>${tooltip(bin)}</title></path>`;
  });
  const counts = filled.flatMap((bin) => {
    const top = COUNTS_FLOOR - Math.max(1.5, height(bin.count));
    return [
      column(bin, top, COUNTS_FLOOR, 'class="bar muted"'),
      label(x((bin.lo + bin.hi) / 2), top - 4, bin.count, "small middle"),
    ];
  });
  return drawing(WIDTH, HEIGHT, "Reliability diagram of the held-out digits", [
    ...grid,
    ...bars,
    line(x(0), y(0), x(1), y(1), "diagonal"),
    ...confidences,
    ...counts,
    line(LEFT, COUNTS_FLOOR, RIGHT, COUNTS_FLOOR, "grid"),
    title(TOP, FLOOR, "accuracy"),
    title(COUNTS_TOP, COUNTS_FLOOR, "digits"),
    label((LEFT + RIGHT) / 2, COUNTS_FLOOR + 40, "confidence", "axis middle"),
  ]);

  /**
   * @param {import("../metrics.mjs").Bin} bin
   * @param {number} top
   * @param {number} floor
   * @param {string} attributes
   */
  function column(bin, top, floor, attributes) {
    const left = x(bin.lo) + GAP / 2;
    const width = x(bin.hi) - x(bin.lo) - GAP;
    return rect(left, top, width, floor - top, `rx="2" ${attributes}`, tooltip(bin));
  }
}

/** @param {import("../metrics.mjs").Bin} bin */
const tooltip = ({ lo, hi, count, confidence, accuracy }) =>
  `confidence (${lo.toFixed(2)}, ${hi.toFixed(2)}]: ${count} digits, ` +
  `mean confidence ${percent(confidence ?? 0)}, accuracy ${percent(accuracy ?? 0)}`;

/**
 * @param {number} top
 * @param {number} floor
 * @param {string} text
 */
const title = (top, floor, text) =>
  `<text transform="translate(14 ${(top + floor) / 2}) rotate(-90)" class="axis middle">${text}</text>`;

/**
 * Accuracy by bin of confidence against the diagonal of perfect calibration, and below it how many
 * rows each bin holds.
 */
import type { ReliabilityBin } from "../evaluate/reliability.js";
import { drawing, label, line, percent, rect, scale, sideTitle, tenths } from "./svg.js";

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

/** @param noun - what a row is: "rows", "digits" */
export function reliabilityDiagram(bins: readonly ReliabilityBin[], noun = "rows"): string {
  const x = scale([0, 1], [LEFT, RIGHT]);
  const y = scale([0, 1], [FLOOR, TOP]);
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  const height = scale([0, most], [0, COUNTS_FLOOR - COUNTS_TOP]);
  const tooltip = ({ low, high, count, confidence, accuracy }: ReliabilityBin): string =>
    `confidence (${low.toFixed(2)}, ${high.toFixed(2)}]: ${count} ${noun}, ` +
    `mean confidence ${percent(confidence)}, accuracy ${percent(accuracy)}`;
  const column = (bin: ReliabilityBin, top: number, floor: number, attributes: string): string =>
    rect({
      x: x(bin.low) + GAP / 2,
      y: top,
      width: Math.max(1, x(bin.high) - x(bin.low) - GAP),
      height: floor - top,
      attributes: `rx="2" ${attributes}`,
      title: tooltip(bin),
    });
  const grid = [0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((tick) => [
    line(LEFT, y(tick), RIGHT, y(tick), "grid"),
    label(LEFT - 8, y(tick) + 4, tick.toFixed(1), "axis end"),
    label(x(tick), COUNTS_FLOOR + 18, tick.toFixed(1), "axis middle"),
  ]);
  const filled = bins.filter((bin) => bin.count > 0);
  const bars = filled.map((bin) =>
    column(bin, y(bin.accuracy), FLOOR, `class="bar hit${bin.count < FEW ? " pale" : ""}"`),
  );
  const confidences = filled.map((bin) => {
    const path = `M${x(bin.confidence)} ${tenths(y(bin.confidence) - 5)}l5 5l-5 5l-5 -5z`;
    return `<path d="${path}" class="diamond"><title>${tooltip(bin)}</title></path>`;
  });
  const counts = filled.flatMap((bin) => {
    const top = COUNTS_FLOOR - Math.max(1.5, height(bin.count));
    return [
      column(bin, top, COUNTS_FLOOR, 'class="bar muted"'),
      label(x((bin.low + bin.high) / 2), top - 4, short(bin.count), "small middle"),
    ];
  });
  return drawing(WIDTH, HEIGHT, `Reliability diagram of the ${noun}`, [
    ...grid,
    ...bars,
    line(x(0), y(0), x(1), y(1), "diagonal"),
    ...confidences,
    ...counts,
    line(LEFT, COUNTS_FLOOR, RIGHT, COUNTS_FLOOR, "grid"),
    sideTitle(TOP, FLOOR, "accuracy"),
    sideTitle(COUNTS_TOP, COUNTS_FLOOR, noun),
    label((LEFT + RIGHT) / 2, COUNTS_FLOOR + 40, "confidence", "axis middle"),
  ]);
}

/** 950, 9.5k, 95k, 9.5M. */
export function short(count: number): string {
  const [size, unit] =
    count >= 999_500 ? [1e6, "M"] : count >= 9999.5 ? [1e3, "k"] : ([1, ""] as const);
  const value = count / (size as number);
  return `${unit === "" || value >= 99.5 ? Math.round(value) : Number(value.toFixed(1))}${unit}`;
}

/**
 * How many rows each bin of confidence holds, right ones and wrong ones stacked.
 */
import type { ReliabilityBin } from "../evaluate/reliability.js";
import { short } from "./reliabilityDiagram.js";
import { drawing, label, line, rect, scale, sideTitle, ticks } from "./svg.js";

const WIDTH = 480;
const HEIGHT = 270;
const LEFT = 58;
const RIGHT = WIDTH - 14;
const TOP = 10;
const FLOOR = HEIGHT - 46;
const GAP = 2;

export function confidenceHistogram(bins: readonly ReliabilityBin[], noun = "rows"): string {
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const marks = ticks(0, most, 4);
  const x = scale([0, 1], [LEFT, RIGHT]);
  const y = scale([0, marks.at(-1)!], [FLOOR, TOP]);
  const part = (bin: ReliabilityBin, from: number, to: number, kind: string, word: string) =>
    rect({
      x: x(bin.low) + GAP / 2,
      y: y(to),
      width: Math.max(1, x(bin.high) - x(bin.low) - GAP),
      height: y(from) - y(to),
      attributes: `class="bar ${kind}"`,
      title: `confidence (${bin.low.toFixed(2)}, ${bin.high.toFixed(2)}]: ${to - from} ${noun} ${word}`,
    });
  const bars = bins
    .filter(({ count }) => count > 0)
    .flatMap((bin) => {
      const right = Math.round(bin.count * bin.accuracy);
      return [part(bin, 0, right, "hit", "right"), part(bin, right, bin.count, "miss", "wrong")];
    });
  return drawing(WIDTH, HEIGHT, `Histogram of confidence of the ${noun}`, [
    ...marks.flatMap((tick) => [
      line(LEFT, y(tick), RIGHT, y(tick), "grid"),
      label(LEFT - 8, y(tick) + 4, short(tick), "axis end"),
    ]),
    ...bars,
    ...[0, 0.2, 0.4, 0.6, 0.8, 1].map((tick) =>
      label(x(tick), FLOOR + 18, tick.toFixed(1), "axis middle"),
    ),
    sideTitle(TOP, FLOOR, noun),
    label((LEFT + RIGHT) / 2, HEIGHT - 6, "confidence", "axis middle"),
  ]);
}

/**
 * Lines over steps 1 … n, each with its last value written at its end.
 */
import { drawing, label, line, rect, scale, ticks } from "./svg.js";

const WIDTH = 480;
const HEIGHT = 250;
const LEFT = 46;
const RIGHT = 70; // room for the value at the end of each line
const TOP = 10;
const BOTTOM = 36;
/** Values at the ends of lines keep this distance. */
const LABEL_GAP = 15;

export interface LineChart {
  readonly label: string;
  /** Colour by `className`: "train" or "held-out". */
  readonly series: readonly {
    readonly name: string;
    readonly className: string;
    readonly values: readonly number[];
  }[];
  /** Ascending, from the floor to the top. */
  readonly yTicks: readonly number[];
  readonly logarithmic?: boolean;
  readonly tickFormat: (value: number) => string;
  readonly valueFormat: (value: number) => string;
  /** What a step is (default "epoch"). */
  readonly step?: string;
}

export function lineChart(chart: LineChart): string {
  const { series, yTicks, logarithmic = false, tickFormat, valueFormat, step = "epoch" } = chart;
  const steps = series[0]?.values.length ?? 0;
  const right = WIDTH - RIGHT;
  const bottom = HEIGHT - BOTTOM;
  const x = scale([1, Math.max(2, steps)], [LEFT, right]);
  const floor = yTicks[0]!;
  // What lies below the floor, such as a loss of 0 on a logarithmic axis, is drawn on it.
  const stretch = (value: number): number =>
    logarithmic ? Math.log(Math.max(value, floor)) : value;
  const position = scale([stretch(floor), stretch(yTicks.at(-1)!)], [bottom, TOP]);
  const y = (value: number): number => position(stretch(value));
  const grid = yTicks.flatMap((tick) => [
    line(LEFT, y(tick), right, y(tick), "grid"),
    label(LEFT - 8, y(tick) + 4, tickFormat(tick), "axis end"),
  ]);
  const stepTicks = [1, ...ticks(1, steps, 4).filter((tick) => tick > 1 && tick <= steps)];
  const lines = series.map(({ className, values }) => {
    const points = values.map((value, index) => `${x(index + 1)},${y(value)}`).join(" ");
    return `<polyline points="${points}" class="line ${className}"/>`;
  });
  let free = -Infinity;
  const ends = series
    .map(({ className, values }) => ({ className, value: values[steps - 1]! }))
    .sort((one, other) => other.value - one.value)
    .flatMap(({ className, value }) => {
      const place = Math.max(y(value), free);
      free = place + LABEL_GAP;
      return [
        `<circle cx="${x(Math.max(2, steps))}" cy="${y(value)}" r="4" class="dot ${className}"/>`,
        label(right + 10, place + 4.5, valueFormat(value), `value ${className}`),
      ];
    });
  const width = (right - LEFT) / Math.max(1, steps);
  const tooltips = Array.from({ length: steps }, (_, index) => {
    const values = series.map((one) => `${one.name} ${valueFormat(one.values[index]!)}`);
    return rect({
      x: LEFT + index * width,
      y: TOP,
      width,
      height: bottom - TOP,
      attributes: 'class="hover"',
      title: `${step} ${index + 1}: ${values.join(", ")}`,
    });
  });
  return drawing(WIDTH, HEIGHT, chart.label, [
    ...grid,
    ...stepTicks.map((tick) => label(x(tick), bottom + 18, tick, "axis middle")),
    label((LEFT + right) / 2, HEIGHT - 3, step, "axis middle"),
    ...lines,
    ...ends,
    ...tooltips,
  ]);
}

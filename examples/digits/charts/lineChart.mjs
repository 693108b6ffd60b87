// @ts-check
import { drawing, label, line, rect, scale, ticks } from "./svg.mjs";

const WIDTH = 480;
const HEIGHT = 250;
const LEFT = 46;
const RIGHT = 70; // room for the value at the end of each line
const TOP = 10;
const BOTTOM = 36;
/** Values at the ends of lines keep this distance. */
const LABEL_GAP = 15;

/**
 * Lines over epochs 1 … n, each with its last value written at its end.
 *
 * @param {object} chart
 * @param {string} chart.label
 * @param {{ name: string, className: string, values: number[] }[]} chart.series
 * @param {number[]} chart.yTicks ascending, from the floor to the top
 * @param {boolean} [chart.logarithmic] false unless given
 * @param {(value: number) => string} chart.tickFormat
 * @param {(value: number) => string} chart.valueFormat
 */
export function lineChart({
  label: name,
  series,
  yTicks,
  logarithmic = false,
  tickFormat,
  valueFormat,
}) {
  const epochs = series[0].values.length;
  const right = WIDTH - RIGHT;
  const bottom = HEIGHT - BOTTOM;
  const x = scale([1, Math.max(2, epochs)], [LEFT, right]);
  const floor = yTicks[0];
  // What lies below the floor, such as a loss of 0 on a logarithmic axis, is drawn on it.
  const stretch = (/** @type {number} */ value) =>
    logarithmic ? Math.log(Math.max(value, floor)) : value;
  const position = scale([stretch(floor), stretch(yTicks[yTicks.length - 1])], [bottom, TOP]);
  const y = (/** @type {number} */ value) => position(stretch(value));

  const grid = yTicks.flatMap((tick) => [
    line(LEFT, y(tick), right, y(tick), "grid"),
    label(LEFT - 8, y(tick) + 4, tickFormat(tick), "axis end"),
  ]);
  const epochTicks = [1, ...ticks(1, epochs, 4).filter((tick) => tick > 1 && tick <= epochs)];
  const epochLabels = epochTicks.map((tick) => label(x(tick), bottom + 18, tick, "axis middle"));
  const lines = series.map(({ className, values }) => {
    const points = values.map((value, index) => `${x(index + 1)},${y(value)}`).join(" ");
    return `<polyline points="${points}" class="line ${className}"/>`;
  });

  return drawing(WIDTH, HEIGHT, name, [
    ...grid,
    ...epochLabels,
    label((LEFT + right) / 2, HEIGHT - 3, "epoch", "axis middle"),
    ...lines,
    ...endLabels(),
    ...tooltips(),
  ]);

  function endLabels() {
    const ends = series
      .map(({ className, values }) => ({ className, value: values[epochs - 1] }))
      .sort((one, other) => other.value - one.value);
    let free = -Infinity;
    return ends.flatMap(({ className, value }) => {
      const place = Math.max(y(value), free);
      free = place + LABEL_GAP;
      return [
        `<circle cx="${right}" cy="${y(value)}" r="4" class="dot ${className}"/>`,
        label(right + 10, place + 4.5, valueFormat(value), `value ${className}`),
      ];
    });
  }

  function tooltips() {
    const width = (right - LEFT) / epochs;
    return Array.from({ length: epochs }, (_, index) => {
      const values = series.map((one) => `${one.name} ${valueFormat(one.values[index])}`);
      const text = `epoch ${index + 1}: ${values.join(", ")}`;
      return rect(LEFT + index * width, TOP, width, bottom - TOP, 'class="hover"', text);
    });
  }
}

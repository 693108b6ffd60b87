// @ts-check
/**
 * Text made safe for HTML and SVG.
 *
 * @param {string | number} text
 */
export const escape = (text) =>
  String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * A linear scale from `domain` to pixels, rounded to tenths to keep the file small.
 *
 * @param {[number, number]} domain
 * @param {[number, number]} pixels
 * @returns {(value: number) => number}
 */
export function scale([from, to], [start, end]) {
  return (value) => tenths(start + ((value - from) / (to - from)) * (end - start));
}

/** @param {number} value */
export const tenths = (value) => Math.round(value * 10) / 10;

/**
 * Round numbers that cover [low, high], about `count` of them: multiples of 1, 2 or 5 · 10^n.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
export function ticks(low, high, count) {
  const raw = Math.max(high - low, 1e-9) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((factor) => raw <= factor * power) ?? 10);
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(6)),
  );
}

/**
 * The numbers 1, 2 and 5 · 10^n that cover [low, high], for a logarithmic axis.
 *
 * @param {number} low positive
 * @param {number} high
 */
export function logTicks(low, high) {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const all = Array.from({ length: 3 * (last - first) + 1 }, (_, index) =>
    Number(([1, 2, 5][index % 3] * 10 ** (first + Math.floor(index / 3))).toPrecision(6)),
  );
  const below = all.findLastIndex((tick) => tick <= low);
  const above = all.findIndex((tick) => tick >= high);
  return all.slice(below, above + 1);
}

/**
 * A drawing that scales with its column and is announced as one image.
 *
 * @param {number} width
 * @param {number} height
 * @param {string} label read by screen readers
 * @param {string[]} content
 */
export const drawing = (width, height, label, content) =>
  `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(label)}">\n${content.join("\n")}\n</svg>`;

/**
 * @param {number} x
 * @param {number} y
 * @param {string | number} text
 * @param {string} classes
 */
export const label = (x, y, text, classes) =>
  `<text x="${tenths(x)}" y="${tenths(y)}" class="${classes}">${escape(text)}</text>`;

/**
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 * @param {string} classes
 */
export const line = (x1, y1, x2, y2, classes) =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" class="${classes}"/>`;

/**
 * A rectangle, with a tooltip if `title` is given.
 *
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @param {string} attributes
 * @param {string} [title]
 */
export const rect = (x, y, width, height, attributes, title) =>
  `<rect x="${tenths(x)}" y="${tenths(y)}" width="${tenths(width)}" height="${tenths(height)}" ${attributes}` +
  (title === undefined ? "/>" : `><title>${escape(title)}</title></rect>`);

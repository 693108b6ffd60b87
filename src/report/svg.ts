/**
 * Pieces of SVG as text, coordinates rounded to tenths to keep files small.
 */

/** Text made safe for HTML and SVG. */
export function escape(text: string | number): string {
  return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export type Scale = (value: number) => number;

/** From `domain` to pixels, linear. */
export function scale([from, to]: [number, number], [start, end]: [number, number]): Scale {
  return (value) => tenths(start + ((value - from) / (to - from)) * (end - start));
}

export function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Round numbers that cover [low, high], about `count` of them: multiples of 1, 2 or 5 · 10^n. */
export function ticks(low: number, high: number, count: number): number[] {
  const raw = Math.max(high - low, 1e-9) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((factor) => raw <= factor * power) ?? 10);
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(6)),
  );
}

/** The numbers 1, 2 and 5 · 10^n that cover [low, high], low > 0, for a logarithmic axis. */
export function logTicks(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const all = Array.from({ length: 3 * (last - first) + 1 }, (_, i) =>
    Number(([1, 2, 5][i % 3]! * 10 ** (first + Math.floor(i / 3))).toPrecision(6)),
  );
  const below = Math.max(0, all.filter((tick) => tick <= low).length - 1);
  const above = all.findIndex((tick) => tick >= high);
  return all.slice(below, above < 0 ? undefined : above + 1);
}

/** A drawing that scales with its column and is announced as one image. */
export function drawing(
  width: number,
  height: number,
  name: string,
  content: readonly string[],
): string {
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(name)}">\n${content.join("\n")}\n</svg>`;
}

export function label(x: number, y: number, text: string | number, classes: string): string {
  return `<text x="${tenths(x)}" y="${tenths(y)}" class="${classes}">${escape(text)}</text>`;
}

/** A title along the vertical axis, in the middle of [top, floor]. */
export function sideTitle(top: number, floor: number, text: string): string {
  return `<text transform="translate(14 ${tenths((top + floor) / 2)}) rotate(-90)" class="axis middle">${escape(text)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, classes: string): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" class="${classes}"/>`;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly attributes: string;
  /** Shown under the pointer. */
  readonly title?: string;
}

export function rect({ x, y, width, height, attributes, title }: Box): string {
  const place = `x="${tenths(x)}" y="${tenths(y)}" width="${tenths(width)}" height="${tenths(height)}"`;
  const end = title === undefined ? "/>" : `><title>${escape(title)}</title></rect>`;
  return `<rect ${place} ${attributes}${end}`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}\u00a0%`;
}

// @ts-check
/**
 * Aligned columns: text to the left, numbers to the right.
 *
 * @param {readonly string[]} header
 * @param {readonly (readonly string[])[]} rows
 * @param {ReadonlySet<number>} left columns aligned to the left
 */
export function textTable(header, rows, left) {
  const widths = header.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => row[at].length)),
  );
  const line = (/** @type {readonly string[]} */ cells) =>
    cells
      .map((cell, at) => (left.has(at) ? cell.padEnd(widths[at]) : cell.padStart(widths[at])))
      .join("  ")
      .trimEnd();
  return [header, ...rows].map(line).join("\n");
}

/** Three significant digits, without an exponent. @param {number} value */
export function digits(value) {
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 100) return value.toFixed(0);
  return value.toFixed(magnitude >= 10 ? 1 : 2);
}

// @ts-check
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";

/**
 * @param {readonly string[]} header
 * @param {readonly (readonly string[])[]} rows
 * @param {ReadonlySet<number>} left columns aligned to the left
 */
export function markdownTable(header, rows, left) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(" | ")} |`;
  const rule = header.map((_, at) => (left.has(at) ? "---" : "---:"));
  return [line(header), line(rule), ...rows.map(line)];
}

/**
 * Writes a document in the form that npm run format gives it.
 *
 * @param {URL} file
 * @param {string} text
 */
export async function writeFormatted(file, text) {
  const filepath = fileURLToPath(file);
  const config = await resolveConfig(filepath);
  writeFileSync(filepath, await format(text, { ...config, filepath }));
}

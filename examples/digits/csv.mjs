// @ts-check
import { UserError } from "./errors.mjs";

const INTEGER = /^-?\d{1,15}$/;

/**
 * Parses lines of comma-separated integers, without header and quotes. A byte order mark, CRLF and
 * blank lines at the end are accepted.
 *
 * @param {string} text
 * @param {number} columns fields every line must have
 * @param {string} source the file's name, for messages
 * @returns {Int32Array[]} one array per line
 * @throws {UserError} naming file, line and field
 */
export function parseIntegerCsv(text, columns, source) {
  const lines = text.replace(/^\uFEFF/, "").trimEnd();
  if (lines === "") throw new UserError(`${source} is empty`);
  return lines.split(/\r?\n/).map((line, index) => {
    const fields = line.split(",");
    const place = `${source}, line ${index + 1}`;
    if (fields.length !== columns) {
      throw new UserError(`${place}: must have ${columns} fields, got ${fields.length}`);
    }
    const bad = fields.findIndex((field) => !INTEGER.test(field));
    if (bad >= 0) {
      const got = JSON.stringify(fields[bad].slice(0, 40));
      throw new UserError(`${place}, field ${bad + 1}: must be an integer, got ${got}`);
    }
    return Int32Array.from(fields, Number);
  });
}

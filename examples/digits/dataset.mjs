// @ts-check
import { readFileSync } from "node:fs";
import { parseIntegerCsv } from "./csv.mjs";
import { UserError, reason } from "./errors.mjs";

/** Edge of an image in pixels. */
export const SIDE = 8;
export const FEATURES = SIDE * SIDE;
export const CLASSES = 10;

/** The value of a pixel full of ink. */
const INK = 16;

/**
 * Images with their digits: `pixels` (rows, 64) in [0, 1], row-major; `labels` in [0, 10).
 *
 * @typedef {{ rows: number, pixels: Float32Array, labels: Int32Array }} Dataset
 */

/**
 * Reads the digits, 64 pixels and a label a line, and divides the pixels by 16.
 *
 * @param {string} file
 * @returns {Dataset}
 */
export function loadDigits(file) {
  const lines = parseIntegerCsv(read(file), FEATURES + 1, file);
  const rows = lines.length;
  const pixels = new Float32Array(rows * FEATURES);
  const labels = new Int32Array(rows);
  lines.forEach((line, row) => {
    const image = line.subarray(0, FEATURES);
    const label = line[FEATURES];
    const place = `${file}, line ${row + 1}`;
    const bad = image.findIndex((pixel) => pixel < 0 || pixel > INK);
    if (bad >= 0) {
      throw new UserError(
        `${place}, field ${bad + 1}: a pixel must be in [0, ${INK}], got ${image[bad]}`,
      );
    }
    if (label < 0 || label >= CLASSES) {
      throw new UserError(`${place}: the digit must be in [0, ${CLASSES}), got ${label}`);
    }
    pixels.set(image, row * FEATURES);
    labels[row] = label;
  });
  return { rows, pixels: pixels.map((pixel) => pixel / INK), labels };
}

/**
 * The rows of `data` listed in `indices`, in that order, as a dataset of their own.
 *
 * @param {Dataset} data
 * @param {Int32Array} indices
 * @returns {Dataset}
 */
export function take(data, indices) {
  const rows = indices.length;
  const pixels = new Float32Array(rows * FEATURES);
  const labels = new Int32Array(rows);
  indices.forEach((from, to) => {
    pixels.set(data.pixels.subarray(from * FEATURES, (from + 1) * FEATURES), to * FEATURES);
    labels[to] = data.labels[from];
  });
  return { rows, pixels, labels };
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`cannot read ${file} (${reason(error)})`);
  }
}

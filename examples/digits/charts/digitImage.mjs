// @ts-check
import { drawing, rect } from "./svg.mjs";

/**
 * A square grey image, ink on paper in either colour scheme.
 *
 * @param {Float32Array} pixels in [0, 1], row by row
 * @param {number} side
 * @param {string} label
 */
export function digitImage(pixels, side, label) {
  const dots = Array.from(pixels, (ink, index) => ({ ink, index }))
    .filter(({ ink }) => ink > 0)
    .map(({ ink, index }) => {
      const column = index % side;
      const row = (index - column) / side;
      return rect(column, row, 1, 1, `fill-opacity="${ink.toFixed(2)}"`);
    });
  return drawing(side, side, label, dots);
}

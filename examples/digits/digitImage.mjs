// @ts-check
import { drawing, rect } from "../../dist/report/index.js";

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
      const attributes = `fill-opacity="${ink.toFixed(2)}"`;
      return rect({ x: column, y: row, width: 1, height: 1, attributes });
    });
  return drawing(side, side, label, dots);
}

// @ts-check
import { drawing, label, rect } from "./svg.mjs";

const CELL = 40;
const GAP = 2;
const LEFT = 52;
const TOP = 48;
const RADIUS = 4;

/**
 * Counts by true class (rows) and predicted class (columns). Hits and misses have a colour each;
 * the square root of a cell's share of its row is its strength, so that single misses stay visible.
 *
 * @param {number[][]} counts
 */
export function confusionMatrix(counts) {
  const classes = counts.length;
  const size = classes * CELL;
  const middle = size / 2;
  const cells = counts.flatMap((row, target) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.flatMap((count, prediction) => {
      const x = LEFT + prediction * CELL;
      const y = TOP + target * CELL;
      const kind = count === 0 ? "none" : target === prediction ? "hit" : "miss";
      const strength = count === 0 ? 1 : Math.sqrt(count / total);
      const box = rect(
        x + GAP / 2,
        y + GAP / 2,
        CELL - GAP,
        CELL - GAP,
        `rx="${RADIUS}" class="cell ${kind}" fill-opacity="${strength.toFixed(2)}"`,
        `${count} of ${total} images of ${target} taken for ${prediction}`,
      );
      if (count === 0) return [box];
      const classNames = `count middle${kind === "hit" && strength > 0.6 ? " on-hit" : ""}`;
      return [box, label(x + CELL / 2, y + CELL / 2 + 5, count, classNames)];
    });
  });
  const names = counts.flatMap((_, index) => {
    const centre = index * CELL + CELL / 2;
    return [
      label(LEFT + centre, TOP - 9, index, "axis middle"),
      label(LEFT - 10, TOP + centre + 4, index, "axis end"),
    ];
  });
  const rowTitle = `<text transform="translate(14 ${TOP + middle}) rotate(-90)" class="axis middle">true digit</text>`;
  return drawing(LEFT + size + 6, TOP + size + 4, "Confusion matrix of the held-out digits", [
    label(LEFT + middle, 14, "predicted digit", "axis middle"),
    rowTitle,
    ...names,
    ...cells,
  ]);
}

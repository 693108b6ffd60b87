/**
 * Counts by true class (rows) and predicted class (columns). Hits and misses have a colour each; the
 * square root of a cell's share of its row is its strength, so that single misses stay visible.
 */
import { drawing, label, rect } from "./svg.js";

const TOP = 48;
/** A side of the matrix, whatever the number of classes. */
const SIDE = 400;
const LEAST_CELL = 6;
/** Cells below this side hold no number. */
const READABLE = 26;
/** Pixels of a character in a name. */
const CHARACTER = 7;
const LONGEST = 14;

export interface ConfusionWords {
  /** Names of the classes; their numbers where not given. */
  readonly names?: readonly string[] | undefined;
  readonly noun?: string;
  readonly target?: string;
  readonly prediction?: string;
  readonly title?: string;
}

export function confusionMatrix(
  counts: readonly (readonly number[])[],
  words: ConfusionWords = {},
): string {
  const { noun = "rows", target: targetWord = "true class" } = words;
  const { prediction: predictedWord = "predicted class", title = "Confusion matrix" } = words;
  const classes = counts.length;
  const cell = Math.max(LEAST_CELL, Math.min(40, SIDE / Math.max(1, classes)));
  const gap = cell >= READABLE ? 2 : cell >= 12 ? 1 : 0;
  const size = classes * cell;
  const nameOf = (index: number): string => {
    const name = words.names?.[index] ?? String(index);
    return name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
  };
  const longest = Math.max(2, ...counts.map((_, index) => nameOf(index).length));
  const left = 38 + CHARACTER * longest;
  const shrink = cell < READABLE ? ` font-size="${Math.max(6, Math.floor(cell * 0.5))}"` : "";
  const cells = counts.flatMap((row, target) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.flatMap((count, prediction) => {
      const x = left + prediction * cell;
      const y = TOP + target * cell;
      const kind = count === 0 ? "none" : target === prediction ? "hit" : "miss";
      const strength = count === 0 ? 1 : Math.sqrt(count / total);
      const box = rect({
        x: x + gap / 2,
        y: y + gap / 2,
        width: cell - gap,
        height: cell - gap,
        attributes: `rx="${gap === 2 ? 4 : 0}" class="cell ${kind}" fill-opacity="${strength.toFixed(2)}"`,
        title: `${count} of ${total} ${noun} of ${nameOf(target)} taken for ${nameOf(prediction)}`,
      });
      if (count === 0 || cell < READABLE) return [box];
      const classNames = `count middle${kind === "hit" && strength > 0.6 ? " on-hit" : ""}`;
      const fit = String(count).length > 4 ? " tight" : "";
      return [box, label(x + cell / 2, y + cell / 2 + 5, count, classNames + fit)];
    });
  });
  // Columns have room for short names only; the rows name them all.
  const every = Math.max(1, Math.ceil(10 / cell));
  const wide = longest * CHARACTER <= cell;
  const names = counts.flatMap((_, index) => {
    if (index % every !== 0) return [];
    const centre = index * cell + cell / 2;
    const column = label(left + centre, TOP - 9, wide ? nameOf(index) : index, "axis middle");
    const row = label(left - 8, TOP + centre + 4, nameOf(index), "axis end");
    return [column, row];
  });
  const side = `<text transform="translate(14 ${TOP + size / 2}) rotate(-90)" class="axis middle">${targetWord}</text>`;
  return drawing(left + size + 6, TOP + size + 4, title, [
    label(left + size / 2, 14, predictedWord, "axis middle"),
    side,
    `<g${shrink}>${names.join("\n")}</g>`,
    ...cells,
  ]);
}

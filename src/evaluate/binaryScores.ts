/** Scores and yes/no labels of a binary calibration, checked. */
import { checkNumber, checkOptions, fail } from "../check.js";
import { readIgnoreIndex } from "../inputs/lossOptions.js";
import { type Mask, readMasks } from "../inputs/masks.js";
import { layoutOf } from "../memory/layout.js";

export interface BinaryFitOptions {
  /** Labels whose rows are skipped and not read (default null: none). */
  readonly ignoreIndex?: number | readonly number[] | null | undefined;
  /** One entry per row: a row that is false or 0 is skipped and not read. */
  readonly rowMask?: Mask | undefined;
}

export interface BinaryScores {
  readonly s: Float64Array;
  readonly positive: Uint8Array;
}

export function readScores(
  fn: string,
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: BinaryFitOptions | undefined,
): BinaryScores {
  const given = checkOptions(fn, options, ["ignoreIndex", "rowMask"]);
  const ignored = readIgnoreIndex(fn, given.ignoreIndex) ?? [];
  for (const [argument, value] of [
    ["scores", scores],
    ["labels", labels],
  ] as const) {
    if (!Array.isArray(value) && !ArrayBuffer.isView(value)) {
      fail("ERR_ARGUMENT_TYPE", { fn, argument, expected: "must be an array", got: value });
    }
  }
  if (labels.length !== scores.length) {
    fail("ERR_SHAPE", {
      fn,
      argument: "labels.length",
      expected: `must be the number of scores = ${scores.length}`,
      gotText: String(labels.length),
    });
  }
  const unit = { min: 0, max: 1, integer: true };
  const kept = readMasks(fn, { rowMask: given.rowMask }, layoutOf(fn, [scores.length, 1])).rows;
  const rows = Array.from(labels, (_label, i) => i).filter(
    (i) => kept?.[i] !== 0 && !ignored.includes(labels[i]!),
  );
  if (rows.length === 0) {
    fail("ERR_ARGUMENT_VALUE", {
      fn,
      argument: "scores",
      expected: "must not be empty or all ignored",
      got: scores,
    });
  }
  return {
    s: Float64Array.from(rows, (i) => checkNumber(fn, `scores[${i}]`, scores[i], {})),
    positive: Uint8Array.from(rows, (i) => checkNumber(fn, `labels[${i}]`, labels[i], unit)),
  };
}

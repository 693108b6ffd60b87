/**
 * What counter-based noise is keyed by: seed, step and row, each one integer or one for each row.
 */
import { checkNumber, fail } from "../check.js";

export interface NoiseOptions {
  /** Integers of at most 2^53 that the noise is drawn from, one or one per row (default 0). */
  readonly seed?: number | ArrayLike<number> | undefined;
  readonly step?: number | ArrayLike<number> | undefined;
  /** Number of the first row, or of each row: the third part of the noise's key (default 0). */
  readonly row?: number | ArrayLike<number> | undefined;
}

export const NOISE_OPTIONS = ["seed", "step", "row"] as const;

type OfRow = (row: number) => number;

export function readNoise(
  fn: string,
  options: NoiseOptions,
  rows: number,
): { readonly seedOf: OfRow; readonly stepOf: OfRow; readonly rowOf: OfRow } {
  return {
    seedOf: readCounter(fn, "seed", options.seed, rows, 0),
    stepOf: readCounter(fn, "step", options.step, rows, 0),
    rowOf: readCounter(fn, "row", options.row, rows, 1),
  };
}

/** One integer for all rows, advanced by `stride` a row, or one for each row. */
function readCounter(
  fn: string,
  argument: string,
  value: unknown = 0,
  rows: number,
  stride: number,
): OfRow {
  const rule = { min: 0, max: 2 ** 53 - 1 - rows, integer: true };
  if (typeof value === "number") {
    const first = checkNumber(fn, argument, value, rule);
    return (row) => first + row * stride;
  }
  const list = Array.isArray(value) || ArrayBuffer.isView(value);
  const each = list ? Array.from(value as unknown as ArrayLike<unknown>) : undefined;
  if (each === undefined || each.length !== rows) {
    fail(each === undefined ? "ERR_ARGUMENT_TYPE" : "ERR_SHAPE", {
      fn,
      argument,
      expected: `must be an integer or one for each row = ${rows}`,
      got: value,
    });
  }
  const checked = each.map((one, row) => checkNumber(fn, `${argument}[${row}]`, one, rule));
  return (row) => checked[row]!;
}

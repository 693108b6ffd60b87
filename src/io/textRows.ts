/**
 * Rows as text. A float32 is written with the fewest digits that give the same float32 back.
 */
import type { CheckedBlock } from "./arrayBlock.js";
import { float16Of, bfloat16Of } from "../memory/half.js";
import type { RowDType } from "./dtype.js";

type Say = (value: number | bigint) => string;

export function shortest(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}

/** `special` words NaN and the infinities, which JSON does not have. */
function sayer(dtype: RowDType, special: (value: number) => string): Say {
  const finite = (say: (value: number) => string) => (value: number | bigint) =>
    Number.isFinite(value) ? say(value as number) : special(value as number);
  if (dtype === "float32") return finite(shortest);
  if (dtype === "float16") return (bits) => finite(shortest)(float16Of(bits as number));
  if (dtype === "bfloat16") return (bits) => finite(shortest)(bfloat16Of(bits as number));
  return dtype === "float64" ? finite(String) : String;
}

const csvSpecial = (value: number): string =>
  Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";

/** Text as a cell of .csv or .tsv, in quotes where it must be. */
export function csvCell(text: string): string {
  return /[",\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One line a row, columns joined by `separator`. */
export function csvText({ data, shape, dtype }: CheckedBlock, separator: string): string {
  const perRow = data.length / Math.max(1, shape[0]!);
  const say = sayer(dtype, csvSpecial);
  let text = "";
  for (let at = 0; at < data.length; at += perRow) {
    for (let i = 0; i < perRow; i++) text += (i === 0 ? "" : separator) + say(data[at + i]!);
    text += "\n";
  }
  return text;
}

/** One JSON array a row, one number where a row has no shape. NaN and ±∞ are null. */
export function jsonlText({ data, shape, dtype }: CheckedBlock): string {
  const perRow = data.length / Math.max(1, shape[0]!);
  const say = sayer(dtype, () => "null");
  const single = shape.length === 1;
  let text = "";
  for (let at = 0; at < data.length; at += perRow) {
    const parts: string[] = [];
    for (let i = 0; i < perRow; i++) parts.push(say(data[at + i]!));
    text += single ? `${parts[0]}\n` : `[${parts.join(",")}]\n`;
  }
  return text;
}

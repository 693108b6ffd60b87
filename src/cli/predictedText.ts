/**
 * Predictions as text: one line a row, with class names where they are known.
 */
import { csvCell } from "../io/textRows.js";

export interface PredictedRow {
  readonly row: number;
  readonly classes: readonly number[];
  readonly probabilities: readonly number[];
}

/** @param k - classes of a row; 0 where rows have different numbers of them */
export function predictedHeader(format: "csv" | "tsv" | "jsonl", k: number): string {
  if (format === "jsonl") return "";
  const cells = ["row"];
  if (k <= 1) cells.push(...(k === 1 ? ["class", "probability"] : ["classes", "probabilities"]));
  else for (let i = 1; i <= k; i++) cells.push(`class_${i}`, `probability_${i}`);
  return `${cells.join(format === "csv" ? "," : "\t")}\n`;
}

/** @param k - as in {@link predictedHeader}; with 0, a cell holds all classes, joined by semicolons */
export function predictedText(
  format: "csv" | "tsv" | "jsonl",
  { row, classes, probabilities }: PredictedRow,
  names: readonly string[] | undefined,
  k: number,
): string {
  const named = classes.map((index) => String(names?.[index] ?? index));
  if (format === "jsonl") {
    const given = classes.map((index) => names?.[index] ?? index);
    const rounded = probabilities.map((p) => (Number.isNaN(p) ? null : digits(p)));
    return `${JSON.stringify({ row, classes: given, probabilities: rounded })}\n`;
  }
  const cells =
    k === 0
      ? [csvCell(named.join(";")), probabilities.map(said).join(";")]
      : named.flatMap((name, i) => [csvCell(name), said(probabilities[i]!)]);
  return `${[row, ...cells].join(format === "csv" ? "," : "\t")}\n`;
}

function said(p: number): string {
  return Number.isNaN(p) ? "nan" : String(digits(p));
}

/** Six digits: the seventh of a float32 may differ between builds. */
function digits(p: number): number {
  return Number(p.toPrecision(6));
}

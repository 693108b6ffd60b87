/** The four datasets, prepared as usual: digits divided by 16, the others standardised by the fit. */
import { readFileSync } from "node:fs";

export interface Dataset {
  readonly name: string;
  readonly rows: number;
  readonly features: number;
  readonly classes: number;
  readonly x: Float32Array;
  readonly y: Int32Array;
}

function read(name: string, file: string, header: boolean, unit = 1): Dataset {
  const text = readFileSync(new URL(file, import.meta.url), "utf8").trim();
  const lines = text.split("\n").slice(header ? 1 : 0).map((line) => line.split(",").map(Number)); // prettier-ignore
  const features = lines[0].length - 1;
  const x = Float32Array.from(lines.flatMap((line) => line.slice(0, features)), (v) => v / unit); // prettier-ignore
  const y = Int32Array.from(lines, (line) => line[features]);
  return { name, rows: lines.length, features, classes: Math.max(...y) + 1, x, y };
}

export const digits = read("digits", "../../examples/data/digits.csv", false, 16);
export const iris = read("iris", "data/iris.csv", true);
export const wine = read("wine", "data/wine.csv", true);
export const breastCancer = read("breast cancer", "data/breast_cancer.csv", true);

/** The features as an argument. */
export const featuresOf = ({ x, rows, features }: Dataset) => ({
  data: x,
  shape: [rows, features],
});

/** Float32 features with mean 0 and population deviation 1, as the fit makes them. */
export function standardised({ x, rows, features }: Dataset): Float32Array {
  const out = new Float32Array(x.length);
  for (let d = 0; d < features; d++) {
    const column = Array.from({ length: rows }, (_, i) => x[i * features + d]);
    const mean = column.reduce((sum, v) => sum + v / rows, 0);
    const deviation = Math.sqrt(column.reduce((sum, v) => sum + (v - mean) ** 2 / rows, 0));
    column.forEach((v, i) => (out[i * features + d] = (v - mean) / deviation));
  }
  return out;
}

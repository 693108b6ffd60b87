// @ts-check
/** The table of the README: how many times our time each peer takes, on three shapes. */
import { readFileSync } from "node:fs";
import { SHAPES, shapeName } from "../harness/shapes.mjs";
import { digits } from "../harness/table.mjs";
import { markdownTable, writeFormatted } from "./markdown.mjs";

const FILE = new URL("../../README.md", import.meta.url);
const BLOCK = /(<!-- written by npm run bench:peers -->\n)[\s\S]*?(<!-- end -->)/;
const COLUMNS = [
  "tfjs-wasm",
  "onnxruntime-web",
  "onnxruntime-node",
  "jax-js",
  "PyTorch",
  "plain JS",
];
const ROWS = [SHAPES.tenClasses, SHAPES.secondCache, SHAPES.vocabulary];

/**
 * @param {string} environment
 * @param {readonly import("./document.mjs").Result[]} results
 */
export async function writeSummary(environment, results) {
  const rows = results.flatMap(({ workload, cases }) =>
    ROWS.flatMap((shape) => {
      const measurements = cases.find(({ given }) => given === shape)?.measurements;
      if (!measurements) return [];
      const cells = COLUMNS.map((column) => {
        const ratio = measurements.find(({ name }) => name.startsWith(column))?.ratio ?? NaN;
        return ratio > 0 ? digits(ratio) : "–";
      });
      return [[workload.name, shapeName(shape), ...cells]];
    }),
  );
  const table = markdownTable(["", "shape", ...COLUMNS], rows, new Set([0, 1]));
  const text = ["", environment, "", ...table, ""].join("\n");
  const readme = readFileSync(FILE, "utf8");
  if (!BLOCK.test(readme)) throw new Error("README.md has no place for the summary of bench:peers");
  const next = readme.replace(BLOCK, (_, open, close) => `${open}${text}${close}`);
  await writeFormatted(FILE, next);
}

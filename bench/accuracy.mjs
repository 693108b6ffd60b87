// @ts-check
/**
 * npm run accuracy
 *
 * The greatest error of each operation on each data set, in every numeric build that runs here,
 * against float64 formulas on the same float32 inputs. The bound beside it is the one that the tests
 * hold every change to (test/support/tolerance.ts). Exits 1 where one is exceeded.
 */
import process from "node:process";
import { createEngine } from "../dist/index.js";
import { limitOf, readBounds } from "./accuracy/bounds.mjs";
import { CONFIDENT_ROWS } from "./accuracy/confident.mjs";
import { CLASS_COUNTS, DATA_SETS } from "./accuracy/datasets.mjs";
import { ELEMENT_OPERATIONS } from "./accuracy/elements.mjs";
import { ROW_OPERATIONS } from "./accuracy/rows.mjs";
import { Worst } from "./accuracy/worst.mjs";
import { availableBuilds, environmentLine } from "./harness/environment.mjs";
import { textTable } from "./harness/table.mjs";

const builds = availableBuilds();
const boundOf = readBounds();

console.log(environmentLine());
console.log(`Data sets, the worst over C = ${CLASS_COUNTS.join(", ")}; N(μ, σ²) is normal:`);
for (const { name, reason } of DATA_SETS) console.log(`  ${name.padEnd(14)}${reason}`);
console.log("ULP is the spacing of float32 at the float64 result, so 0.5 is correctly rounded.\n");

const rows = [];
let before = "";
for (const row of [...ROW_OPERATIONS, ...CONFIDENT_ROWS, ...ELEMENT_OPERATIONS]) {
  const found = builds.map((numerics) => {
    const engine = createEngine({ numerics });
    const worst = new Worst();
    row.measure(engine, worst);
    engine.dispose();
    return worst;
  });
  const greatest = found.reduce((one, other) => (other.size > one.size ? other : one));
  const title = row.operation === before ? "" : row.operation;
  const bound = boundOf(row.bound);
  const isOver = !(greatest.size <= limitOf(bound, row.unit));
  if (isOver) process.exitCode = 1;
  const sizes = found.map(({ size }) => sizeText(size, row.unit));
  const where = isOver ? `${greatest.where} EXCEEDED` : greatest.where;
  rows.push([title, row.data, row.operation === before ? "" : bound, ...sizes, row.unit, where]);
  before = row.operation;
}
const header = ["operation", "data", "bound", ...builds, "unit", "where the worst is"];
const numeric = builds.map((_, at) => 3 + at);
const left = new Set(header.map((_, at) => at).filter((at) => !numeric.includes(at)));
console.log(textTable(header, rows, left));

/** @param {number} size @param {string} unit */
function sizeText(size, unit) {
  return unit.startsWith("ULP") ? size.toFixed(2) : size.toExponential(1);
}

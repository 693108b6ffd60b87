// @ts-check
/**
 * npm run bench [-- [--quick] [--numerics strict|fma] [operation …]]
 *
 * Times our operations beside the same loops in plain JavaScript. Every result is checked against a
 * float64 reference before it is timed.
 */
import { readdirSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { errorText } from "./harness/check.mjs";
import { environmentLine } from "./harness/environment.mjs";
import { chosenBuilds, measure, ourContenders } from "./harness/measure.mjs";
import { QUICK_SHAPES, shapeName } from "./harness/shapes.mjs";
import { digits, textTable } from "./harness/table.mjs";

/** @typedef {import("./harness/workload.ts").Workload} Workload */

const FULL = { rounds: 9, milliseconds: 30, warmup: 60 };
const QUICK = { rounds: 5, milliseconds: 8, warmup: 30 };
const HEADER = ["shape", "", "ns per logit", "GB/s", "× our time", "max error, ULP"];

const operations = readdirSync(new URL(".", import.meta.url))
  .filter((file) => file.endsWith(".bench.mjs"))
  .map((file) => file.replace(".bench.mjs", ""));
const { quick, builds, names } = readArguments();
const effort = quick ? QUICK : FULL;

console.log(environmentLine());
console.log(
  "Medians of rounds in which the contenders take turns; logits N(0, 3²), resident tensors.",
);
for (const operation of names.length > 0 ? names : operations) {
  /** @type {{ workloads?: Workload[]; report?: (typeof import("./overhead.bench.mjs"))["report"] }} */
  const bench = await import(`./${operation}.bench.mjs`);
  for (const workload of bench.workloads ?? []) await reportWorkload(workload);
  await bench.report?.(effort, builds);
}

/** @param {Workload} workload */
async function reportWorkload(workload) {
  console.log(`\n${workload.name}   (${workload.bytes})`);
  const contenders = [...ourContenders(workload, builds), ...workload.others];
  const rows = [];
  const cases = workload.cases.filter((given) => !quick || QUICK_SHAPES.has(given));
  for (const given of cases) {
    const measurements = await measure(workload, given, contenders, effort);
    for (const [at, each] of measurements.entries()) {
      rows.push([
        at === 0 ? shapeName(given) : "",
        each.name,
        digits(each.nanoseconds),
        digits(each.gigabytes),
        digits(each.ratio),
        errorText(each.errors),
      ]);
    }
  }
  console.log(textTable(HEADER, rows, new Set([0, 1])));
}

function readArguments() {
  try {
    const parsed = parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        numerics: { type: "string" },
      },
    });
    const { numerics } = parsed.values;
    if (numerics !== undefined && numerics !== "strict" && numerics !== "fma") {
      throw new Error(`--numerics must be strict or fma, got ${numerics}`);
    }
    const unknown = parsed.positionals.find((name) => !operations.includes(name));
    if (unknown) throw new Error(`no benchmark ${unknown}; there are ${operations.join(", ")}`);
    return {
      quick: parsed.values.quick,
      builds: chosenBuilds(numerics),
      names: parsed.positionals,
    };
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}`);
    return process.exit(2);
  }
}

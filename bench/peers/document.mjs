// @ts-check
/** docs/benchmarks.md: one section for each Node version, written whole by the run on that version. */
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { errorText } from "../harness/check.mjs";
import { shapeName } from "../harness/shapes.mjs";
import { digits } from "../harness/table.mjs";
import { markdownTable, writeFormatted } from "./markdown.mjs";
import { writeSummary } from "./summary.mjs";

/**
 * @typedef {object} Result
 * @property {import("../harness/workload.ts").Workload} workload
 * @property {{ given: import("../harness/workload.ts").Case; measurements: import("../harness/measure.mjs").Measurement[] }[]} cases
 */

const FILE = new URL("../../docs/benchmarks.md", import.meta.url);
const SECTION = /^## Node (\d+)/;

/** @param {{ environment: string; missing: string[]; results: Result[] }} run */
export async function writeSection({ environment, missing, results }) {
  const major = Number(process.versions.node.split(".")[0]);
  const sections = readSections();
  const lines = [
    `## Node ${process.versions.node}`,
    "",
    environment,
    "",
    ...missing.flatMap((each) => [`Left out: ${each.replace(/\s+/g, " ")}`, ""]),
    ...results.flatMap(resultLines),
  ];
  sections.set(major, lines.join("\n").trimEnd());
  const newestFirst = [...sections].sort(([one], [other]) => other - one);
  const text = [introduction(results), ...newestFirst.map(([, section]) => section)].join("\n\n");
  await writeFormatted(FILE, text);
  if (newestFirst[0]?.[0] === major) await writeSummary(environment, results);
}

/** Sections of the other versions, as they stand. @returns {Map<number, string>} */
function readSections() {
  const text = existsSync(FILE) ? readFileSync(FILE, "utf8") : "";
  const parts = text.split(/^(?=## Node \d)/m).filter((part) => SECTION.test(part));
  return new Map(parts.map((part) => [Number(SECTION.exec(part)?.[1]), part.trimEnd()]));
}

/** @param {Result} result */
function resultLines({ workload, cases }) {
  const rows = cases.flatMap(({ given, measurements }) =>
    measurements.map(({ name, nanoseconds, gigabytes, ratio, errors }, at) => [
      at === 0 ? shapeName(given) : "",
      name,
      ...[nanoseconds, gigabytes, ratio].map((value) => (value > 0 ? digits(value) : "–")),
      errorText(errors),
    ]),
  );
  return [
    `### ${workload.name}`,
    "",
    `${workload.bytes}.`,
    "",
    ...markdownTable(
      ["shape", "by", "ns per logit", "GB/s", "× our time", "max error, ULP"],
      rows,
      new Set([0, 1, 5]),
    ),
    "",
  ];
}

/** @param {Result[]} results */
function introduction(results) {
  const shapes = new Map(
    results.flatMap(({ cases }) => cases.map(({ given }) => [shapeName(given), given.reason])),
  );
  return `# Benchmarks

Written by \`npm run bench:peers\` (after \`npm ci\` in \`bench/peers\`), on one machine, on one thread. Compare
rows of one shape with each other; another machine gives other times and much the same ratios.

- The contenders take turns within a run, native ones in processes of their own; times and ratios are
  medians over the rounds. "× our time" is the contender's time over that of the first row.
- Logits are N(0, 3²), seeded, in two to eight sets that are used in turn, 4 MB and more together.
- Every result is checked against float64 before it is timed, and its greatest error stands beside its
  time, in units of the last place of float32. Of a loss with gradient it is both.
- Our inputs and results are tensors; the peers' are their own. A library without a way to write into
  an array of the caller's allocates its results; ONNX Runtime for the web also copies inputs and
  results, as its interface has it.
- Byte counts are what a computation must touch, not what an implementation does.
- The loops in C are our own algorithm with four floats a vector and, beside the \`fma\` build, FMA.
  They show what the hardware allows at WebAssembly's vector width.

| shape | why |
| --- | --- |
${[...shapes].map(([name, reason]) => `| ${name} | ${reason} |`).join("\n")}`;
}

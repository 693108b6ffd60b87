// @ts-check
/** The table at the end, and the failures above it. */
import { EXPECTED_DIGESTS, digestOf } from "./judge.mjs";

const LISTED = 5;
const HEADINGS = ["runtime", "version", "auto", "strict bits", "fma bits", "shared", "checks", "s"];

/**
 * @param {readonly import("./run.mjs").Row[]} rows
 * @param {{ packedBytes: number, unpackedBytes: number, isRequired: boolean }} given
 */
export function printTable(rows, { packedBytes, unpackedBytes, isRequired }) {
  let [passed, failed] = [0, 0];
  const lines = [HEADINGS];
  const missing = [];
  for (const { target, outcome, checks, seconds } of rows) {
    if (!outcome) {
      missing.push(target);
      continue;
    }
    const wrong = checks.filter(({ error }) => error !== undefined);
    passed += checks.length - wrong.length;
    failed += wrong.length;
    for (const { name, error } of wrong.slice(0, LISTED)) {
      console.log(`FAILED ${target.name}: ${name}: ${error}`);
    }
    if (wrong.length > LISTED) {
      console.log(`FAILED ${target.name}: and ${wrong.length - LISTED} more`);
    }
    const { report } = outcome;
    lines.push([
      target.name,
      outcome.version,
      report?.numerics ?? "",
      report ? digestOf(report.hashes.strict) : "",
      report ? digestOf(report.hashes.fma) : "",
      report ? (report.isShared ? "yes" : "no") : "",
      wrong.length === 0 ? `${checks.length} passed` : `${wrong.length} FAILED of ${checks.length}`,
      seconds.toFixed(1),
    ]);
  }
  lines.push(["expected", "", "", EXPECTED_DIGESTS.strict, EXPECTED_DIGESTS.fma, "", "", ""]);
  print(lines);
  for (const { target, outcome } of rows) {
    if (outcome?.note) console.log(`${target.name}: ${outcome.note}`);
  }
  console.log(`package: ${packedBytes} bytes packed, ${unpackedBytes} bytes unpacked`);
  for (const { name, install } of missing) {
    console.log(`${isRequired ? "FAILED" : "not found"}: ${name} (${install})`);
  }
  if (isRequired) failed += missing.length;
  return { passed, failed };
}

function print(/** @type {readonly string[][]} */ lines) {
  const widths = HEADINGS.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  for (const line of lines) {
    console.log(
      line
        .map((cell, i) => cell.padEnd(widths[i]))
        .join("  ")
        .trimEnd(),
    );
  }
}

// @ts-check
/**
 * Prints "N passed, N failed" from the files that vitest's json reporter and test/runtimes/run.mjs
 * wrote; exits 1 when anything failed, when nothing passed in one of them, or when one is not there.
 *
 * A test file that could not be loaded has no tests to count, and counts as one failure.
 */
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";

const files = process.argv.slice(2);
if (files.length === 0) throw new Error("usage: node scripts/test-count.mjs RESULT.json…");

const counts = files.map(countOf);
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0 || counts.some((count) => count.passed === 0)) process.exitCode = 1;

/**
 * @typedef {object} VitestResult
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {{ status: string, assertionResults: { status: string }[] }[]} testResults
 */

/** @returns {{ passed: number, failed: number }} */
function countOf(/** @type {string} */ file) {
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const result = JSON.parse(readFileSync(file, "utf8"));
  return "testResults" in result ? countOfVitest(result) : result;
}

function countOfVitest(
  /** @type {VitestResult} */ { numPassedTests, numFailedTests, testResults },
) {
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  return { passed: numPassedTests, failed: numFailedTests + brokenFiles.length };
}

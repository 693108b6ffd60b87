// @ts-check
/** From a suite's report to checks: each hash against expected.json, each behaviour as it went. */
import { readFileSync } from "node:fs";
import { hashOfText } from "./conformance/hash.mjs";

/** @typedef {{ name: string, error?: string }} Check */
/** @typedef {"strict" | "fma"} Build */

/** @type {Record<Build, Record<string, string>>} */
const EXPECTED = JSON.parse(readFileSync(new URL("./expected.json", import.meta.url), "utf8"));

/** One hash of all hashes, to print. */
export function digestOf(/** @type {Record<string, string> | undefined} */ hashes) {
  return hashes === undefined ? "–" : hashOfText(JSON.stringify(hashes));
}

export const EXPECTED_DIGESTS = {
  strict: digestOf(EXPECTED.strict),
  fma: digestOf(EXPECTED.fma),
};

/** @returns {Check[]} */
export function judge(/** @type {import("./conformance/suite.mjs").SuiteReport} */ report) {
  const builds = /** @type {Build[]} */ (Object.keys(report.hashes));
  const bits = builds.flatMap((build) =>
    Object.entries(EXPECTED[build]).map(([name, hash]) => {
      const got = report.hashes[build]?.[name];
      const check = { name: `${build}: ${name}` };
      return got === hash ? check : { ...check, error: `got ${got}, expected ${hash}` };
    }),
  );
  return [...bits, ...report.behaviours, ...report.checks];
}

// @ts-check
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);

/**
 * Imports a package of bench/peers/package.json. Its types are nobody's business here, so that the
 * benchmarks type-check where it is not installed.
 *
 * @param {string} specifier
 */
export const load = (specifier) => import(specifier);

/** The version that is installed. @param {string} name */
export function versionOf(name) {
  const folders = require.resolve.paths(name) ?? [];
  for (const folder of folders) {
    try {
      return JSON.parse(readFileSync(path.join(folder, name, "package.json"), "utf8")).version;
    } catch {
      // not in this folder
    }
  }
  throw new Error(`${name} is not installed; run npm ci in bench/peers`);
}

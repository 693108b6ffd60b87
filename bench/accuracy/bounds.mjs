// @ts-check
import { readFileSync } from "node:fs";

/**
 * The bounds' names, read from where they are written once and tested.
 *
 * @returns {(bound: string) => string}
 */
export function readBounds() {
  const text = readFileSync(new URL("../../test/support/tolerance.ts", import.meta.url), "utf8");
  const names = new Map(
    [...text.matchAll(/export const (\w+): Bound = \{\s*name: "([^"]+)"/g)].map(([, key, name]) => [
      key,
      name,
    ]),
  );
  return (bound) => {
    const name = names.get(bound);
    if (name === undefined) throw new Error(`test/support/tolerance.ts has no bound ${bound}`);
    return name;
  };
}

/**
 * The number of a bound's name that errors in `unit` are compared with: "1.5e-7 + 1 ULP" allows 1 ULP
 * beyond 1.5e-7, "1e-6 relative" 1e-6.
 *
 * @param {string} name
 * @param {string} unit
 */
export function limitOf(name, unit) {
  const found = unit.startsWith("ULP") ? /([\d.]+) ULP/.exec(name) : /^([\d.e-]+)/.exec(name);
  if (found === null) throw new Error(`the bound "${name}" has no limit in ${unit}`);
  return Number(found[1]);
}

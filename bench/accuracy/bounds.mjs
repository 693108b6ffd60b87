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

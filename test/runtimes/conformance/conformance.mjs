// @ts-check
/**
 * The suite that runs in every runtime, on nothing but the ECMAScript language and the package. What
 * the hashes must be is for the runner to say (../judge.mjs); here is only what came.
 */
import { BEHAVIOURS } from "./behaviours.mjs";
import { CASES, runCase } from "./cases.mjs";
import { hashOf, leavesOf } from "./hash.mjs";

/**
 * @typedef {object} Conformance
 * @property {"strict" | "fma"} numerics what "auto" chose
 * @property {Partial<Record<"strict" | "fma", Record<string, string>>>} hashes by build and case
 * @property {{ name: string, error?: string }[]} behaviours
 * @property {number} heldBytes of linear memory of a fresh engine after one small call
 * @property {number} milliseconds
 */

/** @returns {Conformance} */
export function conformance(/** @type {any} */ logits) {
  const start = performance.now();
  const small = logits.createEngine();
  small.softmax([1, 2, 3]);
  /** @type {Conformance["hashes"]} */
  const hashes = { strict: hashesOf(logits.createEngine({ numerics: "strict" })) };
  if (small.numerics === "fma") hashes.fma = hashesOf(logits.createEngine({ numerics: "fma" }));
  return {
    numerics: small.numerics,
    hashes,
    behaviours: BEHAVIOURS.map(({ name, check }) => {
      try {
        check(logits);
        return { name };
      } catch (error) {
        return { name, error: String(error) };
      }
    }),
    heldBytes: small.memory.heldBytes,
    milliseconds: performance.now() - start,
  };
}

/** @returns {Record<string, string>} */
export function hashesOf(/** @type {any} */ engine) {
  return Object.fromEntries(CASES.map((one) => [one.name, hashOfCase(engine, one)]));
}

function hashOfCase(/** @type {any} */ engine, /** @type {import("./cases.mjs").Case} */ one) {
  try {
    return runCase(engine, one, (result) => hashOf(leavesOf(result)));
  } catch (error) {
    return `threw ${error}`;
  }
}

// @ts-check
/** All that the package is run in, in the order of the table. */
import { BUNDLERS } from "../bundlers/targets.mjs";
import { PACKAGE } from "../package/targets.mjs";
import { BROWSERS } from "./targets/browsers.mjs";
import { EDGES } from "./targets/edge.mjs";
import { EXAMPLES } from "./targets/examples.mjs";
import { SCRIPTS } from "./targets/scripts.mjs";

/** @type {readonly import("./run.mjs").Target[]} */
export const TARGETS = [...SCRIPTS, ...BROWSERS, ...EDGES, ...BUNDLERS, ...EXAMPLES, ...PACKAGE];

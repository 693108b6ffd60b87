// @ts-check
/** The edge VM: bundled with the condition edge-light, run as a script that leaves its promise. */
import * as logits from "logits";
import * as parallel from "logits/parallel";
import { suite } from "../conformance/suite.mjs";

Object.assign(globalThis, {
  names: Object.keys(logits),
  report: suite({
    load: async () => logits,
    loadParallel: async () => parallel,
    alone: /edge runtime/,
    compiles: false,
  }),
});

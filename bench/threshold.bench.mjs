// @ts-check
import { residentResult } from "./harness/resident.mjs";
import { ELEMENTWISE_SHAPES } from "./harness/shapes.mjs";
import { plainArray } from "./loops/contender.mjs";

/** @param {import("./harness/workload.ts").Inputs} inputs @param {{ [index: number]: number }} out */
function decide({ logits }, out) {
  for (let i = 0; i < logits.length; i++) out[i] = Number(logits[i] >= 0);
}

/** @type {import("./harness/workload.ts").Workload} */
const threshold = {
  name: "threshold",
  bytes: "5 bytes a logit: 4 read, 1 written",
  bytesPerLogit: 5,
  cases: ELEMENTWISE_SHAPES,
  reference(inputs) {
    const values = new Uint8Array(inputs.logits.length);
    decide(inputs, values);
    return { values };
  },
  ours: (engine, inputs) => residentResult(engine, inputs, (logits) => engine.threshold(logits)),
  others: [plainArray(decide)],
};

export const workloads = [threshold];

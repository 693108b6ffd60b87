// @ts-check
import { residentArray } from "./harness/resident.mjs";
import { ELEMENTWISE_SHAPES } from "./harness/shapes.mjs";
import { plainArray } from "./loops/contender.mjs";
import { softplus as loop } from "./loops/sigmoid.mjs";
import { softplus as reference } from "./reference/sigmoid.mjs";

/** @type {import("./harness/workload.ts").Workload} */
const softplus = {
  name: "softplus",
  bytes: "8 bytes a logit: 4 read, 4 written",
  bytesPerLogit: 8,
  cases: ELEMENTWISE_SHAPES,
  reference: ({ logits }) => ({ values: Float64Array.from(logits, (x) => reference(x)) }),
  ours: (engine, inputs) =>
    residentArray(engine, inputs, (logits, out) => engine.softplus(logits, { out })),
  others: [plainArray(loop)],
};

export const workloads = [softplus];

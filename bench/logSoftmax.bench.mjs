// @ts-check
import { residentArray } from "./harness/resident.mjs";
import { EVERY_SHAPE } from "./harness/shapes.mjs";
import { plainArray } from "./loops/contender.mjs";
import { logSoftmax as loop } from "./loops/softmax.mjs";
import { logSoftmax as reference } from "./reference/logSoftmax.mjs";

/** @type {import("./harness/workload.ts").Workload} */
const logSoftmax = {
  name: "logSoftmax",
  bytes: "8 bytes a logit: 4 read, 4 written",
  bytesPerLogit: 8,
  cases: EVERY_SHAPE,
  reference: (inputs) => ({ values: reference(inputs) }),
  ours: (engine, inputs) =>
    residentArray(engine, inputs, (logits, out, { axis }) =>
      engine.logSoftmax(logits, { axis, out }),
    ),
  others: [plainArray(loop)],
};

export const workloads = [logSoftmax];

// @ts-check
import { residentArray } from "./harness/resident.mjs";
import { EVERY_SHAPE } from "./harness/shapes.mjs";
import { plainArray } from "./loops/contender.mjs";
import { logSumExp as loop } from "./loops/softmax.mjs";
import { logSumExp as reference } from "./reference/logSumExp.mjs";

/** @type {import("./harness/workload.ts").Workload} */
const logSumExp = {
  name: "logSumExp",
  bytes: "4 bytes a logit, read",
  bytesPerLogit: 4,
  cases: EVERY_SHAPE,
  reference: (inputs) => ({ values: reference(inputs) }),
  ours: (engine, inputs) =>
    residentArray(
      engine,
      inputs,
      (logits, out, { axis }) => engine.logSumExp(logits, { axis, out }),
      ({ shape, axis }) => shape.filter((_, at) => at !== axis),
    ),
  others: [plainArray(loop, ({ rows }) => rows)],
};

export const workloads = [logSumExp];

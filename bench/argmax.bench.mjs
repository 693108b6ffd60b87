// @ts-check
import { SHAPES } from "./harness/shapes.mjs";
import { residentResult } from "./harness/resident.mjs";
import { plainArray } from "./loops/contender.mjs";
import { argmax as loop } from "./loops/argmax.mjs";
import { maxAndRest } from "./reference/rows.mjs";

/** @type {import("./harness/workload.ts").Workload} */
const argmax = {
  name: "argmax",
  bytes: "4 bytes a logit, read",
  bytesPerLogit: 4,
  cases: [SHAPES.tenClasses, SHAPES.secondCache, SHAPES.vocabulary, SHAPES.oneRow, SHAPES.memory],
  reference: (inputs) => ({
    values: Int32Array.from({ length: inputs.rows }, (_, row) => {
      const { base, maxAt } = maxAndRest(inputs, row);
      return (maxAt - base) / inputs.stride;
    }),
  }),
  ours: (engine, inputs) => residentResult(engine, inputs, (logits) => engine.argmax(logits)),
  others: [plainArray(loop, ({ rows }) => rows)],
};

export const workloads = [argmax];

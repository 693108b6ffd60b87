// @ts-check
import { residentResult } from "./harness/resident.mjs";
import { SHAPES } from "./harness/shapes.mjs";

const K = 5;

/**
 * The K greatest of each row, by sorting it.
 *
 * @param {import("./harness/workload.ts").Inputs} inputs
 */
function sorted({ logits, rows, classes }) {
  const values = new Float32Array(rows * K);
  for (let row = 0; row < rows; row++) {
    const copy = logits.slice(row * classes, (row + 1) * classes).sort();
    values.set(copy.reverse().subarray(0, K), row * K);
  }
  return values;
}

/** @type {import("./harness/workload.ts").Workload} */
const topK = {
  name: `topK, k = ${K}`,
  bytes: "4 bytes a logit, read",
  bytesPerLogit: 4,
  cases: [SHAPES.tenClasses, SHAPES.secondCache, SHAPES.vocabulary, SHAPES.oneRow],
  reference: (inputs) => ({ values: sorted(inputs) }),
  ours: (engine, inputs) =>
    residentResult(engine, inputs, (logits) => engine.topK(logits, K).values),
  others: [
    {
      name: "plain JS, sorting",
      open: (inputs) => ({
        run: (index) => sorted(inputs[index]),
        outcome: (index) => ({ values: sorted(inputs[index]) }),
      }),
    },
  ],
};

export const workloads = [topK];

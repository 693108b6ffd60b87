// @ts-check
import { residentLoss } from "./harness/resident.mjs";
import { SHAPES } from "./harness/shapes.mjs";
import { plainLoss } from "./loops/contender.mjs";

/** @param {import("./harness/workload.ts").Inputs} inputs */
function meanPicked({ logits, targets, rows, classes }) {
  let total = 0;
  for (let row = 0; row < rows; row++) total -= logits[row * classes + targets[row]];
  return total / rows;
}

/** @type {import("./harness/workload.ts").Workload} */
const nllLoss = {
  name: "nllLoss",
  bytes: "4 bytes a logit, of which one in a row is read",
  bytesPerLogit: 4,
  cases: [SHAPES.twoClasses, SHAPES.tenClasses, SHAPES.thirdCache],
  reference: (inputs) => ({ loss: meanPicked(inputs) }),
  ours: (engine, inputs) =>
    residentLoss(engine, inputs, (logits, { targets }) => engine.nllLoss(logits, targets)),
  others: [plainLoss(meanPicked)],
};

export const workloads = [nllLoss];

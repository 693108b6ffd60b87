// @ts-check
import { residentLoss, residentLossAndGrad } from "./harness/resident.mjs";
import { EVERY_SHAPE } from "./harness/shapes.mjs";
import { plainLoss, plainLossAndGrad } from "./loops/contender.mjs";
import { crossEntropy, crossEntropyGrad } from "./loops/crossEntropy.mjs";
import { crossEntropy as reference } from "./reference/crossEntropy.mjs";

/** @typedef {import("./harness/workload.ts").Workload} Workload */

/** @type {Workload} */
const forward = {
  name: "crossEntropy",
  bytes: "4 bytes a logit, read",
  bytesPerLogit: 4,
  cases: EVERY_SHAPE,
  reference: (inputs) => ({ loss: reference(inputs, inputs.targets).loss }),
  ours: (engine, inputs) =>
    residentLoss(engine, inputs, (logits, { targets, axis }) =>
      engine.crossEntropy(logits, targets, { axis }),
    ),
  others: [plainLoss(crossEntropy)],
};

/** @type {Workload} */
const withGradient = {
  name: "crossEntropy with gradient",
  bytes: "8 bytes a logit: 4 read, 4 written",
  bytesPerLogit: 8,
  cases: EVERY_SHAPE,
  reference(inputs) {
    const { loss, values } = reference(inputs, inputs.targets);
    return { loss, values };
  },
  ours: (engine, inputs) =>
    residentLossAndGrad(engine, inputs, (logits, grad, { targets, axis }) =>
      engine.crossEntropy(logits, targets, { axis, grad }),
    ),
  others: [plainLossAndGrad(crossEntropyGrad)],
};

export const workloads = [forward, withGradient];

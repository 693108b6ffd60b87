// @ts-check
import { residentLoss, residentLossAndGrad, tensorOf } from "./harness/resident.mjs";
import { ELEMENTWISE_SHAPES } from "./harness/shapes.mjs";
import {
  binaryCrossEntropy,
  binaryCrossEntropyGrad,
} from "./loops/binaryCrossEntropyWithLogits.mjs";
import { plainLoss, plainLossAndGrad } from "./loops/contender.mjs";
import { binaryCrossEntropyWithLogits as reference } from "./reference/binaryCrossEntropyWithLogits.mjs";

/** @typedef {import("./harness/workload.ts").Workload} Workload */

/**
 * The labels of each set of inputs, in linear memory too.
 *
 * @param {import("./harness/workload.ts").Engine} engine
 * @param {readonly import("./harness/workload.ts").Inputs[]} inputs
 */
function labelTensors(engine, inputs) {
  const tensors = inputs.map((each) => tensorOf(engine, each.shape, each.labels));
  return (/** @type {import("./harness/workload.ts").Inputs} */ each) =>
    tensors[inputs.indexOf(each)];
}

/** @type {Workload} */
const forward = {
  name: "binaryCrossEntropyWithLogits",
  bytes: "8 bytes a logit: logit and label read",
  bytesPerLogit: 8,
  cases: ELEMENTWISE_SHAPES,
  reference: ({ logits, labels }) => ({ loss: reference(logits, labels).loss }),
  ours(engine, inputs) {
    const labels = labelTensors(engine, inputs);
    return residentLoss(engine, inputs, (logits, each) =>
      engine.binaryCrossEntropyWithLogits(logits, labels(each)),
    );
  },
  others: [plainLoss(binaryCrossEntropy)],
};

/** @type {Workload} */
const withGradient = {
  name: "binaryCrossEntropyWithLogits with gradient",
  bytes: "12 bytes a logit: logit and label read, gradient written",
  bytesPerLogit: 12,
  cases: ELEMENTWISE_SHAPES,
  reference({ logits, labels }) {
    const { loss, values } = reference(logits, labels);
    return { loss, values };
  },
  ours(engine, inputs) {
    const labels = labelTensors(engine, inputs);
    return residentLossAndGrad(engine, inputs, (logits, grad, each) =>
      engine.binaryCrossEntropyWithLogits(logits, labels(each), { grad }),
    );
  },
  others: [plainLossAndGrad(binaryCrossEntropyGrad)],
};

export const workloads = [forward, withGradient];

// @ts-check
import { load, versionOf } from "./load.mjs";

/** @typedef {import("./peer.ts").Open} Open */
/** @typedef {import("./peer.ts").Inputs} Inputs */

/** @type {import("./peer.ts").Peer} */
export const tfjs = {
  name: "tfjs-wasm",
  async open(threads = 1) {
    const version = versionOf("@tensorflow/tfjs-backend-wasm");
    const tf = await load("@tensorflow/tfjs-core");
    const { getThreadsCount, setThreadsCount } = await load("@tensorflow/tfjs-backend-wasm");
    setThreadsCount(threads);
    await tf.setBackend("wasm");
    await tf.ready();
    const atWork = threads > 1 ? `, ${getThreadsCount()} of ${threads} threads` : "";

    const tensors = (/** @type {readonly Inputs[]} */ inputs) =>
      inputs.map(({ logits, shape }) => tf.tensor(logits, shape, "float32"));

    /**
     * An array in, an array out; the last axis only, as tfjs has it.
     *
     * @param {(x: any) => any} compute
     * @returns {Open}
     */
    const array = (compute) => (inputs) => {
      if (inputs[0].stride !== 1) return undefined;
      const xs = tensors(inputs);
      return {
        run: (index) => compute(xs[index]).dispose(),
        outcome(index) {
          const y = compute(xs[index]);
          const values = y.dataSync().slice();
          y.dispose();
          return { values };
        },
        close: () => xs.forEach((x) => x.dispose()),
      };
    };

    /**
     * A mean loss of labels of the logits' shape.
     *
     * @param {(labels: any, x: any) => any} compute
     * @param {(inputs: Inputs) => any} labelsOf
     * @returns {Open}
     */
    const loss = (compute, labelsOf) => (inputs) => {
      if (inputs[0].stride !== 1) return undefined;
      const xs = tensors(inputs);
      const labels = inputs.map(labelsOf);
      const once = (/** @type {number} */ index) =>
        tf.tidy(() => compute(labels[index], xs[index]).dataSync()[0]);
      return {
        run: once,
        outcome: (index) => ({ loss: once(index) }),
        close: () => [...xs, ...labels].forEach((tensor) => tensor.dispose()),
      };
    };

    const oneHot = (/** @type {Inputs} */ { targets, classes }) =>
      tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(targets, "int32"), classes), "float32"));
    const labels = (/** @type {Inputs} */ each) => tf.tensor(each.labels, each.shape, "float32");
    return {
      title: `tfjs-wasm ${version}${atWork}`,
      workloads: {
        softmax: array((x) => tf.softmax(x)),
        logSoftmax: array((x) => tf.logSoftmax(x)),
        logSumExp: array((x) => tf.logSumExp(x, -1)),
        sigmoid: array((x) => tf.sigmoid(x)),
        crossEntropy: loss(tf.losses.softmaxCrossEntropy, oneHot),
        binaryCrossEntropyWithLogits: loss(tf.losses.sigmoidCrossEntropy, labels),
      },
    };
  },
};

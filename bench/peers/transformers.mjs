// @ts-check
import { load, versionOf } from "./load.mjs";

/** @type {import("./peer.ts").Peer} */
export const transformers = {
  name: "transformers.js",
  async open() {
    const version = versionOf("@huggingface/transformers");
    const { log_softmax, softmax } = await load("@huggingface/transformers");

    /**
     * Its functions take one row.
     *
     * @param {(row: Float32Array) => ArrayLike<number>} compute
     * @returns {import("./peer.ts").Open}
     */
    const rows = (compute) => (inputs) => {
      if (inputs[0].stride !== 1) return undefined;
      const run = (/** @type {number} */ index, /** @type {Float32Array} */ values) => {
        const { logits, classes } = inputs[index];
        for (let at = 0; at < logits.length; at += classes) {
          values.set(compute(logits.subarray(at, at + classes)), at);
        }
      };
      const outs = inputs.map(({ logits }) => new Float32Array(logits.length));
      return {
        run: (index) => run(index, outs[index]),
        outcome(index) {
          run(index, outs[index]);
          return { values: outs[index] };
        },
      };
    };
    return {
      title: `transformers.js ${version}`,
      workloads: { softmax: rows(softmax), logSoftmax: rows(log_softmax) },
    };
  },
};

// @ts-check
/** ONNX Runtime, native and WebAssembly: one API, one thread unless said otherwise, a session a shape. */
import { load, versionOf } from "./load.mjs";
import { singleNodeModel } from "./onnx.mjs";

/** @typedef {import("./peer.ts").Open} Open */

/**
 * @param {string} name
 * @param {readonly string[]} executionProviders
 * @returns {import("./peer.ts").Peer}
 */
const onnxruntime = (name, executionProviders) => ({
  name,
  async open(threads = 1) {
    const version = versionOf(name);
    const ort = await load(name);
    if (ort.env.wasm) ort.env.wasm.numThreads = threads;
    const options = { executionProviders, intraOpNumThreads: threads, interOpNumThreads: 1 };

    /**
     * An array in, an array out.
     *
     * @param {string} operator
     * @param {boolean} [alongAxis]
     * @returns {Open}
     */
    const array = (operator, alongAxis) => async (inputs) => {
      const [{ shape, axis }] = inputs;
      const attributes = alongAxis ? { axis } : {};
      const model = singleNodeModel({ operator, shape, outShape: shape, attributes });
      const session = await ort.InferenceSession.create(model, options);
      const feeds = inputs.map(({ logits }) => ({ x: new ort.Tensor("float32", logits, shape) }));
      const run = (/** @type {number} */ index) => session.run(feeds[index]);
      return {
        run,
        outcome: async (index) => ({ values: (await run(index)).y.data }),
        close: () => session.release(),
      };
    };

    /** @type {Open} */
    const crossEntropy = async (inputs) => {
      const [{ shape, rows, stride }] = inputs;
      if (stride !== 1) return undefined;
      const model = singleNodeModel({
        operator: "SoftmaxCrossEntropyLoss",
        shape,
        outShape: [],
        targets: rows,
        attributes: { reduction: "mean" },
      });
      const session = await ort.InferenceSession.create(model, options);
      const feeds = inputs.map(({ logits, targets }) => ({
        x: new ort.Tensor("float32", logits, shape),
        t: new ort.Tensor("int64", BigInt64Array.from(targets, BigInt), [rows]),
      }));
      const run = (/** @type {number} */ index) => session.run(feeds[index]);
      return {
        run,
        outcome: async (index) => ({ loss: (await run(index)).y.data[0] }),
        close: () => session.release(),
      };
    };
    return {
      title: `${name} ${version}${threads > 1 ? `, ${threads} threads` : ""}`,
      workloads: {
        softmax: array("Softmax", true),
        logSoftmax: array("LogSoftmax", true),
        sigmoid: array("Sigmoid"),
        crossEntropy,
      },
    };
  },
});

export const onnxruntimeNode = onnxruntime("onnxruntime-node", ["cpu"]);
export const onnxruntimeWeb = onnxruntime("onnxruntime-web", ["wasm"]);

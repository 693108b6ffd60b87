// @ts-check
import { load, versionOf } from "./load.mjs";

/** @type {import("./peer.ts").Peer} */
export const jax = {
  name: "jax-js",
  async open() {
    const version = versionOf("@jax-js/jax");
    // Node 20 has no navigator, which init() looks at to find WebGPU.
    if (!("navigator" in globalThis)) Object.assign(globalThis, { navigator: {} });
    // Other libraries define a global Worker as they go, and jax-js, which chose its kind of memory
    // by that at the start, then compiles kernels for the other kind. One thread needs no workers.
    Object.defineProperty(globalThis, "Worker", { get: () => undefined, set() {} });
    const { defaultDevice, init, jit, nn, numpy } = await load("@jax-js/jax");
    await init("wasm");
    defaultDevice("wasm");

    /**
     * @param {(x: any, axis: number) => any} compute
     * @returns {import("./peer.ts").Open}
     */
    const array = (compute) => (inputs) => {
      const [{ axis }] = inputs;
      const compiled = jit((/** @type {any} */ x) => compute(x, axis));
      const xs = inputs.map(({ logits, shape }) => numpy.array(logits, { shape: [...shape] }));
      return {
        async run(index) {
          const y = compiled(xs[index].ref); // .ref keeps the argument, which a call would consume
          await y.blockUntilReady();
          y.dispose();
        },
        outcome: async (index) => ({ values: await compiled(xs[index].ref).data() }),
        close() {
          for (const x of xs) x.dispose();
          compiled.dispose();
        },
      };
    };
    return {
      title: `jax-js wasm ${version}`,
      workloads: {
        softmax: array((x, axis) => nn.softmax(x, axis)),
        logSoftmax: array((x, axis) => nn.logSoftmax(x, axis)),
        logSumExp: array((x, axis) => nn.logsumexp(x, axis)),
        sigmoid: array((x) => nn.sigmoid(x)),
      },
    };
  },
};

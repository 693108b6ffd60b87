// @ts-check
/**
 * The same cross entropy with gradient in the forms that callers have their data in: what each of
 * them costs beside float32 tensors and class indices.
 */
import { createEngine } from "../dist/index.js";
import { residentLossAndGrad, tensorOf } from "./harness/resident.mjs";
import { SHAPES } from "./harness/shapes.mjs";
import { crossEntropy as reference } from "./reference/crossEntropy.mjs";

/**
 * @typedef {import("./harness/workload.ts").Engine} Engine
 * @typedef {import("./harness/workload.ts").Inputs} Inputs
 * @typedef {import("./harness/workload.ts").Prepared} Prepared
 */

/**
 * A form of the call on an engine of its own.
 *
 * @param {string} name
 * @param {(engine: Engine, inputs: readonly Inputs[]) => Prepared} prepare
 * @returns {import("./harness/workload.ts").Contender}
 */
const form = (name, prepare) => ({
  name,
  open(inputs) {
    const engine = createEngine();
    return { ...prepare(engine, inputs), close: () => engine.dispose() };
  },
});

/**
 * Logits in half the bits; roundLogits makes them fit, so that all contenders see the same numbers.
 *
 * @param {"float16" | "bfloat16"} dtype
 */
const half = (dtype) =>
  form(dtype, (engine, inputs) => {
    const bitsOf = dtype === "float16" ? float16Bits : bfloat16Bits;
    const logits = inputs.map((each) => {
      const tensor = engine.tensor(each.shape, dtype);
      tensor.data.set(Uint16Array.from(each.logits, bitsOf));
      return tensor;
    });
    const grads = inputs.map((each) => tensorOf(engine, each.shape));
    const run = (/** @type {number} */ index) =>
      engine.crossEntropy(logits[index], inputs[index].targets, { grad: grads[index] });
    return {
      run,
      outcome: (index) => ({ loss: run(index).loss, values: grads[index].data.slice() }),
    };
  });

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** The upper half of a float32 that has no other bits. @param {number} value */
function bfloat16Bits(value) {
  scratch[0] = value;
  return scratchBits[0] >>> 16;
}

/** A float32 that float16 holds exactly, as a normal number or zero. @param {number} value */
function float16Bits(value) {
  scratch[0] = value;
  const bits = scratchBits[0];
  const exponent = ((bits >>> 23) & 0xff) - 112;
  return exponent <= 0
    ? (bits >>> 16) & 0x8000
    : ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 0x3ff);
}

/** Logits that both half types hold: seven bits of fraction, and zero below 2^−14. @param {Inputs} inputs */
function roundLogits({ logits }) {
  for (let i = 0; i < logits.length; i++) {
    scratch[0] = logits[i];
    scratchBits[0] = (scratchBits[0] + 0x8000) & 0xffff0000;
    logits[i] = Math.abs(scratch[0]) < 2 ** -14 ? 0 : scratch[0];
  }
}

const probabilities = form("class probabilities", (engine, inputs) => {
  const targets = inputs.map((each) => {
    const tensor = tensorOf(engine, each.shape);
    for (let row = 0; row < each.rows; row++) {
      tensor.data[row * each.classes + each.targets[row]] = 1;
    }
    return tensor;
  });
  return residentLossAndGrad(engine, inputs, (logits, grad, each) =>
    engine.crossEntropy(logits, targets[inputs.indexOf(each)], { grad }),
  );
});

const arrays = form("Float32Array in, Float32Array out", (engine, inputs) => {
  const grads = inputs.map(({ logits }) => new Float32Array(logits.length));
  const run = (/** @type {number} */ index) => {
    const { logits, shape, targets } = inputs[index];
    return engine.crossEntropy({ data: logits, shape }, targets, { grad: grads[index] });
  };
  return { run, outcome: (index) => ({ loss: run(index).loss, values: grads[index] }) };
});

/** @type {import("./harness/workload.ts").Workload} */
const forms = {
  name: "crossEntropy with gradient, by form of the data",
  bytes: "8 bytes a logit: 4 read, 4 written; the forms need other amounts",
  bytesPerLogit: 8,
  cases: [SHAPES.tenClasses, SHAPES.secondCache, SHAPES.thirdCache, SHAPES.vocabulary],
  adjust: roundLogits,
  reference(inputs) {
    const { loss, values } = reference(inputs, inputs.targets);
    return { loss, values };
  },
  ours: (engine, inputs) =>
    residentLossAndGrad(engine, inputs, (logits, grad, { targets }) =>
      engine.crossEntropy(logits, targets, { grad }),
    ),
  others: [half("float16"), half("bfloat16"), probabilities, arrays],
};

export const workloads = [forms];

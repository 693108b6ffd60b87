// @ts-check
/**
 * A baseline in plain JavaScript as a contender.
 *
 * @typedef {import("../harness/workload.ts").Inputs} Inputs
 * @typedef {import("../harness/workload.ts").Contender} Contender
 */

const NAME = "plain JS";

/**
 * A loop that fills an array.
 *
 * @param {(inputs: Inputs, out: Float32Array) => void} loop
 * @param {(inputs: Inputs) => number} [lengthOf] of the result; that of the logits
 * @returns {Contender}
 */
export function plainArray(loop, lengthOf = ({ logits }) => logits.length) {
  return {
    name: NAME,
    open(inputs) {
      const outs = inputs.map((each) => new Float32Array(lengthOf(each)));
      const run = (/** @type {number} */ index) => loop(inputs[index], outs[index]);
      return {
        run,
        outcome(index) {
          run(index);
          return { values: outs[index] };
        },
      };
    },
  };
}

/**
 * A loop that returns the loss.
 *
 * @param {(inputs: Inputs) => number} loop
 * @returns {Contender}
 */
export function plainLoss(loop) {
  return {
    name: NAME,
    open: (inputs) => ({
      run: (index) => loop(inputs[index]),
      outcome: (index) => ({ loss: loop(inputs[index]) }),
    }),
  };
}

/**
 * A loop that returns the loss and fills the gradient.
 *
 * @param {(inputs: Inputs, grad: Float32Array) => number} loop
 * @returns {Contender}
 */
export function plainLossAndGrad(loop) {
  return {
    name: NAME,
    open(inputs) {
      const grads = inputs.map(({ logits }) => new Float32Array(logits.length));
      const run = (/** @type {number} */ index) => loop(inputs[index], grads[index]);
      return { run, outcome: (index) => ({ loss: run(index), values: grads[index] }) };
    },
  };
}

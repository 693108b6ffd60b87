// @ts-check
/**
 * Our own calls as contenders: inputs and results are tensors, so that a call is its kernel.
 *
 * @typedef {import("./workload.ts").Engine} Engine
 * @typedef {import("./workload.ts").Inputs} Inputs
 * @typedef {import("./workload.ts").Prepared} Prepared
 * @typedef {ReturnType<typeof tensorOf>} FloatTensor
 */

/**
 * @param {Engine} engine
 * @param {readonly number[]} shape
 * @param {Float32Array} [data]
 */
export function tensorOf(engine, shape, data) {
  const tensor = engine.tensor(shape);
  if (data) tensor.data.set(data);
  return tensor;
}

/**
 * A call that writes an array into `out`.
 *
 * @param {Engine} engine
 * @param {readonly Inputs[]} inputs
 * @param {(logits: FloatTensor, out: FloatTensor, inputs: Inputs) => unknown} call
 * @param {(inputs: Inputs) => readonly number[]} [shapeOf] of the result; that of the logits
 * @returns {Prepared}
 */
export function residentArray(engine, inputs, call, shapeOf = ({ shape }) => shape) {
  const logits = inputs.map((each) => tensorOf(engine, each.shape, each.logits));
  const outs = inputs.map((each) => tensorOf(engine, shapeOf(each)));
  const run = (/** @type {number} */ index) => call(logits[index], outs[index], inputs[index]);
  return {
    run,
    outcome(index) {
      run(index);
      return { values: outs[index].data.slice() };
    },
  };
}

/**
 * A call that makes its result, which is given back at once.
 *
 * @param {Engine} engine
 * @param {readonly Inputs[]} inputs
 * @param {(logits: FloatTensor) => { data: Int32Array | Uint8Array | Float32Array }} call
 * @returns {Prepared}
 */
export function residentResult(engine, inputs, call) {
  const logits = inputs.map((each) => tensorOf(engine, each.shape, each.logits));
  return {
    run: (index) => engine.scope(() => void call(logits[index])),
    outcome: (index) => engine.scope(() => ({ values: call(logits[index]).data.slice() })),
  };
}

/**
 * A loss without gradient.
 *
 * @param {Engine} engine
 * @param {readonly Inputs[]} inputs
 * @param {(logits: FloatTensor, inputs: Inputs) => { loss: number }} call
 * @returns {Prepared}
 */
export function residentLoss(engine, inputs, call) {
  const logits = inputs.map((each) => tensorOf(engine, each.shape, each.logits));
  const run = (/** @type {number} */ index) => call(logits[index], inputs[index]);
  return { run, outcome: (index) => ({ loss: run(index).loss }) };
}

/**
 * A loss with its gradient, written into a tensor.
 *
 * @param {Engine} engine
 * @param {readonly Inputs[]} inputs
 * @param {(logits: FloatTensor, grad: FloatTensor, inputs: Inputs) => { loss: number }} call
 * @returns {Prepared}
 */
export function residentLossAndGrad(engine, inputs, call) {
  const logits = inputs.map((each) => tensorOf(engine, each.shape, each.logits));
  const grads = inputs.map((each) => tensorOf(engine, each.shape));
  const run = (/** @type {number} */ index) => call(logits[index], grads[index], inputs[index]);
  return {
    run,
    outcome: (index) => ({ loss: run(index).loss, values: grads[index].data.slice() }),
  };
}

// @ts-check
/**
 * npm run bench:linear
 *
 * The linear layer beside TensorFlow.js's wasm backend, on one thread, in one process and in turns:
 *
 *   product   input · weight + bias against matMul
 *   training  loss and every gradient against matMul, softmaxCrossEntropy and the two matMuls of the
 *             gradient. The gradient of the logits is given to the peer, and transposes are made by its own
 *             transpose, which is faster than its matMul of transposed operands.
 *
 * Every product is checked against float64 in places before it is timed.
 */
import process from "node:process";
import { createEngine } from "../../dist/index.js";
import { linear } from "../../dist/train/index.js";
import { availableBuilds, environmentLine } from "../harness/environment.mjs";
import { race } from "../harness/race.mjs";
import { digits, textTable } from "../harness/table.mjs";
import { load, versionOf } from "./load.mjs";

const SHAPES = [
  [256, 512, 1000],
  [128, 768, 32000],
];
const EFFORT = { rounds: 9, milliseconds: 150, warmup: 200 };

const tf = await load("@tensorflow/tfjs-core");
const { setThreadsCount } = await load("@tensorflow/tfjs-backend-wasm");
setThreadsCount(1);
await tf.setBackend("wasm");
await tf.ready();
const title = `tfjs-wasm ${versionOf("@tensorflow/tfjs-backend-wasm")}`;
console.log(environmentLine());

for (const [what, open] of /** @type {const} */ ([
  ["product", openProducts],
  ["training", openTrainings],
])) {
  /** @type {string[][]} */
  const rows = [];
  for (const shape of SHAPES) {
    const { runners, products, close } = open(shape);
    const timings = await race(runners, 1, EFFORT);
    const macs = products * shape.reduce((product, side) => product * side, 1);
    const peer = timings.length - 1;
    timings.forEach(({ milliseconds }, at) => {
      const faster = timings[peer].milliseconds / milliseconds;
      const row = [at === 0 ? shape.join("×") : "", runners[at].name, digits(milliseconds)];
      rows.push([...row, digits(macs / milliseconds / 1e6), digits(faster)]);
    });
    close();
  }
  console.log(`\n${what}`);
  console.log(textTable(["shape", "", "ms", "GMAC/s", "× its speed"], rows, new Set([0, 1])));
}
process.exit(0); // the peer keeps workers

/** The same numbers for everybody. @param {readonly number[]} shape */
function numbersOf([n, d, c]) {
  const wave = (/** @type {number} */ length, /** @type {number} */ step) =>
    Float32Array.from({ length }, (_, i) => Math.sin(i * step));
  return { x: wave(n * d, 12.9898), w: wave(d * c, 78.233), b: wave(c, 3.7) };
}

/** @param {readonly number[]} shape */
function openProducts(shape) {
  const [n, d, c] = shape;
  const { x, w, b } = numbersOf(shape);
  const engines = availableBuilds().map((numerics) => {
    const engine = createEngine({ numerics });
    const [input, weight, bias, out] = [[n, d], [d, c], [c], [n, c]].map((s) => engine.tensor(s));
    input.data.set(x);
    weight.data.set(w);
    bias.data.set(b);
    const run = () => linear(engine, input, weight, bias, out);
    run();
    checkProduct(shape, out.data, b);
    return { name: `logits, ${numerics}`, run, engine };
  });
  const [tx, tw] = [tf.tensor(x, [n, d]), tf.tensor(w, [d, c])];
  const product = tf.matMul(tx, tw);
  checkProduct(shape, product.dataSync(), undefined);
  product.dispose();
  const peer = { name: title, run: () => tf.matMul(tx, tw).dispose() };
  return {
    products: 1,
    runners: [...engines, peer],
    close: () => {
      for (const { engine } of engines) engine.dispose();
      for (const each of [tx, tw]) each.dispose();
    },
  };
}

/** @param {readonly number[]} shape @param {Float32Array} out @param {Float32Array | undefined} bias */
function checkProduct(shape, out, bias) {
  const [n, d, c] = shape;
  const { x, w } = numbersOf(shape);
  for (let i = 0; i < 100; i++) {
    const [row, column] = [(i * 97) % n, (i * 7919) % c];
    let sum = bias ? bias[column] : 0;
    for (let k = 0; k < d; k++) sum += x[row * d + k] * w[k * c + column];
    const got = out[row * c + column];
    if (!(Math.abs(got - sum) < 1e-3)) throw new Error(`product: ${got} instead of ${sum}`);
  }
}

/** @param {readonly number[]} shape */
function openTrainings(shape) {
  const [n, d, c] = shape;
  const { x, w, b } = numbersOf(shape);
  const targets = Int32Array.from({ length: n }, (_, i) => (i * 7919) % c);
  /** @type {number[]} */
  const losses = [];
  const engines = availableBuilds().map((numerics) => {
    const engine = createEngine({ numerics });
    const make = () => ({ input: engine.tensor([n, d]), weight: engine.tensor([d, c]), bias: engine.tensor([c]) }); // prettier-ignore
    const [layer, grad] = [make(), make()];
    layer.input.data.set(x);
    layer.weight.data.set(w);
    layer.bias.data.set(b);
    const run = () => engine.linearCrossEntropy(layer, targets, { weightLayout: "DC", grad }).loss;
    losses.push(run());
    return { name: `logits, ${numerics}`, run, engine };
  });
  const oneHot = new Float32Array(n * c);
  targets.forEach((y, i) => (oneHot[i * c + y] = 1));
  const [tx, tw, tb, labels, g] = [tf.tensor(x, [n, d]), tf.tensor(w, [d, c]), tf.tensor(b), tf.tensor(oneHot, [n, c]), tf.tensor(oneHot, [n, c])]; // prettier-ignore
  const run = () =>
    tf.tidy(() => {
      const z = tf.add(tf.matMul(tx, tw), tb);
      const loss = tf.losses.softmaxCrossEntropy(labels, z);
      tf.matMul(g, tf.transpose(tw));
      tf.matMul(tf.transpose(tx), g);
      return loss.dataSync()[0];
    });
  losses.push(run());
  if (losses.some((loss) => !(Math.abs(loss / losses[0] - 1) < 1e-4))) {
    throw new Error(`training: losses ${losses.join(", ")}`);
  }
  return {
    products: 3,
    runners: [...engines, { name: title, run }],
    close: () => {
      for (const { engine } of engines) engine.dispose();
      for (const each of [tx, tw, tb, labels, g]) each.dispose();
    },
  };
}

// @ts-check
/** Trains on request, tells how it goes, and stops when told to; then times plain JavaScript. */
import { LogitsError, createEngine } from "logits";
import { LinearClassifier } from "logits/train";
import { heldOut, readDigits } from "./digits.js";
import { predictPlain, trainPlain } from "./plain.js";

const ROUNDS = 3;
const SETTINGS = { classes: 10, batchSize: 128, learningRate: 0.01, seed: 0 };
const engine = createEngine();
/** @type {AbortController | undefined} */
let running;

addEventListener("message", ({ data }) => {
  if (data.kind === "cancel") running?.abort();
  else void train(data);
});

/** @param {{ csv: string, epochs: number }} request */
async function train({ csv, epochs }) {
  running = new AbortController();
  const { signal } = running;
  try {
    const { training, test } = heldOut(readDigits(csv), 0.2, SETTINGS.seed);
    const settings = { ...SETTINGS, epochs };
    const first = await fit(training, settings, { signal, onProgress: tell });
    const { accuracy } = first.model.evaluate(featuresOf(test), test.y);
    postMessage({ kind: "trained", accuracy, milliseconds: first.milliseconds });
    postMessage({ kind: "compared", ...(await compare(training, test, settings, signal)) });
  } catch (error) {
    if (!(error instanceof LogitsError)) throw error;
    postMessage({
      kind: "failed",
      message: error.code === "ERR_ABORTED" ? "cancelled" : error.message,
    });
  }
}

/** @param {import("logits/train").FitProgress} progress */
function tell({ epoch, epochs, loss }) {
  postMessage({ kind: "progress", epoch, epochs, loss });
}

/**
 * @param {import("./digits.js").Digits} training
 * @param {typeof SETTINGS & { epochs: number }} settings
 * @param {import("logits/train").FitOptions} options
 */
async function fit(training, { classes, ...settings }, options) {
  const start = performance.now();
  const model = new LinearClassifier(engine, { classes, optimizer: "adam" });
  await model.fit(featuresOf(training), training.y, { ...settings, ...options });
  return { model, milliseconds: performance.now() - start };
}

/**
 * Both trainings in turns; the median of each.
 *
 * @param {import("./digits.js").Digits} training
 * @param {import("./digits.js").Digits} test
 * @param {typeof SETTINGS & { epochs: number }} settings
 * @param {AbortSignal} signal
 */
async function compare(training, test, settings, signal) {
  /** @type {number[]} */
  const ours = [];
  /** @type {number[]} */
  const plain = [];
  let plainAccuracy = 0;
  for (let round = 0; round < ROUNDS; round++) {
    ours.push((await fit(training, settings, { signal })).milliseconds);
    const start = performance.now();
    const model = trainPlain(training, settings);
    plain.push(performance.now() - start);
    const right = predictPlain(model, test).filter((y, i) => y === test.y[i]).length;
    plainAccuracy = right / test.rows;
  }
  return { ours: median(ours), plain: median(plain), plainAccuracy };
}

/** @param {number[]} values of an odd number of rounds */
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/** @param {import("./digits.js").Digits} digits */
const featuresOf = ({ x, rows, features }) => ({ data: x, shape: [rows, features] });

// @ts-check
/**
 * node bench/score.bench.mjs
 *
 * What one visit of a row for everything costs beside its loss alone, what drawing a token costs beside
 * a softmax, and what every metric costs beside the loss. Each result is checked before it is timed.
 * Medians of rounds in which the contenders take turns; resident tensors, logits uniform on [−9, 9).
 */
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import process from "node:process";
import { createEngine } from "../dist/index.js";
import { Evaluator } from "../dist/evaluate/index.js";

const ROUNDS = 21;

/** @typedef {Record<string, () => unknown>} Contenders */

export function report() {
  const engine = createEngine();
  console.log(`Node ${process.versions.node}, ${process.arch}, ${engine.numerics}`);
  for (const [rows, classes] of [
    [32, 32000],
    [8, 128256],
  ]) {
    const logits = fill(engine, rows, classes);
    const targets = Int32Array.from({ length: rows }, (_unused, i) => (i * 7919) % classes);
    checkScore(engine, logits, targets);
    print(`score, ${rows} × ${classes}`, "crossEntropy", {
      crossEntropy: () => engine.crossEntropy(logits, targets),
      score: () => engine.score(logits, targets),
      "score, top 20": () => engine.score(logits, targets, { topK: 20 }),
    });
    logits.dispose();
  }
  sampleRow(engine, 128256);
  evaluateRows(engine, 1_000_000, 10);
}

/** @param {import("../dist/index.js").Engine} engine @param {number} classes */
function sampleRow(engine, classes) {
  const logits = fill(engine, 1, classes);
  const out = engine.tensor([1, classes]);
  const options = { topK: 50, topP: 0.95, temperature: 0.8 };
  const copy = logits.data.slice();
  const kept = sortAndScan(copy, options);
  for (let step = 0; step < 200; step++) {
    const { ids, processedLogprob } = engine.sample(logits, { ...options, step });
    const truth = kept.get(ids[0]);
    assert.ok(truth !== undefined && Math.abs(Math.log(truth) - processedLogprob[0]) < 1e-5);
  }
  let step = 0;
  print(`sample, top-k 50, top-p 0.95, 1 × ${classes}`, "softmax", {
    softmax: () => engine.softmax(logits, { out }),
    sample: () => engine.sample(logits, { ...options, step: step++ }),
    "plain JS: softmax, sort, scan": () => sortAndScan(copy, options),
  });
  logits.dispose();
  out.dispose();
}

/** @param {import("../dist/index.js").Engine} engine @param {number} rows @param {number} classes */
function evaluateRows(engine, rows, classes) {
  const logits = fill(engine, rows, classes);
  const targets = Int32Array.from({ length: rows }, (_unused, i) => i % classes);
  const basic = { classes, topK: [1, 5] };
  const all = { ...basic, auroc: true, hardest: 100 };
  const { loss, count } = new Evaluator(engine, all).update(logits, targets).result();
  assert.equal(count, rows);
  assert.ok(Math.abs(loss - engine.crossEntropy(logits, targets).loss) < 1e-6 * loss);
  print(`Evaluator, ${rows} × ${classes}`, "crossEntropy", {
    crossEntropy: () => engine.crossEntropy(logits, targets),
    "without AUROC": () => new Evaluator(engine, basic).update(logits, targets),
    "every metric": () => new Evaluator(engine, all).update(logits, targets),
  });
  logits.dispose();
}

/**
 * Logits from a counter, so that every run sees the same.
 *
 * @param {import("../dist/index.js").Engine} engine
 * @param {number} rows
 * @param {number} classes
 */
function fill(engine, rows, classes) {
  const logits = engine.tensor([rows, classes]);
  let state = 1;
  for (let i = 0; i < logits.data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    logits.data[i] = (state / 2 ** 32) * 18 - 9;
  }
  return logits;
}

/**
 * The first row against float64.
 *
 * @param {import("../dist/index.js").Engine} engine
 * @param {import("../dist/index.js").Tensor<"float32">} logits
 * @param {Int32Array} targets
 */
function checkScore(engine, logits, targets) {
  const z = logits.data.slice(0, logits.shape[1]);
  const got = engine.score(logits, targets, { topK: 20 });
  const m = z.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = z.reduce((total, v) => total + Math.exp(v - m), 0);
  const lse = m + Math.log(sum);
  const entropy = z.reduce((total, v) => total + Math.exp(v - lse) * (lse - v), 0);
  const order = Array.from(z.keys()).sort((a, b) => z[b] - z[a] || a - b);
  assert.ok(Math.abs(got.logSumExp[0] - lse) < 1e-6 * lse);
  assert.ok(Math.abs(got.entropy[0] - entropy) < 1e-6 * entropy);
  assert.equal(got.rank[0], z.filter((v) => v > z[targets[0]]).length);
  assert.deepEqual(Array.from(got.topK.indices.data.subarray(0, 20)), order.slice(0, 20));
}

/**
 * Probabilities of the tokens kept: temperature, softmax, sort, top-k, top-p.
 *
 * @param {Float32Array} z
 * @param {{ topK: number, topP: number, temperature: number }} options
 * @returns {Map<number, number>}
 */
function sortAndScan(z, { topK, topP, temperature }) {
  const m = z.reduce((a, b) => Math.max(a, b), -Infinity);
  const w = Float64Array.from(z, (v) => Math.exp((v - m) / temperature));
  const order = Uint32Array.from(w.keys()).sort((a, b) => w[b] - w[a] || a - b);
  const first = order.subarray(0, topK);
  const enough = topP * first.reduce((total, j) => total + w[j], 0);
  const kept = [];
  let mass = 0;
  for (let i = 0; i < first.length && mass < enough; i++) {
    mass += w[first[i]];
    kept.push(first[i]);
  }
  return new Map(kept.map((j) => [j, w[j] / mass]));
}

/**
 * Medians, of the times and of the quotients within a round: the machine's clock may change between rounds.
 *
 * @param {string} title @param {string} base @param {Contenders} contenders
 */
function print(title, base, contenders) {
  const times = Object.entries(contenders).map(([name, run]) => ({
    name,
    run,
    taken: /** @type {number[]} */ ([]),
  }));
  for (let round = -12; round < ROUNDS; round++) {
    for (const { run, taken } of times) {
      const start = performance.now();
      run();
      if (round >= 0) taken.push(performance.now() - start);
    }
  }
  const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[ROUNDS >> 1];
  const units = times.find(({ name }) => name === base)?.taken ?? [];
  console.log(`\n${title}`);
  for (const { name, taken } of times) {
    const milliseconds = median(taken);
    const ratio = median(taken.map((time, round) => time / units[round])).toFixed(2);
    console.log(
      `  ${name.padEnd(32)} ${milliseconds.toFixed(3).padStart(9)} ms ${ratio.padStart(8)} × ${base}`,
    );
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) report();

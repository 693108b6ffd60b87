// @ts-check
/**
 * The parallel engine: scaling, dispatch, small jobs. Every result is compared with the synchronous
 * engine's, bit for bit, before it is timed; medians of one run.
 *
 *   node bench/parallel.bench.mjs [--threads 1,2,4] [--quick]
 *
 * Give it an idle machine: with other programs at work there is no second core to measure.
 */
import os from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { createEngine } from "../dist/index.js";
import { Control } from "../dist/parallel/control.js";
import { Crew } from "../dist/parallel/crew.js";
import { startInlineWorker } from "../dist/parallel/host.js";
import { Recorder } from "../dist/parallel/recorder.js";
import { Ring } from "../dist/parallel/ring.js";
import { LEAST_ELEMENTS, startEngine } from "../dist/parallel/startEngine.js";
import { inlineBytes, inlineSharedModule } from "../dist/wasm/inline.js";
import { instantiateModule } from "../dist/wasm/instantiate.js";
import { signaturesOf } from "../dist/wasm/moduleBytes.js";

const cores = os.availableParallelism();
const { values: given } = parseArgs({
  options: { threads: { type: "string" }, quick: { type: "boolean", default: false } },
});
const counts = (given.threads ?? (cores > 2 ? `1,2,${cores}` : `1,${cores}`))
  .split(",")
  .map(Number);
const BUDGET = given.quick ? 150 : 800; // ms for each number

/** @param {number[]} times */
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1] ?? NaN;

/**
 * Median time of a call, µs.
 * @param {() => unknown} call
 * @param {number} [idle] ms between calls
 */
async function time(call, idle = 0) {
  for (let i = 0; i < 5; i++) await call();
  const times = [];
  const end = performance.now() + BUDGET;
  while (times.length < 5 || performance.now() < end) {
    if (idle > 0) {
      const until = performance.now() + idle;
      while (performance.now() < until);
    }
    const start = performance.now();
    const result = call();
    if (result instanceof Promise) await result;
    times.push(performance.now() - start);
  }
  return median(times) * 1000;
}

/** @param {ArrayBufferView} a @param {ArrayBufferView} b */
const same = (a, b) =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  );

/** @param {string} what @param {boolean} holds */
function check(what, holds) {
  if (!holds) throw new Error(`${what}: not the bits of the synchronous engine`);
}

console.log(
  `node ${process.version}, ${os.cpus()[0]?.model}, ${cores} cores, load ${os.loadavg()}`,
);

const sync = createEngine();
const engines = [];
for (const threads of counts) engines.push(await startEngine({ threads }));
const two = engines.find(({ threads }) => threads > 1);

// Copy bandwidth of this machine, for shapes that do not fit the cache: 64 MiB read and written.
const from = new Float32Array(2 ** 24);
const to = new Float32Array(2 ** 24);
const copied = await time(() => to.set(from));
console.log(
  `copy bandwidth of one core: ${((2 * from.byteLength) / copied / 1000).toFixed(1)} GB/s\n`,
);

// Tensors with results into tensors: no bytes of JavaScript memory move. Bytes are those read and
// written by an operation that visits each logit once.
const SHAPES = [
  { rows: 256, classes: 32000, why: "32.8 MB: beyond the cache; rows of a vocabulary" },
  { rows: 4096, classes: 1000, why: "16.4 MB: classifier, at the edge of the cache" },
  { rows: 512, classes: 1000, why: "2 MB: in cache" },
  { rows: 1, classes: 1048576, why: "one row: cut along the classes" },
];
/** @type {Record<string, (engine: any, x: any, y: Int32Array, out: any) => any>} */
const OPERATIONS = {
  softmax: (engine, x, _y, out) => engine.softmax(x, { out }),
  crossEntropy: (engine, x, y) => engine.crossEntropy(x, y),
  "crossEntropy + gradient": (engine, x, y, out) => engine.crossEntropy(x, y, { grad: out }),
};
console.log("scaling: µs a call; speed-up over 1 thread of this engine");
for (const { rows, classes, why } of SHAPES) {
  console.log(`${rows} × ${classes} (${why})`);
  const logits = Float32Array.from({ length: rows * classes }, (_, i) => 4 * Math.sin(i * 1.37));
  const targets = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % classes);
  for (const [name, call] of Object.entries(OPERATIONS)) {
    const visits = name === "crossEntropy" ? 1 : 2;
    let line = `  ${name.padEnd(24)}`;
    let one = NaN;
    let truth;
    let reference;
    for (const engine of /** @type {any[]} */ ([sync, ...engines])) {
      const x = engine.tensor([rows, classes]);
      const out = engine.tensor([rows, classes]);
      x.data.set(logits);
      const result = await call(engine, x, targets, out);
      if (engine === sync) {
        truth = out.data.slice();
        reference = result.loss;
      } else {
        check(name, same(out.data, truth ?? out.data) && Object.is(result.loss, reference));
      }
      const took = await time(() => call(engine, x, targets, out));
      const gigabytes = ((rows * classes * 4 * visits) / took / 1000).toFixed(1);
      if (engine === sync) line += ` sync ${took.toFixed(0)}`;
      else {
        if (engine.threads === 1) one = took;
        const factor = engine.threads === 1 ? "" : ` ×${(one / took).toFixed(2)}`;
        line += ` · ${engine.threads}: ${took.toFixed(0)}${factor} (${gigabytes} GB/s)`;
      }
      x.dispose();
      out.dispose();
    }
    console.log(line);
  }
}

if (two) {
  console.log(`\nsmall jobs: softmax, µs a call (shared from ${LEAST_ELEMENTS} elements on)`);
  const eager = await startEngine({ threads: two.threads }, { leastElements: 1 });
  for (const rows of [64, 131, 262, 524, 1048]) {
    const line = [`${rows} × 1000`.padEnd(12)];
    for (const idle of [0, 1]) {
      for (const [name, engine] of /** @type {[string, any][]} */ ([
        ["sync", sync],
        ["parallel", two],
        ["always shared", eager],
      ])) {
        const x = engine.tensor([rows, 1000]);
        const out = engine.tensor([rows, 1000]);
        const took = await time(() => engine.softmax(x, { out }), idle);
        line.push(`${name}${idle ? " after 1 ms" : ""} ${took.toFixed(0)}`);
        x.dispose();
        out.dispose();
      }
    }
    console.log(line.join(" · "));
  }
  await eager.dispose();
}

console.log("\ndispatch to one worker and back, µs: median (90th percentile)");
const memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true });
const module = inlineSharedModule("strict", 16);
const kernels = instantiateModule(module, memory);
const control = new Control(2, true);
const crew = new Crew({
  control,
  module,
  memory,
  scratchPtr: kernels.heapBase(),
  scratchBytes: kernels.scratchBytes(),
  threads: 2,
  spin: 0.1,
  start: startInlineWorker,
});
await crew.start();
/** @type {any} an inner part, without types in dist/ */
const recorder = new Recorder(kernels, signaturesOf(inlineBytes("strict")), control);
const ring = new Ring(recorder, control, crew, { mayBlock: true, takesPart: false });
const echo = new Worker(
  "const { parentPort } = require('node:worker_threads'); parentPort.on('message', (m) => parentPort.postMessage(m));",
  { eval: true },
);

/** A described call, run by the worker while the caller waits. */
async function dispatch() {
  recorder.begin(ring.slot);
  recorder.record(true);
  recorder.kernels.heapBase();
  recorder.end();
  const ticket = ring.publish();
  ring.rouse();
  while (!ring.isFinished(ticket)) await ring.wait(ticket);
}
const post = () =>
  new Promise((resolve) => {
    echo.once("message", resolve);
    echo.postMessage(0);
  });
for (const [name, call] of /** @type {const} */ ([
  ["this engine", dispatch],
  ["postMessage", post],
])) {
  const line = [name.padEnd(12)];
  for (const idle of [0, 1]) {
    const times = [];
    for (let i = 0; i < 50; i++) await call();
    for (let i = 0; i < (idle ? 300 : 3000); i++) {
      const until = performance.now() + idle;
      while (performance.now() < until);
      const start = performance.now();
      await call();
      times.push((performance.now() - start) * 1000);
    }
    const middle = median(times).toFixed(2);
    const high = times[Math.floor(times.length * 0.9)]?.toFixed(2);
    line.push(`${idle ? "after 1 ms idle" : "back to back"} ${middle} (${high})`);
  }
  console.log(line.join("   "));
}
await echo.terminate();
await crew.end();
for (const engine of engines) await engine.dispose();

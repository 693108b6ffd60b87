// @ts-check
/** An empty call handed to one worker and back, beside a message to a worker and back. */
import { Worker } from "node:worker_threads";
import { Control } from "../../dist/parallel/control.js";
import { Crew } from "../../dist/parallel/crew.js";
import { startInlineWorker } from "../../dist/parallel/host.js";
import { Recorder } from "../../dist/parallel/recorder.js";
import { Ring } from "../../dist/parallel/ring.js";
import { inlineBytes, inlineSharedModule } from "../../dist/wasm/inline.js";
import { instantiateModule } from "../../dist/wasm/instantiate.js";
import { signaturesOf } from "../../dist/wasm/moduleBytes.js";
import { median } from "./race.mjs";
import { undisturbed } from "./undisturbed.mjs";

const PAGES = 16;
/** Calls timed together: a clock cannot time a single one of these. */
const BATCH = 20;
/** One after the other, then after a moment in which the worker had nothing to do. */
const IDLE = [0, 1];

/** @param {import("./race.mjs").Effort} effort */
export async function reportDispatch(effort) {
  const ours = await openDispatch();
  const echo = openEcho();
  const calls = [ours.call, echo.call];
  for (const call of calls) for (let i = 0; i < 1000; i++) await call();
  const { rounds, note } = await undisturbed(effort.rounds, async () => {
    const times = [];
    for (const idle of IDLE) for (const call of calls) times.push(await timeEach(call, idle));
    return times;
  });
  const middle = (/** @type {number} */ at) => median(rounds.map((times) => times[at]));
  const factor = (/** @type {number} */ at) =>
    median(rounds.map((times) => times[at + 1] / times[at]));
  console.log(`\ndispatch to one worker and back, µs${note}`);
  for (const [i, idle] of IDLE.entries()) {
    const [one, other] = [2 * i, 2 * i + 1].map((at) => middle(at).toFixed(2));
    const name = idle ? `after ${idle} ms idle` : "back to back";
    console.log(
      `  ${name.padEnd(16)} this engine ${one} · postMessage ${other} · ×${factor(2 * i).toFixed(1)}`,
    );
  }
  await Promise.all([ours.close(), echo.close()]);
}

/** @param {() => Promise<unknown>} call @param {number} idle ms */
async function timeEach(call, idle) {
  const batch = idle ? 1 : BATCH;
  const times = [];
  for (let i = 0; i < 60; i++) {
    const until = performance.now() + idle;
    while (performance.now() < until);
    const start = performance.now();
    for (let j = 0; j < batch; j++) await call();
    times.push(((performance.now() - start) * 1000) / batch);
  }
  return median(times);
}

/** The engine's own way to a worker, with a kernel that does nothing; the caller takes no part. */
async function openDispatch() {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });
  const module = inlineSharedModule("strict", PAGES);
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
  return {
    async call() {
      recorder.begin(ring.slot);
      recorder.record(true);
      recorder.kernels.heapBase();
      recorder.end();
      const ticket = ring.publish();
      ring.rouse();
      while (!ring.isFinished(ticket)) await ring.wait(ticket);
    },
    close: () => crew.end(),
  };
}

function openEcho() {
  const worker = new Worker(
    "const { parentPort } = require('node:worker_threads'); parentPort.on('message', (m) => parentPort.postMessage(m));",
    { eval: true },
  );
  return {
    call: () =>
      new Promise((resolve) => {
        worker.once("message", resolve);
        worker.postMessage(0);
      }),
    close: () => worker.terminate(),
  };
}

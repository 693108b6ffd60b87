// @ts-check
/**
 * The parallel engine: scaling, small jobs, dispatch. Every result is compared with the synchronous
 * engine's, bit for bit, before it is timed. Rounds in which other programs computed are made again.
 */
import { availableParallelism } from "node:os";
import { createEngine } from "../dist/index.js";
import { startEngine } from "../dist/parallel/startEngine.js";
import { LEAST_ELEMENTS } from "../dist/parallel/startFrom.js";
import { copyBandwidths } from "./harness/copying.mjs";
import { reportDispatch } from "./harness/dispatch.mjs";
import { tensorOf } from "./harness/resident.mjs";
import { raceUndisturbed } from "./harness/undisturbed.mjs";

const cores = availableParallelism();
const counts = cores > 2 ? [1, 2, cores] : [1, 2];

/** Tensors with results into tensors: no bytes of JavaScript memory move. */
const SHAPES = [
  { rows: 256, classes: 32000, why: "32.8 MB: beyond the cache; rows of a vocabulary" },
  { rows: 4096, classes: 1000, why: "16.4 MB: classifier, at the edge of the cache" },
  { rows: 512, classes: 1000, why: "2 MB: in cache" },
  { rows: 1, classes: 1048576, why: "one row: cut along the classes" },
];

/** Bytes are those read and written by an operation that visits each logit once. */
const OPERATIONS = [
  {
    name: "softmax",
    bytes: 8,
    call: (/** @type {any} */ engine, /** @type {any} */ { x, out }) => engine.softmax(x, { out }),
  },
  {
    name: "crossEntropy",
    bytes: 4,
    call: (/** @type {any} */ engine, /** @type {any} */ { x, targets }) =>
      engine.crossEntropy(x, targets),
  },
  {
    name: "crossEntropy + gradient",
    bytes: 8,
    call: (/** @type {any} */ engine, /** @type {any} */ { x, targets, out }) =>
      engine.crossEntropy(x, targets, { grad: out }),
  },
];

/**
 * @param {import("./harness/race.mjs").Effort} effort
 * @param {readonly import("./harness/workload.ts").Build[]} builds the first is measured
 */
export async function report({ rounds, milliseconds, warmup }, [numerics]) {
  const effort = { rounds, milliseconds: 2 * milliseconds, warmup };
  const [one, several] = await copyBandwidths([1, cores], rounds);
  console.log(
    `\nparallel   (${numerics}; ${cores} cores; memory copies ${one.toFixed(1)} GB/s by one core, ${several.toFixed(1)} by all)`,
  );
  const sync = createEngine({ numerics });
  const engines = [];
  for (const threads of counts) engines.push(await startEngine({ threads, numerics }));
  await reportScaling(effort, sync, engines);
  await reportSmall(effort, sync, engines[1]);
  for (const engine of engines) await engine.dispose();
  sync.dispose();
  await reportDispatch(effort);
}

/** @param {import("./harness/race.mjs").Effort} effort @param {any} sync @param {any[]} engines */
async function reportScaling(effort, sync, engines) {
  console.log("scaling, µs a call: × is the gain over this engine with 1 thread");
  for (const { rows, classes, why } of SHAPES) {
    console.log(`${rows}×${classes} (${why})`);
    for (const { name, bytes, call } of OPERATIONS) {
      const runs = await prepare(sync, engines, rows, classes, call);
      const { times, gains, note } = await raceUndisturbed(
        [...runs.slice(1), runs[0]].map(({ run }) => run),
        effort,
      );
      const cells = engines.map(({ threads }, at) => {
        const rate = ((rows * classes * bytes) / times[at] / 1000).toFixed(1);
        const gain = at === 0 ? "" : ` ×${gains[at].toFixed(2)}`;
        return `${threads}: ${times[at].toFixed(0)}${gain} (${rate} GB/s)`;
      });
      const line = [`sync ${times[engines.length].toFixed(0)}`, ...cells].join(" · ");
      console.log(`  ${name.padEnd(24)} ${line}${note}`);
      for (const { close } of runs) close();
    }
  }
}

/** @param {import("./harness/race.mjs").Effort} effort @param {any} sync @param {any} engine */
async function reportSmall(effort, sync, engine) {
  const { threads, numerics } = engine;
  const eager = await startEngine({ threads, numerics }, { leastElements: 1 });
  console.log(
    `\nsmall jobs: softmax, µs a call, × the synchronous engine's time (shared from ${LEAST_ELEMENTS} logits on)`,
  );
  for (const rows of [64, 131, 262, 263, 524, 1048]) {
    const line = [];
    const runs = await prepare(sync, [engine, eager], rows, 1000, OPERATIONS[0].call);
    for (const idle of [0, 1]) {
      const { times, gains, note } = await raceUndisturbed(
        runs.map(({ run }) => run),
        effort,
        idle,
      );
      const [, own, shared] = times.map(
        (time, at) => `${time.toFixed(0)} ×${(1 / gains[at]).toFixed(2)}`,
      );
      const when = idle ? `after ${idle} ms idle: ` : "";
      line.push(
        `${when}sync ${times[0].toFixed(0)} · parallel ${own} · always shared ${shared}${note}`,
      );
    }
    console.log(`  ${`${rows}×1000`.padEnd(10)} ${line.join("   ")}`);
    for (const { close } of runs) close();
  }
  await eager.dispose();
}

/**
 * The call on every engine, checked against the first one's bits.
 *
 * @param {any} sync
 * @param {any[]} engines
 * @param {number} rows
 * @param {number} classes
 * @param {(engine: any, on: any) => any} call
 */
async function prepare(sync, engines, rows, classes, call) {
  const logits = Float32Array.from({ length: rows * classes }, (_, i) => 4 * Math.sin(i * 1.37));
  const targets = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % classes);
  /** @type {{ bits: Buffer, loss: unknown } | undefined} */
  let truth;
  const runs = [];
  for (const engine of [sync, ...engines]) {
    const x = tensorOf(engine, [rows, classes], logits);
    const out = engine.tensor([rows, classes]);
    const run = () => call(engine, { x, targets, out });
    const { loss } = await run();
    const bits = Buffer.from(out.data.slice().buffer);
    truth ??= { bits, loss };
    if (!bits.equals(truth.bits) || !Object.is(loss, truth.loss)) {
      throw new Error("parallel: not the bits of the synchronous engine");
    }
    const close = () => {
      x.dispose();
      out.dispose();
    };
    runs.push({ run, close });
  }
  return runs;
}

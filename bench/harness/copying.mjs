// @ts-check
/** How fast this machine's memory is: arrays of 64 MB copied by one core, and by several at once. */
import { Worker } from "node:worker_threads";
import { undisturbed } from "./undisturbed.mjs";
import { median } from "./race.mjs";

const LENGTH = 2 ** 24;
const COPIES = 8;
const BYTES = COPIES * LENGTH * 4 * 2; // read and written

const SOURCE = `
  const { parentPort } = require("node:worker_threads");
  const from = new Float32Array(${LENGTH}).fill(1);
  const to = new Float32Array(${LENGTH}).fill(2);
  parentPort.on("message", () => {
    for (let i = 0; i < ${COPIES}; i++) to.set(from);
    parentPort.postMessage(0);
  });
`;

/**
 * GB/s read and written, for each number of cores.
 *
 * @param {readonly number[]} counts
 * @param {number} rounds
 */
export async function copyBandwidths(counts, rounds) {
  const workers = Array.from(
    { length: Math.max(...counts) },
    () => new Worker(SOURCE, { eval: true }),
  );
  const copy = (/** @type {Worker} */ worker) =>
    new Promise((resolve) => {
      worker.once("message", resolve);
      worker.postMessage(0);
    });
  await Promise.all(workers.map(copy));
  const results = [];
  for (const count of counts) {
    const { rounds: kept } = await undisturbed(rounds, async () => {
      const start = performance.now();
      await Promise.all(workers.slice(0, count).map(copy));
      return (count * BYTES) / (performance.now() - start) / 1e6;
    });
    results.push(median(kept));
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
  return results;
}

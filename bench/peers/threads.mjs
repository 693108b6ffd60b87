// @ts-check
/**
 * node bench/peers/threads.mjs [--threads N] [--quick]
 *
 * Scaling from one thread to N (all cores) beside tfjs-wasm and onnxruntime-web with as many. Their
 * number of threads is fixed when they start, so each has a process for each number; the processes
 * take turns, and rounds in which other programs computed are made again.
 */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { copyBandwidths } from "../harness/copying.mjs";
import { environmentLine } from "../harness/environment.mjs";
import { median } from "../harness/race.mjs";
import { shapeName } from "../harness/shapes.mjs";
import { digits, textTable } from "../harness/table.mjs";
import { undisturbed } from "../harness/undisturbed.mjs";

const CHILD = fileURLToPath(new URL("threadsChild.mjs", import.meta.url));
const LIBRARIES = ["logits, tensors", "logits, arrays", "tfjs-wasm", "onnxruntime-web"];
const WORKLOADS = ["softmax", "crossEntropy"];
const CASES = [
  { shape: [256, 32000], reason: "32.8 MB: beyond the cache" },
  { shape: [4096, 1000], reason: "16.4 MB: at the edge of the cache" },
];

const { values: given } = parseArgs({
  options: { threads: { type: "string" }, quick: { type: "boolean", default: false } },
});
const many = Number(given.threads ?? availableParallelism());
const effort = given.quick ? { rounds: 3, milliseconds: 60 } : { rounds: 7, milliseconds: 120 };

console.log(environmentLine().replace("one thread", `1 and ${many} threads`));
const [one, all] = await copyBandwidths([1, availableParallelism()], effort.rounds);
console.log(`Memory copies ${one.toFixed(1)} GB/s by one core, ${all.toFixed(1)} by all.`);

/** @type {(ReturnType<typeof start> & { title: string, threads: number })[]} */
const children = [];
for (const library of LIBRARIES) {
  for (const threads of [1, many]) {
    const child = start(library, threads);
    const { title, error } = await child.ask({ start: true });
    if (error) console.log(`Left out: ${library} (${error})`);
    else children.push({ ...child, title, threads });
  }
}
for (const workload of WORKLOADS) {
  for (const shape of CASES) await compare(workload, shape);
}
for (const { stop } of children) stop();

/** @param {string} workload @param {import("../harness/workload.ts").Case} shape */
async function compare(workload, shape) {
  const notes = [];
  for (const { ask } of children) notes.push((await ask({ open: workload, shape })).note);
  let used = 0;
  const { rounds, note } = await undisturbed(
    effort.rounds,
    async () => {
      const times = [];
      for (const { ask } of children) {
        times.push((await ask({ milliseconds: effort.milliseconds })).time);
      }
      // Some spin on for a while when their call is over.
      used = 0;
      for (const { ask } of children) used += (await ask({})).used;
      return times;
    },
    () => used,
  );
  const rows = [];
  for (let at = 0; at < children.length; at += 2) {
    const times = [at, at + 1].map((i) => median(rounds.map((round) => round[i])));
    const gain = median(rounds.map((round) => round[at] / round[at + 1]));
    rows.push([children[at + 1].title, ...times.map(digits), `×${gain.toFixed(2)}`, notes[at + 1]]);
  }
  console.log(`\n${workload}, ${shapeName(shape)} (${shape.reason})${note}`);
  console.log(
    textTable(["", "µs, 1 thread", `µs, ${many} threads`, "gain", ""], rows, new Set([0, 4])),
  );
}

/** @param {string} library @param {number} threads */
function start(library, threads) {
  const child = fork(CHILD, [library, String(threads)]);
  const ask = (/** @type {object} */ question) =>
    new Promise((/** @type {(answer: any) => void} */ resolve, reject) => {
      const ended = () => reject(new Error(`${library} ended`));
      child.once("exit", ended);
      child.once("message", (answer) => {
        child.off("exit", ended);
        resolve(answer);
      });
      child.send(question);
    });
  return { ask, stop: () => child.kill() };
}

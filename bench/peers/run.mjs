// @ts-check
/**
 * npm run bench:peers [-- [--quick | --short] [workload …]]
 *
 * The workloads of npm run bench beside other libraries', in one process and in turns; native code
 * runs in a process of its own, in turns all the same. Peers that are not installed are named and
 * left out. A full run writes its section of docs/benchmarks.md, and so does --short, with fewer and
 * shorter rounds on fewer shapes; earlier numbers are never read.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { errorText } from "../harness/check.mjs";
import { environmentLine } from "../harness/environment.mjs";
import { chosenBuilds, measure, ourContenders } from "../harness/measure.mjs";
import { QUICK_SHAPES, SHORT_SHAPES, shapeName } from "../harness/shapes.mjs";
import { digits, textTable } from "../harness/table.mjs";
import { writeSection } from "./document.mjs";
import { jax } from "./jax.mjs";
import { c, torch } from "./native.mjs";
import { onnxruntimeNode, onnxruntimeWeb } from "./onnxruntime.mjs";
import { tfjs } from "./tfjs.mjs";
import { transformers } from "./transformers.mjs";

/** @typedef {import("../harness/workload.ts").Workload} Workload */

const FULL = { rounds: 7, milliseconds: 20, warmup: 40 };
const QUICK = { rounds: 5, milliseconds: 8, warmup: 20 };
const OPERATIONS = [
  "softmax",
  "logSoftmax",
  "logSumExp",
  "crossEntropy",
  "binaryCrossEntropyWithLogits",
  "sigmoid",
];
const PEERS = [jax, tfjs, onnxruntimeWeb, onnxruntimeNode, transformers, torch, c];
const HEADER = ["shape", "", "ns per logit", "GB/s", "× our time", "max error, ULP"];

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
  },
});
const builds = chosenBuilds(undefined);
const effort = options.quick || options.short ? QUICK : FULL;
const shapes = options.quick ? QUICK_SHAPES : options.short ? SHORT_SHAPES : undefined;
const environment = environmentLine() + (options.short ? " · a short run" : "");
console.log(environment);

/** @type {import("./peer.ts").OpenedPeer[]} */
const peers = [];
/** @type {string[]} */
const missing = [];
for (const peer of PEERS) {
  try {
    peers.push(await peer.open());
  } catch (error) {
    missing.push(`${peer.name} (${error instanceof Error ? error.message.trim() : error})`);
  }
}
console.log(`Beside ${peers.map(({ title }) => title).join(", ")}.`);
for (const each of missing) console.log(`Left out: ${each}`);

/** @type {import("./document.mjs").Result[]} */
const results = [];
for (const operation of OPERATIONS) {
  /** @type {{ workloads: Workload[] }} */
  const { workloads } = await import(`../${operation}.bench.mjs`);
  for (const workload of workloads) {
    if (names.length === 0 || names.includes(workload.name)) results.push(await compare(workload));
  }
}
for (const peer of peers) await peer.close?.();
if (!options.quick && names.length === 0) {
  await writeSection({ environment, missing, results });
}
process.exit(0); // a WebAssembly peer keeps workers

/** @param {Workload} workload */
async function compare(workload) {
  console.log(`\n${workload.name}   (${workload.bytes})`);
  const contenders = [...ourContenders(workload, builds), ...workload.others];
  for (const { title, workloads } of peers) {
    if (!Object.hasOwn(workloads, workload.name)) continue;
    contenders.push({ name: title, open: workloads[workload.name] });
  }
  const cases = [];
  const rows = [];
  for (const given of workload.cases.filter((each) => !shapes || shapes.has(each))) {
    const measurements = await measure(workload, given, contenders, effort);
    cases.push({ given, measurements });
    for (const [at, each] of measurements.entries()) {
      const { name, nanoseconds, gigabytes, ratio, errors } = each;
      const shape = at === 0 ? shapeName(given) : "";
      const figures = [nanoseconds, gigabytes, ratio].map((value) => digits(value));
      rows.push([shape, name, ...figures, errorText(errors)]);
    }
  }
  console.log(textTable(HEADER, rows, new Set([0, 1])));
  return { workload, cases };
}

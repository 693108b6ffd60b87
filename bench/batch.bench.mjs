// @ts-check
/**
 * `logits eval` on files larger than caches, beside the kernel alone and one read of the file:
 *
 *   node bench/batch.bench.mjs [--rows 16384] [--classes 32000] [--dtype float32,float16] [--runs 3]
 *
 * Bytes: rows × classes × 4 (float32) or 2 (float16); the file is written to the folder for temporary
 * files, is in the page cache when it is read, and is removed at the end. "kernel" is
 * Evaluator.update on blocks of the command's size that lie in memory, "read" is one pass over the
 * file in such blocks; eval's time has the start of the process in it. All are run in turns, and the
 * best of the runs counts.
 * CPU time is given beside the time by the clock, as it hardly depends on what else the machine does.
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Evaluator } from "../dist/evaluate/index.js";
import { createEngine } from "../dist/index.js";
import { createRowWriter, writeNpy } from "../dist/io/index.js";

const BLOCK_BYTES = 2 ** 23;
const MAIN = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
/** Tells the most memory that was resident, in KiB, and the CPU time in µs, when the process ends. */
const HOOK =
  "data:text/javascript,process.on('exit',()=>{const{maxRSS,userCPUTime,systemCPUTime}=process.resourceUsage();process.stderr.write('used '+maxRSS+' '+(userCPUTime+systemCPUTime)+'\\n')})";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "16384" },
    classes: { type: "string", default: "32000" },
    dtype: { type: "string", default: "float32,float16" },
    runs: { type: "string", default: "3" },
    threads: { type: "string", default: "1,2" },
  },
});
const [rows, classes, runs] = [values.rows, values.classes, values.runs].map(Number);
const folder = mkdtempSync(path.join(os.tmpdir(), "logits-bench-"));
const processor = os.cpus()[0]?.model.trim();
console.log(`Node ${process.version}, ${os.availableParallelism()} cores, ${processor}`);
console.log(`${rows} × ${classes}`);
try {
  for (const dtype of values.dtype.split(",")) {
    await measure(/** @type {"float32" | "float16"} */ (dtype));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(/** @type {"float32" | "float16"} */ dtype) {
  const width = dtype === "float32" ? 4 : 2;
  const each = Math.floor(BLOCK_BYTES / (classes * width));
  const blocks = Array.from({ length: 8 }, (_, seed) => makeBlock(each, dtype, seed));
  const targets = Int32Array.from({ length: rows }, (_, row) => (row * 7919) % classes);
  const [file, labels] = ["logits.npy", "labels.npy"].map((name) => path.join(folder, name));
  const writer = await createRowWriter(file, { rows });
  for (let row = 0, i = 0; row < rows; row += each, i++) {
    const { data } = blocks[i % blocks.length];
    const count = Math.min(each, rows - row);
    await writer.write({ data: data.subarray(0, count * classes), shape: [count, classes], dtype });
  }
  await writer.finish();
  await writeNpy(labels, { data: targets, shape: [rows] });

  /** The kernel alone: the same blocks again and again. */
  const engine = createEngine();
  const kernel = () => {
    const evaluator = new Evaluator(engine, {
      classes,
      topK: [1, 5],
      hardest: 10,
      ignoreIndex: -100,
    });
    for (let row = 0, i = 0; row < rows; row += each, i++) {
      const count = Math.min(each, rows - row);
      const data = blocks[i % blocks.length].data.subarray(0, count * classes);
      evaluator.update(
        { data, shape: [count, classes], dtype },
        targets.subarray(row, row + count),
      );
    }
    return evaluator.result().loss;
  };
  const buffer = Buffer.alloc(BLOCK_BYTES);
  const read = () => {
    const handle = openSync(file, "r");
    while (readSync(handle, buffer, 0, BLOCK_BYTES, null) > 0);
    closeSync(handle);
  };
  const wanted = kernel();
  const evaluate = (/** @type {string} */ threads) => () => {
    const args = ["--import", HOOK, MAIN, "eval", file, labels, "--json", "--quiet"];
    const child = spawnSync(process.execPath, [...args, "--threads", threads], {
      encoding: "utf8",
    });
    if (child.status !== 0) throw new Error(child.stderr);
    const { loss, count } = JSON.parse(child.stdout);
    if (count !== rows || loss !== wanted) throw new Error(`loss ${loss}, wanted ${wanted}`);
    const [, resident, used] = /used (\d+) (\d+)/.exec(child.stderr) ?? [];
    return { megabytes: Number(resident) / 1024, cpu: Number(used) / 1e6 };
  };
  const threads = values.threads.split(",");
  // In turns, so that a machine that is slower for a while is so for all of them.
  const [alone, once, ...evals] = best([kernel, read, ...threads.map(evaluate)]);
  const { size } = statSync(file);
  console.log(`\n${dtype}: ${size} bytes`);
  const line = (/** @type {string} */ name, /** @type {Best} */ { seconds, cpu }) =>
    `  ${name.padEnd(18)} ${seconds.toFixed(2)} s  ${(size / seconds / 1e9).toFixed(2)} GB/s, ` +
    `${cpu.toFixed(2)} s of CPU`;
  console.log(line("kernel alone", alone));
  console.log(line("one read", once));
  const sum = alone.seconds + once.seconds;
  evals.forEach((one, i) => {
    const { seconds, megabytes } = one;
    console.log(
      `${line(`eval, ${threads[i]} thread${threads[i] === "1" ? "" : "s"}`, one)}, ` +
        `${((100 * sum) / seconds).toFixed(0)} % of kernel + read, ` +
        `${(evals[0].seconds / seconds).toFixed(2)} × ${threads[0]} thread, ` +
        `${megabytes.toFixed(0)} MB resident`,
    );
  });
  engine.dispose();
}

/** Numbers between −8 and 8. */
function makeBlock(
  /** @type {number} */ count,
  /** @type {"float32" | "float16"} */ dtype,
  /** @type {number} */ seed,
) {
  let state = seed + 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
  if (dtype === "float32") {
    return { data: Float32Array.from({ length: count * classes }, () => next() / 2 ** 28 - 8) };
  }
  // Bits of float16: a sign, exponents up to that of 7.99, any fraction.
  const bits = () => ((next() >>> 16) & 0x83ff) | (((next() >>> 8) % 18) << 10);
  return { data: Uint16Array.from({ length: count * classes }, bits) };
}

/**
 * @typedef {{ seconds: number, cpu: number, megabytes: number }} Best
 * @param {(() => unknown)[]} works
 * @returns {Best[]}
 */
function best(works) {
  const found = works.map(() => ({ seconds: Infinity, cpu: Infinity, megabytes: 0 }));
  for (let i = 0; i < runs; i++) {
    for (const [at, work] of works.entries()) {
      const one = found[at];
      const start = performance.now();
      const before = process.cpuUsage();
      const told = /** @type {Partial<Best> | undefined} */ (work());
      one.seconds = Math.min(one.seconds, (performance.now() - start) / 1000);
      const { user, system } = process.cpuUsage(before);
      one.cpu = Math.min(one.cpu, told?.cpu ?? (user + system) / 1e6);
      one.megabytes = Math.max(one.megabytes, told?.megabytes ?? 0);
    }
  }
  return found;
}

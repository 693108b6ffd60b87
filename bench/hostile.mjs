// @ts-check
/**
 * Time and memory until the error, for every file of test/io/hostileFiles.mjs, each in a process of its
 * own: milliseconds of `openRows`, and how far the peak of resident memory rises above that of a good file.
 *
 *   npm run build && node bench/hostile.mjs
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { HOSTILE_FILES, npy } from "../test/io/hostileFiles.mjs";

const io = new URL("../dist/io/index.js", import.meta.url).href;
const child = `
  const { openRows } = await import(${JSON.stringify(io)});
  const { readFileSync } = await import("node:fs");
  // Linux; maxRSS of a process begins with that of the one that started it.
  const peakOf = () => Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1024;
  const [file, options] = process.argv.slice(1);
  const start = performance.now();
  let error = "none";
  try { for await (const block of openRows(file, JSON.parse(options))); } catch (thrown) { error = thrown.code; }
  const ms = performance.now() - start;
  console.log(JSON.stringify({ error, ms, peak: peakOf() }));
`;
const folder = mkdtempSync(path.join(tmpdir(), "logits-hostile-"));

/** @param {string} name @param {Uint8Array} bytes @param {object} options */
function measure(name, bytes, options) {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  const args = ["--input-type=module", "-e", child, file, JSON.stringify(options)];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

const good = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }", 4);
const { peak: base } = measure("good.npy", good, {});
let worstMs = 0;
let worstMb = 0;
console.log(`node ${process.version}, a good file peaks at ${base.toFixed(0)} MB`);
for (const [name, bytes, , options = {}] of HOSTILE_FILES) {
  const { error, ms, peak } = measure(name, bytes(), options);
  const more = Math.max(0, peak - base);
  worstMs = Math.max(worstMs, ms);
  worstMb = Math.max(worstMb, more);
  console.log(
    `${name.padEnd(26)} ${error.padEnd(9)} ${ms.toFixed(0).padStart(5)} ms ${more.toFixed(0).padStart(4)} MB more`,
  );
}
console.log(`worst: ${worstMs.toFixed(0)} ms, ${worstMb.toFixed(0)} MB more than a good file`);
rmSync(folder, { recursive: true });

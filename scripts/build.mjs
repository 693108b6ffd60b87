// @ts-check
/**
 * Builds the package, in three stages:
 *
 *   wasm   assembly/ → build/strict.wasm, build/fma.wasm, each stamped with the version, and
 *          build/unpack.wasm, which unpacks both
 *          → src/wasm/inline.generated.ts (text), version.generated.ts
 *   worker src/parallel/worker.js → src/parallel/worker.generated.ts (its text)
 *   dist   src/ → dist/ (JavaScript without white space, types), and dist/wasm/*.wasm
 *
 *   node scripts/build.mjs               runs all
 *   node scripts/build.mjs --if-needed   skips a stage whose inputs and outputs have the content
 *                                        they had when it last ran; times of files do not matter
 *
 * Exits 1 on a compile error, after the compiler's own diagnostics; dist/ then stays as it was.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { format } from "prettier";
import { packedText } from "./packModule.mjs";

const TARGETS = ["strict", "fma"];
const UNPACKER = binaryOf("unpack");
const INLINE = "src/wasm/inline.generated.ts";
const VERSION = "src/wasm/version.generated.ts";
const GENERATED = "// Written by scripts/build.mjs. Do not edit.\n";
const WORKER = "src/parallel/worker.js";
const INLINE_WORKER = "src/parallel/worker.generated.ts";
/** Name of the custom section that holds the version; src/wasm/stamp.ts reads it. */
const STAMP_SECTION = "logits";
const INNER_COMMENT = /^[ \t]*\/\*\*[\s\S]*?\*\/\n/gm;
const STAMPS = "build/stamps.json";
const COMMON_INPUTS = ["package.json", "scripts/build.mjs", "scripts/packModule.mjs"];

/**
 * @typedef {object} Stage
 * @property {string[]} inputs files and folders the stage reads
 * @property {string[]} outputs files and folders the stage writes
 * @property {() => void | Promise<void>} run
 */

/** @type {Record<string, Stage>} */
const STAGES = {
  wasm: {
    inputs: ["assembly", "asconfig.json", "asconfig.unpack.json", ...COMMON_INPUTS],
    outputs: [...TARGETS.map(binaryOf), UNPACKER, INLINE, VERSION],
    run: buildWasm,
  },
  worker: {
    inputs: [WORKER, ...COMMON_INPUTS],
    outputs: [INLINE_WORKER],
    run: () => writeFileSync(INLINE_WORKER, inlineWorker()),
  },
  dist: {
    inputs: ["src", "tsconfig.json", "tsconfig.node.json", ...COMMON_INPUTS],
    outputs: ["dist"],
    run: buildDist,
  },
};

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const ifNeeded = process.argv.includes("--if-needed");
for (const [name, stage] of Object.entries(STAGES)) {
  const { [name]: stamp, ...others } = readStamps();
  if (ifNeeded && stamp !== undefined && stamp === stampOf(stage)) continue;
  writeStamps(others);
  await stage.run();
  writeStamps({ ...others, [name]: stampOf(stage) });
}

async function buildWasm() {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  mkdirSync("build", { recursive: true });
  for (const target of TARGETS) {
    const seconds = stopwatch();
    await compileAssembly("asconfig.json", "--target", target);
    const compiled = readFileSync(binaryOf(target));
    if (target === "strict") checkImports(compiled);
    const bytes = Buffer.concat([compiled, versionSection(version)]);
    writeFileSync(binaryOf(target), bytes);
    report(binaryOf(target), bytes, seconds());
  }
  const seconds = stopwatch();
  await compileAssembly("asconfig.unpack.json");
  const inline = inlineModule();
  writeFileSync(INLINE, inline);
  report(INLINE, Buffer.from(inline), seconds());
  const constant = `export const VERSION: string = ${JSON.stringify(version)};\n`;
  writeFileSync(VERSION, `${GENERATED}\n${constant}`);
}

/** @param {string} config @param {readonly string[]} options */
async function compileAssembly(config, ...options) {
  // Loaded here because it takes longer to load than a build that is not needed.
  const { default: asc } = await import("assemblyscript/asc");
  const compilation = asc.main(["--config", config, ...options], {
    stdout: process.stdout,
    stderr: process.stderr,
  });
  const { error } = await compilation.catch((thrown) => ({ error: thrown }));
  if (error) fail(`assembly does not compile by ${config}: ${error.message ?? "crash"}`);
}

/** A custom section that says which version of the package a binary belongs to. */
function versionSection(/** @type {string} */ version) {
  const name = Buffer.from(STAMP_SECTION);
  const content = Buffer.concat([Buffer.from([name.length]), name, Buffer.from(version)]);
  if (content.length > 127) fail(`the version is too long for the stamp: ${version}`);
  return Buffer.concat([Buffer.from([0, content.length]), content]);
}

/** Kernels stand on memory alone: an import of `abort` or `trace` means an allocation or assertion. */
function checkImports(/** @type {Buffer<ArrayBuffer>} */ bytes) {
  const others = WebAssembly.Module.imports(new WebAssembly.Module(bytes))
    .map(({ module, name }) => `${module}.${name}`)
    .filter((name) => name !== "env.memory");
  if (others.length > 0) fail(`kernels may import env.memory only, got ${others.join(", ")}`);
}

/** Both builds in one text, where each ends, and the module that reads it; see src/wasm/unpack.ts. */
function inlineModule() {
  const [strict, fma] = TARGETS.map((target) => readFileSync(binaryOf(target)));
  const both = Buffer.concat([strict, fma]);
  return [
    GENERATED,
    `export const ENDS = { strict: ${strict.length}, fma: ${both.length} } as const;`,
    `export const PACKED: string = "${packedText(both)}";`,
    `export const UNPACKER: string = "${readFileSync(UNPACKER, "base64")}";`,
    "",
  ].join("\n");
}

/** The worker as text, without its comments. */
function inlineWorker() {
  const text = readFileSync(WORKER, "utf8").replace(/\/\*\*?[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const lines = text.split("\n").map((line) => line.trim());
  const source = lines.filter((line) => line !== "").join("\n");
  return `${GENERATED}\nexport const WORKER_SOURCE: string =\n  ${JSON.stringify(source)};\n`;
}

async function buildDist() {
  const seconds = stopwatch();
  const next = "build/dist";
  rmSync(next, { recursive: true, force: true });
  compile(next, ["--declaration", "false", "--removeComments"]);
  compile(next, ["--emitDeclarationOnly"]);
  await withoutWhitespace(next);
  dropUnreachableTypes(next);
  await slimTypes(next);
  for (const target of TARGETS) cpSync(binaryOf(target), `${next}/wasm/${target}.wasm`);
  cpSync(WORKER, `${next}/parallel/worker.js`);
  rmSync("dist", { recursive: true, force: true });
  renameSync(next, "dist");
  const scripts = filesUnder("dist").filter((file) => file.endsWith(".js"));
  const bytes = Buffer.concat(scripts.map((file) => readFileSync(file)));
  report(`dist (${scripts.length} scripts)`, bytes, seconds());
}

/**
 * Scripts without comments and white space, in lines short enough that a stack trace still finds its
 * place; every name stays. @param {string} folder
 */
async function withoutWhitespace(folder) {
  const { transform } = await import("esbuild");
  for (const file of filesUnder(folder)) {
    if (!file.endsWith(".js") || file.endsWith("inline.generated.js")) continue;
    const { code } = await transform(readFileSync(file, "utf8"), {
      minifyWhitespace: true,
      lineLimit: 160,
      charset: "utf8",
      target: "es2022",
    });
    writeFileSync(file, code);
  }
}

/** Types that no entry of the package leads to serve nobody. @param {string} folder */
function dropUnreachableTypes(folder) {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
  const entries = Object.values(exports).flatMap(({ types }) => types ?? []);
  const reached = new Set();
  for (const file of entries.map((entry) => entry.replace("./dist", folder))) reached.add(file);
  for (const file of reached) {
    const text = readFileSync(file, "utf8");
    for (const [, specifier] of text.matchAll(/(?:from|import\()\s*"(\.[^"]+)\.js"/g)) {
      reached.add(path.posix.join(path.posix.dirname(file), `${specifier}.d.ts`));
    }
  }
  for (const file of filesUnder(folder)) {
    if (file.endsWith(".d.ts") && !reached.has(file)) rmSync(file);
  }
}

/** The compiler's four spaces a level are a tenth of the types. @param {string} folder */
async function slimTypes(folder) {
  for (const file of filesUnder(folder)) {
    if (!file.endsWith(".d.ts")) continue;
    let text = readFileSync(file, "utf8");
    // Comments are for what callers meet; these rooms they meet only through others' types.
    if (
      /[/\\](memory[/\\](?!tensor|session)|inputs[/\\]|wasm[/\\]|evaluate[/\\](?!index|evaluator)).*\.d\.ts$/.test(
        file,
      )
    )
      text = text.replace(INNER_COMMENT, "");
    writeFileSync(
      file,
      await format(text, { parser: "typescript", useTabs: true, printWidth: 200 }),
    );
  }
}

/** Compiles src into a folder. @param {string} outDir @param {readonly string[]} options */
function compile(outDir, options) {
  const { status } = spawnSync(
    process.execPath,
    [typescriptCompiler(), "--project", "tsconfig.node.json", "--outDir", outDir, ...options],
    { stdio: "inherit" },
  );
  if (status !== 0) fail("src does not compile");
}

function typescriptCompiler() {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve("typescript/package.json");
  return path.join(path.dirname(manifest), require(manifest).bin.tsc);
}

function binaryOf(/** @type {string} */ target) {
  return `build/${target}.wasm`;
}

/** One hash for the content of everything a stage reads and writes. */
function stampOf(/** @type {Stage} */ { inputs, outputs }) {
  const hash = createHash("sha256");
  for (const file of [...inputs, ...outputs].flatMap(filesUnder)) {
    const content = readFileSync(file);
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/** The file itself, or every file below the folder, sorted, with forward slashes; none if absent. */
function filesUnder(/** @type {string} */ root) {
  if (!existsSync(root)) return [];
  if (!statSync(root).isDirectory()) return [root];
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name).replaceAll(path.sep, "/"))
    .sort();
}

/** @returns {Record<string, string>} */
function readStamps() {
  try {
    return JSON.parse(readFileSync(STAMPS, "utf8"));
  } catch {
    return {}; // never built, or interrupted while writing: build
  }
}

function writeStamps(/** @type {Record<string, string>} */ stamps) {
  mkdirSync(path.dirname(STAMPS), { recursive: true });
  writeFileSync(STAMPS, JSON.stringify(stamps, null, 2));
}

function stopwatch() {
  const start = performance.now();
  return () => (performance.now() - start) / 1000;
}

function report(
  /** @type {string} */ what,
  /** @type {Buffer} */ bytes,
  /** @type {number} */ seconds,
) {
  const size = `${bytes.length} bytes, ${gzipSync(bytes).length} gzipped`;
  console.log(`${what.padEnd(20)} ${size}, ${seconds.toFixed(1)} s`);
}

/** @returns {never} */
function fail(/** @type {string} */ message) {
  console.error(`build: ${message}`);
  process.exit(1);
}

// @ts-check
/** Edge runtimes: workerd with the imported module, and the VM of Vercel and Next.js. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { run } from "../command.mjs";
import { findWorkerd, serveWorker } from "./workerd.mjs";

/** @typedef {import("../run.mjs").Target} Target */
/** @typedef {import("../judge.mjs").Check} Check */

const INSTALL = "npm ci --ignore-scripts --prefix test/runtimes";
/** Of linear memory: far below the 128 MB that a Worker has for everything. */
const MOST_BYTES = 8 * 2 ** 20;

/** The first answer and its time, the conformance suite, and what compiling in a request comes to. */
async function askWorker(
  /** @type {string} */ origin,
  /** @type {readonly string[]} of the default entry's exports */ names,
) {
  const ask = async (/** @type {string} */ where) => (await fetch(origin + where)).json();
  const timed = async (/** @type {string} */ where) => {
    const before = performance.now();
    const answer = await ask(where);
    return { answer, time: performance.now() - before };
  };
  const { answer: compile, time: startTime } = await timed("/compile");
  const { answer: first, time: firstTime } = await timed("/first");
  const again = [];
  for (let i = 0; i < 20; i++) again.push((await timed("/first")).time);
  const report = await ask("/suite");
  /** @type {Check[]} */
  const checks = [
    { name: "the first answer", ...unless(Math.abs(first.data[0] - 0.880649) < 1e-6, first.data) },
    {
      name: "exports what the default entry exports",
      ...unless(String(first.names.sort()) === String(names), first.names),
    },
    {
      name: `linear memory is below ${MOST_BYTES} bytes`,
      ...unless(first.heldBytes < MOST_BYTES, first.heldBytes),
    },
    {
      name: "workerd refuses to compile in a request, so nothing was compiled",
      ...unless(/CompileError/.test(compile.error ?? ""), compile.error),
    },
  ];
  const median = again.sort((a, b) => a - b)[10];
  const note =
    `start of the isolate with all modules ${startTime.toFixed(1)} ms, ` +
    `first answer of an engine ${firstTime.toFixed(1)} ms, ` +
    `later ones, each of a fresh engine, ${median.toFixed(1)} ms (median of 20), ` +
    `linear memory ${first.heldBytes} bytes`;
  return { report, checks, note };
}

function unless(/** @type {boolean} */ isRight, /** @type {unknown} */ got) {
  return isRight ? {} : { error: `got ${got}` };
}

function defaultEntry(/** @type {string} */ folder) {
  return import(pathToFileURL(path.join(folder, "node_modules/logits/dist/index.js")).href);
}

/** Every module of the package by its path, with bare names for the two packages. */
function workerModules(/** @type {string} */ folder) {
  const dist = "node_modules/logits/dist";
  const files = [dist, "conformance"].flatMap((part) =>
    readdirSync(path.join(folder, part), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /\.(js|mjs|wasm)$/.test(entry.name))
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))),
  );
  const { exports } = JSON.parse(
    readFileSync(path.join(folder, "node_modules/logits/package.json"), "utf8"),
  );
  const entryOf = (/** @type {string} */ name) =>
    path.posix.join("node_modules/logits", exports[name].workerd.default);
  return {
    entry: entryOf("."),
    parallel: entryOf("./parallel"),
    modules: {
      "programs/worker.mjs": "programs/worker.mjs",
      ...Object.fromEntries(files.map((file) => [file, file])),
    },
  };
}

/** @type {Target} */
const workerd = {
  name: "workerd",
  install: INSTALL,
  find: findWorkerd,
  async run({ folder }, program) {
    const version = (await run(program, ["--version"])).trim().split(" ").at(-1) ?? "?";
    const { entry, parallel, modules } = workerModules(folder);
    // workerd knows modules by name only; these stand for the resolution of bare names.
    writeFileSync(path.join(folder, "programs/logits.mjs"), `export * from "../${entry}";\n`);
    mkdirSync(path.join(folder, "programs/logits"), { recursive: true });
    writeFileSync(
      path.join(folder, "programs/logits/parallel.mjs"),
      `export * from "../../${parallel}";\n`,
    );
    const loader = "node_modules/@assemblyscript/loader/index.js";
    const all = {
      ...modules,
      "programs/logits": "programs/logits.mjs",
      "programs/logits/parallel": "programs/logits/parallel.mjs",
      "node_modules/logits/dist/wasm/@assemblyscript/loader": loader,
    };
    const names = Object.keys(await defaultEntry(folder)).sort();
    const worker = { root: folder, modules: all, name: "conformance" };
    return {
      version,
      ...(await serveWorker(program, worker, (origin) => askWorker(origin, names))),
    };
  },
};

/** @type {Target} */
const edgeVm = {
  name: "edge VM",
  install: INSTALL,
  find({ modules }) {
    const parts = ["@edge-runtime/vm", "esbuild"].map((name) => path.join(modules, name));
    return parts.every((part) => existsSync(part)) ? parts : undefined;
  },
  async run({ folder }, [vmFolder, esbuildFolder]) {
    const require = createRequire(import.meta.url);
    const { EdgeVM } = require(vmFolder);
    const { build } = require(esbuildFolder);
    /** @type {Record<string, WebAssembly.Module>} */
    const wasm = {};
    const { outputFiles } = await build({
      entryPoints: [path.join(folder, "programs/edge.mjs")],
      bundle: true,
      write: false,
      format: "iife",
      conditions: ["edge-light"],
      plugins: [compiledModules(wasm)],
      logLevel: "silent",
    });
    // As in production: the embedder compiles, the code may not.
    const vm = new EdgeVM({
      codeGeneration: { strings: false, wasm: false },
      extend: (/** @type {object} */ context) => Object.assign(context, { wasm }),
    });
    const blocked = vm.evaluate(
      "try { new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])); 'compiled' } catch (error) { String(error) }",
    );
    // Names of the VM's global object are slow to look up.
    const aliases = "const { Math, Number, Object, Float32Array, Float64Array } = globalThis;";
    vm.evaluate(`(() => { ${aliases} ${outputFiles[0].text} })();`);
    const report = await vm.evaluate("report");
    const { version } = require(path.join(vmFolder, "package.json"));
    const names = Object.keys(await defaultEntry(folder)).sort();
    const own = vm.evaluate("String(names.sort())");
    const check = { name: "the VM refuses to compile, so nothing was compiled" };
    const checks = [
      { ...check, ...unless(/CompileError/.test(blocked), blocked) },
      { name: "exports what the default entry exports", ...unless(own === String(names), own) },
    ];
    return { version, report: JSON.parse(JSON.stringify(report)), checks };
  },
};

/** What the platform's bundler does with `./x.wasm?module`: a module compiled at deployment. */
function compiledModules(/** @type {Record<string, WebAssembly.Module>} */ wasm) {
  return {
    name: "wasm-module",
    setup(/** @type {any} */ build) {
      build.onResolve(
        { filter: /\.wasm\?module$/ },
        (/** @type {any} */ { path: name, resolveDir }) => ({
          path: path.join(resolveDir, name.replace("?module", "")),
          namespace: "wasm",
        }),
      );
      build.onLoad({ filter: /.*/, namespace: "wasm" }, (/** @type {any} */ { path: file }) => {
        const name = path.basename(file);
        wasm[name] = new WebAssembly.Module(readFileSync(file));
        return { contents: `export default wasm[${JSON.stringify(name)}];` };
      });
    },
  };
}

/** @type {Target[]} */
export const EDGES = [workerd, edgeVm];

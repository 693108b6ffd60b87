// @ts-check
/**
 * Builds the fixture app with each bundler, with the settings a user starts from. Each gives the
 * scripts of its output, as paths from the folder that is served.
 */
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** @typedef {{ app: string, out: string, base: string, modules: string }} Build */
/** @typedef {(build: Build) => Promise<string[]>} Builder scripts of the page, in `out` */

/** Imports an ES module of the bundlers' own node_modules. */
async function load(/** @type {string} */ modules, /** @type {string} */ name) {
  const folder = path.join(modules, name);
  const manifest = readFileSync(path.join(folder, "package.json"), "utf8");
  const { exports, main, module } = JSON.parse(manifest);
  const own = exports?.["."] ?? exports;
  const choice = own?.import ?? own?.default ?? own ?? module ?? main ?? "index.js";
  const file = typeof choice === "string" ? choice : choice.default;
  return import(pathToFileURL(path.join(folder, file)).href);
}

/** The same of a CommonJS module. Its types are not read: the bundlers may not be installed. */
function loadCommon(/** @type {string} */ modules, /** @type {string} */ name) {
  return createRequire(path.join(modules, name, "package.json"))(name);
}

/** @type {Builder} */
async function vite({ app, out, base, modules }) {
  const { build } = await load(modules, "vite");
  await build({
    root: app,
    base,
    configFile: false,
    logLevel: "error",
    build: { outDir: out, emptyOutDir: true },
  });
  const html = readFileSync(path.join(out, "index.html"), "utf8");
  return [...html.matchAll(/<script[^>]* src="([^"]+)"/g)].map(([, source]) =>
    source.slice(base.length),
  );
}

/** @type {Builder} */
async function webpack({ app, out, base, modules }) {
  const compiler = loadCommon(
    modules,
    "webpack",
  )({
    mode: "production",
    context: app,
    entry: "./main.js",
    output: { path: out, publicPath: base, filename: "main.js" },
    performance: { hints: false },
  });
  const stats = await new Promise((resolve, reject) =>
    compiler.run((/** @type {any} */ error, /** @type {any} */ result) =>
      error ? reject(error) : resolve(result),
    ),
  );
  if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString("errors-warnings"));
  return ["main.js"];
}

/** @type {Builder} */
async function esbuild({ app, out, modules }) {
  const { build } = loadCommon(modules, "esbuild");
  await build({
    entryPoints: [path.join(app, "served.js")],
    bundle: true,
    format: "esm",
    splitting: true,
    outdir: out,
    logLevel: "silent",
  });
  return ["served.js"];
}

/** @type {Builder} */
async function rollup({ app, out, modules }) {
  const rolls = await load(modules, "rollup");
  const { nodeResolve } = await load(modules, "@rollup/plugin-node-resolve");
  const bundle = await rolls.rollup({
    input: path.join(app, "served.js"),
    plugins: [nodeResolve({ browser: true })],
    onwarn(/** @type {any} */ warning) {
      throw new Error(warning.message);
    },
  });
  await bundle.write({ dir: out, format: "es" });
  await bundle.close();
  return ["served.js"];
}

/** @type {Record<string, Builder>} */
export const BUILDERS = { vite, webpack, esbuild, rollup };

/** The app and the suite, below the folder whose node_modules has the unpacked package. */
export function copyApp(/** @type {string} */ root, /** @type {string} */ folder) {
  for (const part of ["bundlers/app", "runtimes/conformance"]) {
    cpSync(path.join(root, "test", part), path.join(folder, part), { recursive: true });
  }
  return path.join(folder, "bundlers/app");
}

/** Bytes of the JavaScript and of the wasm that a build wrote. */
export function sizesOf(/** @type {string} */ out) {
  const files = readdirSync(out, { withFileTypes: true, recursive: true }).filter((entry) =>
    entry.isFile(),
  );
  const total = (/** @type {RegExp} */ pattern) =>
    files
      .filter(({ name }) => pattern.test(name))
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name)).length)
      .reduce((sum, bytes) => sum + bytes, 0);
  return { scripts: total(/\.m?js$/), wasm: total(/\.wasm$/) };
}

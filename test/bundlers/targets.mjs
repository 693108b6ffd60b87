// @ts-check
/** Each bundler's output is loaded and run: in Chromium, and what wrangler makes in workerd. */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { run } from "../runtimes/command.mjs";
import { ISOLATED, page, visit } from "../runtimes/targets/browser.mjs";
import { chromium, findChromium } from "../runtimes/targets/browsers.mjs";
import { findWorkerd, serveWorker } from "../runtimes/targets/workerd.mjs";
import { classifyChecks } from "../runtimes/targets/examples.mjs";
import { BUILDERS, copyApp, sizesOf } from "./builders.mjs";

/** @typedef {import("../runtimes/run.mjs").Target} Target */

const INSTALL = "npm ci --ignore-scripts --prefix test/bundlers; chromium";

function versionOf(/** @type {string} */ modules, /** @type {string} */ name) {
  return JSON.parse(readFileSync(path.join(modules, name, "package.json"), "utf8")).version;
}

/** @returns {Target} */
function bundler(
  /** @type {string} */ name,
  /** @type {import("./builders.mjs").Builder} */ build,
) {
  return {
    name,
    install: INSTALL,
    find: ({ bundlers }) =>
      existsSync(path.join(bundlers, name, "package.json")) ? findChromium() : undefined,
    async run(context, program) {
      const { root, folder, bundlers } = context;
      const out = path.join(folder, "bundles", name);
      const base = `/bundles/${name}/`;
      mkdirSync(out, { recursive: true });
      const scripts = await build({ app: copyApp(root, folder), out, base, modules: bundlers });
      const tags = scripts.map((file) => `<script type="module" src="${base}${file}"></script>`);
      const [report] = await visit(context, chromium(program), [
        page(name, tags.join("\n"), ISOLATED),
      ]);
      const version = versionOf(bundlers, name);
      if (report.error) return { version, checks: [{ name: "loads", error: report.error }] };
      const bytes = sizesOf(out);
      const note = `test app ${bytes.scripts} bytes of scripts, ${bytes.wasm} bytes of wasm files`;
      return { version, report, note };
    },
  };
}

/** @type {Target} */
const wrangler = {
  name: "wrangler and workerd",
  install: "npm ci --ignore-scripts --prefix test/runtimes, and --prefix test/bundlers",
  find(context) {
    const cli = path.join(context.bundlers, "wrangler/bin/wrangler.js");
    const node = path.join(context.modules, "node24/bin/node");
    const workerd = findWorkerd(context);
    return workerd && existsSync(cli) && existsSync(node) ? { cli, node, workerd } : undefined;
  },
  async run({ root, folder, bundlers }, { cli, node, workerd }) {
    const app = path.join(folder, "examples/worker");
    const out = path.join(folder, "bundles/wrangler");
    cpSync(path.join(root, "examples/worker"), app, { recursive: true });
    const text = await run(node, [cli, "deploy", "--dry-run", "--outdir", out], {
      cwd: app,
      env: { WRANGLER_SEND_METRICS: "false", HOME: folder, XDG_CONFIG_HOME: folder, CI: "1" },
    });
    const size = /Total Upload: .+/.exec(text)?.[0] ?? "no size";
    const files = readdirSync(out).filter((name) => /\.(js|wasm)$/.test(name));
    // The first module of a Worker is its main one.
    files.sort((a, b) => Number(a.endsWith(".wasm")) - Number(b.endsWith(".wasm")));
    const modules = Object.fromEntries(files.map((name) => [name, name]));
    const worker = { root: out, modules, name: "classify" };
    let milliseconds = 0;
    const checks = await serveWorker(workerd, worker, async (origin) => {
      const before = performance.now();
      await fetch(origin).then((response) => response.text());
      milliseconds = performance.now() - before;
      return classifyChecks(origin);
    });
    const wasm = files.filter((name) => name.endsWith(".wasm")).length;
    const inlined = readFileSync(path.join(out, files[0]), "utf8").includes("0061736d01000000");
    checks.push(
      wasm === 2 ? { name: "imports both modules" } : { name: "modules", error: `got ${wasm}` },
      inlined ? { name: "no inline wasm", error: "found as text" } : { name: "no inline wasm" },
    );
    return {
      version: versionOf(bundlers, "wrangler"),
      checks,
      note: `examples/worker: ${size}; ${milliseconds.toFixed(0)} ms until its isolate answers`,
    };
  },
};

/** @type {Target[]} */
export const BUNDLERS = [
  ...Object.entries(BUILDERS).map(([name, build]) => bundler(name, build)),
  wrangler,
];

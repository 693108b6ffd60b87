// @ts-check
/** The package as it is published: its manifest, its types, its dependencies, a fresh install. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import process from "node:process";
import { gzipSync } from "node:zlib";
import { run } from "../runtimes/command.mjs";
import { check } from "../runtimes/targets/examples.mjs";

/** @typedef {import("../runtimes/run.mjs").Context} Context */
/** @typedef {import("../runtimes/run.mjs").Target} Target */

const MOST_BYTES = 1_000_000;

/** @returns {Target} */
function tool(
  /** @type {string} */ name,
  /** @type {string} */ packageName,
  /** @type {(context: Context & { tarball: string }) => string[]} */ argumentsOf,
) {
  return {
    name,
    install: "npm ci --ignore-scripts --prefix test/package",
    find({ root }) {
      const folder = path.join(root, "test/package/node_modules", packageName);
      return existsSync(folder) ? folder : undefined;
    },
    async run(context, folder) {
      const { bin, version } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
      const file = typeof bin === "string" ? bin : bin[name];
      const args = argumentsOf({ ...context, tarball: tarballIn(context.folder) });
      const checks = [{ name: "has no complaint" }];
      try {
        await run(process.execPath, [path.join(folder, file), ...args], { cwd: context.root });
      } catch (error) {
        checks[0] = Object.assign(checks[0], { error: String(error) });
      }
      return { version, checks };
    },
  };
}

function tarballIn(/** @type {string} */ folder) {
  const name = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  return path.join(folder, name ?? "no tarball");
}

/** Bytes of a JavaScript entry with all that it imports from the package, and gzipped. */
function entrySize(
  /** @type {string} */ file,
  seen = /** @type {Map<string, Buffer>} */ (new Map()),
) {
  if (seen.has(file)) return seen;
  const text = readFileSync(file);
  seen.set(file, text);
  for (const [, specifier] of text.toString().matchAll(/from ?"(\.[^"]+\.(?:js|wasm)\b)[^"]*"/g)) {
    entrySize(path.join(path.dirname(file), specifier), seen);
  }
  return seen;
}

const sizeText = (/** @type {string} */ name, /** @type {string} */ file) => {
  const all = Buffer.concat([...entrySize(file).values()]);
  return `${name} ${all.length} bytes, ${gzipSync(all).length} gzipped`;
};

/** @type {Target} */
const freshInstall = {
  name: "npm install TARBALL",
  install: "npm ci --ignore-scripts --prefix test/package",
  // It asks the registry for the one dependency, so it is run where the other tools are.
  find: ({ root }) =>
    existsSync(path.join(root, "test/package/node_modules")) ? "npm" : undefined,
  async run({ folder }, npm) {
    const app = path.join(folder, "fresh");
    mkdirSync(app, { recursive: true });
    writeFileSync(path.join(app, "package.json"), '{ "private": true }\n');
    await run(npm, ["install", "--no-audit", "--no-fund", "--prefer-offline", tarballIn(folder)], {
      cwd: app,
      seconds: 120,
    });
    const lock = JSON.parse(readFileSync(path.join(app, "package-lock.json"), "utf8"));
    const installed = Object.entries(lock.packages).filter(([name]) => name !== "");
    const own = path.join(app, "node_modules/logits");
    const files = readdirSync(own, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    const scripts = JSON.parse(readFileSync(path.join(own, "package.json"), "utf8")).scripts ?? {};
    const hooks = ["preinstall", "install", "postinstall", "prepare"];
    const program = "console.log(require('logits').createEngine().argmax([1, 3, 2]).data[0])";
    const printed = execFileSync(process.execPath, ["-e", program], { cwd: app, encoding: "utf8" });
    const entries = ["index.js", "url.js", "workerd.js", "edgeLight.js"].map((name) =>
      sizeText(name, path.join(own, "dist", name)),
    );
    return {
      version: "",
      checks: [
        check("brings one dependency", installed.map(([name]) => name).sort(), [
          "node_modules/@assemblyscript/loader",
          "node_modules/logits",
        ]),
        check(
          "runs no install script",
          installed.some(([, one]) => one.hasInstallScript),
          false,
        ),
        check(
          "declares none",
          hooks.filter((name) => name in scripts),
          [],
        ),
        check("is below 1 MB unpacked", bytes < MOST_BYTES),
        check("computes", printed.trim(), "1"),
      ],
      note: `${files.length} files, ${bytes} bytes; unminified with all they import: ${entries.join("; ")}`,
    };
  },
};

/** Ways to resolve the package's types. */
const RESOLUTIONS = [
  "--module nodenext",
  "--module esnext --moduleResolution bundler",
  "--module esnext --moduleResolution bundler --customConditions workerd",
  "--module esnext --moduleResolution bundler --customConditions edge-light",
];

/** @type {Target} */
const types = {
  name: "types",
  install: "npm ci",
  find: ({ root }) => path.join(root, "node_modules/typescript"),
  async run({ root, folder }, typescript) {
    const { version, bin } = JSON.parse(
      readFileSync(path.join(typescript, "package.json"), "utf8"),
    );
    cpSync(path.join(root, "test/package/types"), path.join(folder, "types"), { recursive: true });
    const common =
      "--ignoreConfig --noEmit --strict --target es2022 --lib es2025,esnext.disposable,dom";
    const checks = [];
    for (const resolution of RESOLUTIONS) {
      const words = `${common} ${resolution} types/use.ts`.split(" ");
      const compiler = [path.join(typescript, bin.tsc), "--types", "", ...words];
      try {
        await run(process.execPath, compiler, { cwd: folder });
        checks.push({ name: resolution });
      } catch (error) {
        checks.push({ name: resolution, error: String(error) });
      }
    }
    return { version, checks };
  },
};

/** @type {Target[]} */
export const PACKAGE = [
  types,
  tool("publint", "publint", ({ tarball }) => ["run", tarball, "--strict"]),
  tool("attw", "@arethetypeswrong/cli", ({ tarball }) => [
    tarball,
    "--profile=esm-only",
    "--format=ascii",
    "--exclude-entrypoints",
    "./wasm/strict.wasm",
    "./wasm/fma.wasm",
    "./parallel/worker",
  ]),
  tool("knip", "knip", () => [
    "--config",
    "test/package/knip.json",
    "--include",
    "dependencies,unlisted,binaries",
  ]),
  freshInstall,
];

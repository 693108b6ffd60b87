// @ts-check
/** Runtimes that run a file and print: Node in its versions, Deno, Bun. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { findProgram, run } from "../command.mjs";

/** @typedef {import("../run.mjs").Context} Context */
/** @typedef {import("../run.mjs").Target} Target */

const INSTALL = "npm ci --ignore-scripts --prefix test/runtimes";

/** @returns {Target} */
function node(
  /** @type {string} */ name,
  /** @type {(context: Context) => string | undefined} */ find,
  /** @type {string[]} */ flags = [],
) {
  return {
    name,
    install: INSTALL,
    find,
    async run({ folder, origin }, program) {
      const version = (await run(program, ["--version"])).trim().slice(1);
      const report = JSON.parse(
        await run(program, [...flags, "programs/main.mjs", origin], { cwd: folder }),
      );
      const required = JSON.parse(await run(program, ["programs/require.cjs"], { cwd: folder }));
      const isRight = required.best === 1 && required.isTyped;
      report.checks.push({ name: "require()", ...(isRight ? {} : { error: "wrong results" }) });
      return { version, report };
    },
  };
}

/** @returns {Target} */
function script(
  /** @type {string} */ name,
  /** @type {string} */ scope,
  /** @type {string[]} */ args,
  /** @type {RegExp} */ pattern,
) {
  return {
    name,
    install: INSTALL,
    find: ({ modules }) => findProgram(name.toLowerCase(), foldersBelow(path.join(modules, scope))),
    async run({ folder, origin }, program) {
      const version = pattern.exec(await run(program, ["--version"]))?.[1] ?? "?";
      const output = await run(program, [...args, "programs/main.mjs", origin], { cwd: folder });
      return { version, report: JSON.parse(output) };
    },
  };
}

/** Binary packages of a scope: they run without their wrapper's install script. */
function foldersBelow(/** @type {string} */ scope) {
  if (!existsSync(scope)) return [];
  return readdirSync(scope).flatMap((name) => [
    path.join(scope, name),
    path.join(scope, name, "bin"),
  ]);
}

const installed =
  (/** @type {number} */ major) =>
  (/** @type {Context} */ { modules }) => {
    const file = path.join(modules, `node${major}/bin/node`);
    return existsSync(file) ? file : undefined;
  };

/** @type {Target[]} */
export const SCRIPTS = [
  node("this Node", () => process.execPath),
  node("Node 20", installed(20)),
  node("Node 20, relaxed SIMD", installed(20), ["--experimental-wasm-relaxed-simd"]),
  node("Node 22", installed(22)),
  node("Node 24", installed(24)),
  node("Node 26", installed(26)),
  script("Deno", "@deno", ["run", "-A", "--no-lock"], /deno (\S+)/),
  script("Bun", "@oven", [], /(\S+)/),
];

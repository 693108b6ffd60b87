// @ts-check
/** Serves Workers with workerd itself. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram, start } from "../command.mjs";

/** @typedef {import("../run.mjs").Context} Context */

const COMPATIBILITY_DATE = "2026-11-01";

/** The binary itself: stopping its npm wrapper would leave it running. */
export function findWorkerd(/** @type {Context} */ { modules }) {
  const scope = path.join(modules, "@cloudflare");
  if (!existsSync(scope)) return undefined;
  return findProgram(
    "workerd",
    readdirSync(scope).map((name) => path.join(scope, name, "bin")),
  );
}

/**
 * Serves a Worker of ES modules and compiled wasm modules, by their names from `root`, and calls
 * `use` with its address.
 *
 * @template Result
 * @param {string} program workerd
 * @param {{ root: string, modules: Record<string, string>, name: string }} worker names and files
 * @param {(origin: string) => Promise<Result>} use
 * @returns {Promise<Result>}
 */
export async function serveWorker(program, { root, modules, name }, use) {
  const port = await freePort();
  const list = Object.entries(modules).map(([module, file]) => {
    const kind = file.endsWith(".wasm") ? "wasm" : "esModule";
    return `(name = "${module}", ${kind} = embed "${file}")`;
  });
  const config = path.join(root, `${name}.capnp`);
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
const worker :Workerd.Worker = (
  compatibilityDate = "${COMPATIBILITY_DATE}",
  modules = [
    ${list.join(",\n    ")}
  ]
);
`,
  );
  const server = start(program, ["serve", config], { cwd: root });
  try {
    await listening(port, server);
    return await use(`http://127.0.0.1:${port}`);
  } catch (error) {
    throw new Error(`${error}; workerd said ${server.errors().slice(-1500)}`, { cause: error });
  } finally {
    await server.stop();
  }
}

async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until the port takes connections; no request is sent, so the first one is the test's. */
async function listening(
  /** @type {number} */ port,
  /** @type {ReturnType<typeof start>} */ server,
) {
  for (let tries = 0; tries < 200; tries++) {
    const socket = net.connect(port, "127.0.0.1");
    const isOpen = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    if (server.process.exitCode !== null) break;
    await sleep(50);
  }
  throw new Error("workerd does not listen");
}

// @ts-check
/** Running other programs: to their end, or until they are stopped with all their children. */
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

/** Path of a program on PATH or in one of `places`; undefined if there is none. */
export function findProgram(/** @type {string} */ name, places = /** @type {string[]} */ ([])) {
  const folders = [...places, ...(process.env.PATH ?? "").split(path.delimiter)];
  return folders
    .map((folder) => path.join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Runs a program to its end and gives what it printed; throws if it fails or takes too long.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string | undefined, env?: NodeJS.ProcessEnv | undefined, seconds?: number }} [options]
 * @returns {Promise<string>}
 */
export async function run(program, args, { cwd, env, seconds = 60 } = {}) {
  const child = start(program, args, { cwd, env });
  const isLate = sleep(seconds * 1000, "late", { ref: false });
  const ended = new Promise((resolve) => child.process.on("close", resolve));
  const status = await Promise.race([ended, isLate]);
  if (status !== 0) {
    child.stop();
    const why = status === "late" ? `still runs after ${seconds} s` : `exits with ${status}`;
    throw new Error(
      `${path.basename(program)} ${why}: ${(child.errors() + child.output()).slice(-2000)}`,
    );
  }
  return child.output();
}

/**
 * Starts a program in a process group of its own, so that stop() ends it with its children.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string | undefined, env?: NodeJS.ProcessEnv | undefined }} [options]
 */
export function start(program, args, { cwd, env } = {}) {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [output, errors] = ["", ""];
  child.stdout.on("data", (text) => (output += text));
  child.stderr.on("data", (text) => (errors += text));
  child.on("error", (error) => (errors += error));
  const ended = new Promise((resolve) => child.on("close", resolve));
  let isEnded = false;
  ended.then(() => (isEnded = true));
  return {
    process: child,
    output: () => output,
    errors: () => errors,
    async stop() {
      if (child.pid === undefined || isEnded) return;
      for (const signal of /** @type {const} */ (["SIGTERM", "SIGKILL"])) {
        try {
          process.kill(-child.pid, signal);
        } catch {
          return; // the whole group has ended
        }
        await Promise.race([ended, sleep(2000)]);
      }
    },
  };
}

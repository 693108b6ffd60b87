// @ts-check
/**
 * Contenders in a process of their own, which times itself. One request a line, its words separated by tabs; one reply a line:
 *
 *   open WORKLOAD FOLDER SETS AXIS SHAPE…   → "ok", or "skip" where it cannot
 *   round MILLISECONDS                      → "ms" and the median time of a call
 *   outcome INDEX                           → "loss" and the mean loss, or "none"; values in FOLDER/values
 *   close                                   → "ok"
 *
 * FOLDER holds logits0, targets0, labels0, logits1, … as raw float32, int32 and float32.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

/** @typedef {import("./peer.ts").Open} Open */

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {readonly string[]} workloads
 */
export async function openChild(command, args, workloads) {
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: "1" },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exit = new Promise((_, reject) => {
    child.on("error", reject);
    child.on("exit", (status) => reject(new Error(`${command} ended with status ${status}`)));
  });
  exit.catch(() => {}); // it is awaited together with every reply

  /** @param {readonly (string | number)[]} words @returns {Promise<string[]>} */
  async function ask(...words) {
    child.stdin.write(`${words.join("\t")}\n`);
    const { value } = /** @type {IteratorResult<string>} */ (
      await Promise.race([lines.next(), exit])
    );
    return String(value).split(" ");
  }

  /** @param {string} workload @returns {Open} */
  const open = (workload) => async (inputs) => {
    const folder = mkdtempSync(path.join(tmpdir(), "logits-bench-"));
    const file = (/** @type {string} */ name) => path.join(folder, name);
    for (const [index, { logits, targets, labels }] of inputs.entries()) {
      writeFileSync(file(`logits${index}`), logits);
      writeFileSync(file(`targets${index}`), targets);
      writeFileSync(file(`labels${index}`), labels);
    }
    const [{ axis, shape }] = inputs;
    const [reply] = await ask("open", workload, folder, inputs.length, axis, ...shape);
    const close = async () => {
      await ask("close");
      rmSync(folder, { recursive: true });
    };
    if (reply !== "ok") {
      await close();
      return undefined;
    }
    return {
      measure: async (milliseconds) => Number((await ask("round", milliseconds))[1]),
      async outcome(index) {
        const [kind, loss] = await ask("outcome", index);
        const values = existsSync(file("values"))
          ? floats(readFileSync(file("values")))
          : undefined;
        return { ...(kind === "loss" && { loss: Number(loss) }), ...(values && { values }) };
      },
      close,
    };
  };
  const title = (await ask("title")).join(" ");
  return {
    title,
    workloads: Object.fromEntries(workloads.map((name) => [name, open(name)])),
    close: () => {
      child.removeAllListeners("exit");
      child.stdin.end();
    },
  };
}

/** @param {Buffer} bytes */
function floats(bytes) {
  return new Float32Array(new Uint8Array(bytes).buffer);
}

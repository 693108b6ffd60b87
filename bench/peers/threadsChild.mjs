// @ts-check
/**
 * A library with a number of threads, for threads.mjs: answers each message with one.
 *
 *   { start }           → { title }, or { error } where it is not installed
 *   { open, shape }     → { note }: a workload is prepared and its result checked
 *   { milliseconds }    → { time }: median µs of a call
 *   {}                  → { used }: ms of the cores that this process has taken
 */
import process from "node:process";
import { createParallelEngine } from "../../dist/parallel/index.js";
import { checkOutcome, errorText } from "../harness/check.mjs";
import { inputsOf } from "../harness/inputs.mjs";
import { tensorOf } from "../harness/resident.mjs";
import { timeOf } from "../harness/undisturbed.mjs";
import { onnxruntimeWeb } from "./onnxruntime.mjs";
import { tfjs } from "./tfjs.mjs";

/** @typedef {import("./peer.ts").Open} Open */

const [library, count] = process.argv.slice(2);
const threads = Number(count);

/** @type {Record<string, () => Promise<import("./peer.ts").OpenedPeer>>} */
const LIBRARIES = {
  "logits, tensors": () => openOurs(true),
  "logits, arrays": () => openOurs(false),
  "tfjs-wasm": () => tfjs.open(threads),
  "onnxruntime-web": () => onnxruntimeWeb.open(threads),
};

/** @type {import("./peer.ts").OpenedPeer | undefined} */
let peer;
/** @type {Awaited<ReturnType<Open>>} */
let prepared;

/** @param {any} message */
async function answer({ start, open, shape, milliseconds }) {
  if (start) {
    try {
      peer = await LIBRARIES[library]();
      return { title: peer.title };
    } catch (error) {
      return { error: error instanceof Error ? error.message.trim() : String(error) };
    }
  }
  if (open) {
    await prepared?.close?.();
    const inputs = inputsOf(shape).slice(0, 1);
    const { workloads } = await import(`../${open}.bench.mjs`);
    prepared = await peer?.workloads[open](inputs);
    const errors = checkOutcome(
      (await prepared?.outcome(0)) ?? {},
      workloads[0].reference(inputs[0]),
    );
    return { note: errors.refused ?? `error ${errorText(errors)} ULP` };
  }
  if (milliseconds) {
    return { time: await timeOf(() => prepared?.run?.(0), milliseconds) };
  }
  const { user, system } = process.cpuUsage();
  return { used: (user + system) / 1000 };
}

/** @param {boolean} resident tensors in and out, else arrays */
async function openOurs(resident) {
  const engine = await createParallelEngine({ threads });
  /** @type {Open} */
  const softmax = ([{ logits, shape }]) => {
    const x = resident
      ? tensorOf(/** @type {any} */ (engine), shape, logits)
      : { data: logits, shape };
    const out = resident ? engine.tensor(shape) : new Float32Array(logits.length);
    const run = () => engine.softmax(x, /** @type {any} */ ({ out }));
    return {
      run,
      outcome: async () => ({ values: (await run()).data.slice() }),
      close: () => [x, out].forEach((one) => /** @type {any} */ (one).dispose?.()),
    };
  };
  /** @type {Open} */
  const crossEntropy = ([{ logits, shape, targets }]) => {
    const x = resident
      ? tensorOf(/** @type {any} */ (engine), shape, logits)
      : { data: logits, shape };
    const run = () => engine.crossEntropy(x, targets);
    return {
      run,
      outcome: async () => ({ loss: (await run()).loss }),
      close: () => /** @type {any} */ (x).dispose?.(),
    };
  };
  return { title: `${library}, ${engine.threads} threads`, workloads: { softmax, crossEntropy } };
}

process.on("message", async (message) => {
  const reply = await answer(message).catch((error) => ({ note: String(error) }));
  process.send?.(reply);
});

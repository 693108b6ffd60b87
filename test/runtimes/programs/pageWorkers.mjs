// @ts-check
/**
 * An isolated page whose Content-Security-Policy allows no worker from a blob: URL. Without
 * createWorker the engine is alone and says so; with it the workers come from a file of their own.
 */
import * as logits from "logits";
import * as parallel from "logits/parallel";
import { parallelChecks } from "../conformance/parallel.mjs";

const isShared = crossOriginIsolated && typeof SharedArrayBuffer === "function";
const reason = isShared ? undefined : /^no shared memory/;
const createWorker = () =>
  new Worker("/node_modules/logits/dist/parallel/worker.js", { type: "module" });
const alone = await parallel.createParallelEngine({ threads: 2 });
const refused = isShared
  ? /^workers could not be started .*pass createWorker$/
  : /^no shared memory/;
const name = "parallel: blob: workers are forbidden, and the reason says so";
const isSaid = alone.threads === 1 && refused.test(alone.threadsReason);
const detail = {
  checks: [
    isSaid ? { name } : { name, error: `${alone.threads} threads: ${alone.threadsReason}` },
    ...(await parallelChecks(parallel, logits, { reason, createWorker })),
  ],
};
dispatchEvent(new CustomEvent("result", { detail }));

// @ts-check
/** A worker of the queue as a process of its own, so that it can be killed. */
import process from "node:process";
import { createShardWorker } from "logits/queue";

const [connection, name] = process.argv.slice(2);
await createShardWorker({ connection, name, threads: 1, lockDuration: 1000, checkpointSeconds: 0 });
process.send?.("ready");

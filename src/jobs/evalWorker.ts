/**
 * A thread that takes part in an evaluation: evalTable.ts starts it with a plan, tells it until when to
 * work, and is told what has come together.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { Numerics } from "../types.js";
import type { EvalPlan } from "./evalControl.js";
import { EvalPart } from "./evalPart.js";
import { openSession } from "./session.js";

interface Start {
  readonly plan: EvalPlan;
  readonly numerics: Numerics;
  readonly module: WebAssembly.Module;
  readonly thread: number;
}

const { plan, numerics, module, thread } = workerData as Start;
const part = new EvalPart(
  plan,
  openSession(numerics, () => module),
  thread,
);
parentPort!.on("message", (until: number) => {
  void part.run(until).then((done) => parentPort!.postMessage(done));
});

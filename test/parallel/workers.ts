/** Workers that a test can reach: started as the engine does it, and kept in a list. */
import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";

const FILE = new URL("../../src/parallel/worker.js", import.meta.url);

export class Workers {
  readonly all: Worker[] = [];

  readonly create = (): Worker => {
    const worker = new Worker(readFileSync(FILE, "utf8"), { eval: true, execArgv: [] });
    this.all.push(worker);
    return worker;
  };

  /** The newest worker. */
  get last(): Worker {
    return this.all.at(-1)!;
  }
}

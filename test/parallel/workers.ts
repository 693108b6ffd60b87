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

  /** One that does `fault`, a statement, when it has claimed its first piece; `wait` is Atomics.wait. */
  readonly createFaulty = (fault: string): Worker => {
    const prelude = `{
      const { compareExchange, wait } = Atomics;
      Atomics.compareExchange = (...given) => {
        const found = compareExchange(...given);
        Atomics.compareExchange = compareExchange;
        ${fault};
        return found;
      };
    }`;
    const options = { eval: true, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: 32 } };
    const worker = new Worker(prelude + readFileSync(FILE, "utf8"), options);
    this.all.push(worker);
    return worker;
  };

  /** The newest worker. */
  get last(): Worker {
    return this.all.at(-1)!;
  }
}

/**
 * Runs in a page: every case for 1, 2, 3, 4 and 8 threads, a lost worker; posts what it found. A page that is
 * not isolated has no threads to count.
 */
import { type LogitsError, createEngine } from "../../src/index.ts";
import { type ParallelEngine, createParallelEngine } from "../../src/parallel/index.ts";
import { startEngine } from "../../src/parallel/startEngine.ts";
import { bitsOf } from "./bits.ts";
import { type Arguments, CASES, type Maker } from "./cases.ts";

export interface Report {
  readonly isolated: boolean;
  /** Threads at work and the reason, as a default engine says. */
  readonly threads: number;
  readonly threadsReason: string;
  /** Cases compared, and those whose bits differ: "threads name index". */
  readonly cases: number;
  readonly differing: readonly string[];
  /** How a call ended whose worker was ended, and the next one. */
  readonly lost: string;
  readonly after: string;
  readonly error?: string;
}

type Call = (...given: unknown[]) => unknown;

const run = async (engine: Maker, name: string, given: Arguments): Promise<string> =>
  bitsOf(await (engine as unknown as Record<string, Call>)[name](...given(engine)));

async function compare(): Promise<Pick<Report, "cases" | "differing">> {
  let cases = 0;
  const differing: string[] = [];
  const expected = new Map<string, string>();
  for (const [name, list] of Object.entries(CASES)) {
    for (const [i, given] of list.entries()) {
      const sync = createEngine({ numerics: "strict" });
      expected.set(`${name} ${i}`, await run(sync, name, given));
      sync.dispose();
    }
  }
  for (const threads of crossOriginIsolated ? [1, 2, 3, 4, 8] : [2]) {
    const engine = await startEngine({ threads, numerics: "strict" }, { leastElements: 0 });
    for (const [name, list] of Object.entries(CASES)) {
      for (const [i, given] of list.entries()) {
        cases++;
        if ((await run(engine, name, given)) !== expected.get(`${name} ${i}`)) {
          differing.push(`${threads} ${name} ${i}`);
        }
      }
    }
    await engine.dispose();
  }
  return { cases, differing };
}

async function lose(): Promise<Pick<Report, "lost" | "after">> {
  let worker: Worker | undefined;
  const createWorker = (): Worker => (worker = new Worker("/worker.js", { type: "module" }));
  const engine: ParallelEngine = await startEngine(
    { threads: 2, createWorker },
    { leastElements: 1, takesPart: false },
  );
  const outcome = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => "done",
      (error: LogitsError) => error.code,
    );
  const row = engine.tensor([1, 2 ** 22]);
  row.data.set(Float32Array.from({ length: row.length }, (_, i) => i % 1000003));
  const call = outcome(engine.topK(row, 2 ** 19));
  await new Promise((resolve) => setTimeout(resolve, 50));
  worker?.terminate();
  const lost = await call;
  // A worker that was allowed to finish its piece is missed by the next call only.
  const x = { data: new Float32Array(2 ** 20), shape: [1024, 1024] };
  let after = "";
  for (let i = 0; i < 3 && after !== "done"; i++) after = await outcome(engine.softmax(x));
  await engine.dispose();
  return { lost, after };
}

async function report(): Promise<Report> {
  const engine = await createParallelEngine();
  const { threads, threadsReason } = engine;
  await engine.dispose();
  const isolated = crossOriginIsolated;
  const loss = isolated ? await lose() : { lost: "", after: "" };
  return { isolated, threads, threadsReason, ...(await compare()), ...loss };
}

const found = await report().catch((error: unknown) => ({ error: String(error) }));
await fetch("/report", { method: "POST", body: JSON.stringify(found) });

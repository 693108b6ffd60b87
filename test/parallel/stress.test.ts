/**
 * Mixed calls from eight callers at once, with random cancellations and a worker killed now and then:
 * every promise settles once, completed calls are right, no memory is lost.
 *
 *   npm run test:stress    10,000 calls, a worker killed every 500; here 400, killed every 50
 */
import process from "node:process";
import { expect, test } from "vitest";
import { type Engine, type LogitsError, createEngine } from "../../src/index.ts";
import { startEngine } from "../../src/parallel/startEngine.ts";
import { Random } from "../support/random.ts";
import { bitsOf } from "./bits.ts";
import { Workers } from "./workers.ts";

const CALLS = Number(process.env["LOGITS_STRESS_CALLS"] ?? 400);
const KILL_EVERY = CALLS >= 10_000 ? 500 : 50;
const CALLERS = 8;

const random = new Random(7);
const inputs = [
  [40, 1000],
  [1, 70001],
  [3000, 10],
  [200, 333],
].map(([rows, classes]) => ({
  data: random.normals(rows * classes, 3),
  shape: [rows, classes],
  targets: random.indices(rows, classes, 0.1),
}));
type Input = (typeof inputs)[number];
type CallOptions = { readonly signal?: AbortSignal };

const kinds: ((engine: Engine, x: Input, options: CallOptions) => unknown)[] = [
  (engine, x, options) => engine.softmax(x, options as object),
  (engine, x, options) => engine.logSumExp(x, options as object),
  (engine, x, options) => engine.argmax(x, options as object),
  (engine, x, options) => engine.crossEntropy(x, x.targets, { grad: true, ...options }),
  (engine, x, options) => engine.crossEntropy(x, x.targets, { reduction: "none", ...options }),
  (engine, x, options) => engine.sigmoid(x, options as object),
  (engine, x, options) => engine.topK(x, 3, options as object),
];

test(`${CALLS} calls of ${CALLERS} callers, with cancellations and deaths`, async () => {
  const sync = createEngine();
  const truth = kinds.map((kind) => inputs.map((x) => bitsOf(kind(sync, x, {}))));
  const workers = new Workers();
  const parallel = await startEngine(
    { threads: 3, createWorker: workers.create },
    { leastElements: 20_000, slice: 1 },
  );
  const engine = parallel as unknown as Engine; // the same methods, as promises
  const counts = { done: 0, ERR_ABORTED: 0, ERR_WORKER: 0 };
  let started = 0;
  let settled = 0;

  const caller = async (seed: number): Promise<void> => {
    const own = new Random(seed);
    while (started < CALLS) {
      if (++started % KILL_EVERY === 0) void workers.last.terminate();
      const kind = own.integer(kinds.length);
      const input = own.integer(inputs.length);
      const controller = new AbortController();
      if (own.uniform() < 0.1) setTimeout(() => controller.abort(), own.integer(4));
      const call = kinds[kind](engine, inputs[input], { signal: controller.signal });
      try {
        const bits = bitsOf(await call);
        expect(bits).toBe(truth[kind][input]);
        counts.done++;
      } catch (error) {
        const { code } = error as LogitsError;
        if (code !== "ERR_ABORTED" && code !== "ERR_WORKER") throw error;
        counts[code]++;
      }
      settled++;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, (_, i) => caller(i + 1)));

  expect(settled).toBe(started);
  expect(counts.done).toBeGreaterThan(CALLS / 2);
  expect(workers.all.length).toBeGreaterThan(CALLS / KILL_EVERY / 2);
  expect(engine.memory.liveBytes).toBe(0);
  expect(engine.memory.heldBytes).toBeLessThan(2 ** 24);
  await parallel.dispose();
}, 600_000);

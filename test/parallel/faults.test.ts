/** Workers that die, never start or fall silent; hosts without shared memory; idle engines. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test, vi } from "vitest";
import { LogitsError, createEngine } from "../../src/index.ts";
import { createParallelEngine } from "../../src/parallel/index.ts";
import { startEngine } from "../../src/parallel/startEngine.ts";
import { Random } from "../support/random.ts";
import { bitsOf } from "./bits.ts";
import { Workers } from "./workers.ts";

const ROWS = 1000;
const CLASSES = 1000;
const x = { data: new Random(2).normals(ROWS * CLASSES, 3), shape: [ROWS, CLASSES] };
const expected = bitsOf(createEngine().softmax(x));

/** A worker's fault that holds it up for a time. */
const pause = (ms: number): string => `wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${ms})`;

/** How a call ended: its bits, or its error's code. */
const outcome = (call: Promise<unknown>): Promise<string> =>
  call.then(bitsOf, (error: LogitsError) => error.code);

describe("a worker that dies", () => {
  test.each([true, false])(
    "while calls are in flight (mayBlock %s): ERR_WORKER within a second, then all is well",
    async (mayBlock) => {
      const workers = new Workers();
      // The caller leaves the work to the workers, so that a call cannot end without them.
      const engine = await startEngine(
        { threads: 3, createWorker: workers.create },
        { leastElements: 1, takesPart: false, mayBlock, slice: 1 },
      );
      const tensor = engine.tensor(x.shape);
      tensor.data.set(x.data);
      const live = engine.memory.liveBytes;
      const all = workers.all.slice();
      for (const worker of all) void worker.terminate();
      const start = performance.now();
      const [first, second] = [outcome(engine.softmax(tensor)), outcome(engine.argmax(x))];
      expect(await first).toBe("ERR_WORKER");
      expect(performance.now() - start).toBeLessThan(1000);
      expect(await second).toMatch(/^ERR_WORKER$|^[0-9a-f]{16}$/);
      expect(engine.memory.liveBytes).toBe(live);
      await vi.waitFor(() => expect(workers.all.length).toBeGreaterThanOrEqual(4), 5000);
      await vi.waitFor(
        async () => {
          const result = await engine.softmax(tensor);
          expect(bitsOf(result)).toBe(expected);
          result.dispose();
        },
        { timeout: 5000 },
      );
      expect(engine.threads).toBe(3);
      expect(engine.memory.liveBytes).toBe(live);
      await engine.dispose();
    },
  );

  test("names what happened, and to which call", async () => {
    const workers = new Workers();
    const engine = await startEngine(
      { threads: 2, createWorker: workers.create },
      { leastElements: 1, takesPart: false },
    );
    void workers.last.terminate();
    const error = await engine.softmax(x).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LogitsError);
    expect((error as LogitsError).message).toBe("softmax: a worker died (exit code 1); call again");
    await engine.dispose();
  });

  test("between calls is replaced, and no call notices", async () => {
    const workers = new Workers();
    const engine = await startEngine(
      { threads: 2, createWorker: workers.create },
      { leastElements: 1 },
    );
    expect(await outcome(engine.softmax(x))).toBe(expected);
    await workers.last.terminate();
    await vi.waitFor(() => expect(workers.all).toHaveLength(2));
    expect(await outcome(engine.softmax(x))).toBe(expected);
    await engine.dispose();
  });

  // Each happens in the middle of a piece of work, whatever the speed of the machine.
  test.each([
    ["throws", "throw new Error('of the test')", /^softmax: a worker died \(Error: of the test\)/],
    ["exits with 0", "process.exit(0)", /^softmax: a worker died \(exit code 0\)/],
    [
      "runs out of memory",
      "for (const kept = []; ; ) kept.push(new Array(1e5).fill(kept.length))",
      /^softmax: a worker died \(Error.*memory/,
    ],
    ["never answers", "for (;;);", /^softmax: a worker died \(it no longer answers\)/],
  ])("because it %s in a call: ERR_WORKER, then all is well", async (_what, fault, message) => {
    const workers = new Workers();
    let faulty = true;
    const create = (): Worker => (faulty ? workers.createFaulty(fault) : workers.create());
    const engine = await startEngine(
      { threads: 2, createWorker: create },
      { leastElements: 1, takesPart: false },
    );
    faulty = false;
    const tensor = engine.tensor(x.shape);
    tensor.data.set(x.data);
    const live = engine.memory.liveBytes;
    await expect(engine.softmax(tensor)).rejects.toThrow(message);
    expect(engine.memory.liveBytes).toBe(live);
    expect(await outcome(engine.softmax(x))).toBe(expected);
    expect(workers.all).toHaveLength(2);
    await engine.dispose();
  });

  test("without a word, as in a page, is found out", async () => {
    const workers = new Workers();
    let faulty = true;
    /** Hides the end of a worker from the engine. */
    const create = () => {
      const worker = faulty ? workers.createFaulty("process.exit(0)") : workers.create();
      return {
        postMessage: (message: unknown) => worker.postMessage(message),
        terminate: () => worker.terminate(),
        on: (type: string, listener: () => void) => type === "message" && worker.on(type, listener),
      };
    };
    const engine = await startEngine(
      { threads: 2, createWorker: create },
      { leastElements: 1, takesPart: false, slice: 1 },
    );
    faulty = false;
    expect(await outcome(engine.softmax(x))).toBe("ERR_WORKER");
    await vi.waitFor(async () => expect(await outcome(engine.softmax(x))).toBe(expected), 5000);
    expect(workers.all).toHaveLength(2);
    await engine.dispose();
  });

  test("is not one that takes long for a piece", async () => {
    const workers = new Workers();
    const engine = await startEngine(
      // A row is a piece; the worker pauses in the first for longer than one may take for a small piece.
      { threads: 2, createWorker: () => workers.createFaulty(pause(1200)) },
      { leastElements: 1, takesPart: false },
    );
    const rows = engine.tensor([2, 2 ** 22]);
    rows.data[77] = 1;
    const { data } = await engine.argmax(rows);
    expect([...data]).toEqual([77, 0]);
    expect(workers.all).toHaveLength(1);
    await engine.dispose();
  });

  test("again and again while starting is given up, and the engine works on", async () => {
    const workers = new Workers();
    let fail = false;
    const create = (): Worker => {
      if (fail) return new Worker("throw 1", { eval: true });
      return workers.create();
    };
    const engine = await startEngine({ threads: 2, createWorker: create }, { leastElements: 1 });
    fail = true;
    await workers.last.terminate();
    await vi.waitFor(() => expect(engine.threads).toBe(1), 5000);
    expect(engine.threadsReason).toBe("workers kept dying and were given up");
    expect(await outcome(engine.softmax(x))).toBe(expected);
    await engine.dispose();
  });
});

describe("a worker that cannot be started", () => {
  test("from createWorker: an error", async () => {
    const createWorker = (): Worker => new Worker("throw 1", { eval: true });
    const call = createParallelEngine({ threads: 2, createWorker });
    await expect(call).rejects.toThrow(
      "createParallelEngine: a worker of createWorker did not start",
    );
  });
});

describe("without shared memory", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test.each([
    ["SharedArrayBuffer", undefined],
    ["crossOriginIsolated", false],
  ])("%s %j: alone, with the same bits, and says so", async (name, value) => {
    vi.stubGlobal(name, value);
    const engine = await startEngine({ threads: 4 }, { leastElements: 1 });
    expect(engine.threads).toBe(1);
    expect(engine.threadsReason).toMatch(/^no shared memory: .* Cross-Origin-Opener-Policy/);
    expect(await outcome(engine.softmax(x))).toBe(expected);
    const tensor = engine.tensor([1]);
    expect(tensor.data.buffer).toBeInstanceOf(ArrayBuffer);
    await engine.dispose();
  });
});

/** Runs a script against the built package in a process of its own. */
function script(body: string): Promise<{ stdout: string }> {
  const entry = new URL("../../dist/parallel/index.js", import.meta.url).href;
  const text = `import { createParallelEngine } from ${JSON.stringify(entry)};\n${body}`;
  return promisify(execFile)(process.execPath, ["--input-type=module", "-e", text], {
    timeout: 20_000,
  });
}

describe("an engine that is left alone", () => {
  test("does not keep the process alive", async () => {
    const { stdout } = await script(`
      const engine = await createParallelEngine({ threads: 3 });
      const x = engine.tensor([1000, 1000]);
      console.log((await engine.argmax(x)).data[0]);
    `);
    expect(stdout).toBe("0\n");
  });

  test("uses no CPU", async () => {
    const { stdout } = await script(`
      const engine = await createParallelEngine({ threads: 3 });
      await engine.argmax(engine.tensor([1000, 1000]));
      await new Promise((resolve) => setTimeout(resolve, 50));
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 400));
      const { user, system } = process.cpuUsage(before);
      console.log(user + system);
      await engine.dispose();
    `);
    expect(Number(stdout)).toBeLessThan(200_000); // µs; one spinning worker would take 400,000
  });
});

test("a call keeps the process alive until it settles", async () => {
  const { stdout } = await script(`
    const engine = await createParallelEngine({ threads: 2 });
    const x = engine.tensor([4000, 1000]);
    engine.softmax(x).then(({ shape }) => console.log(shape.join()));
    engine.softmax(x).then(({ shape }) => console.log(shape.join()));
  `);
  expect(stdout).toBe("4000,1000\n4000,1000\n");
});

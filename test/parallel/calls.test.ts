/** Calls as promises: options, cancellation, progress, tensors in use, the end of an engine. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, LogitsError, createEngine } from "../../src/index.ts";
import { type ParallelEngine, createParallelEngine } from "../../src/parallel/index.ts";
import { startEngine } from "../../src/parallel/startEngine.ts";
import { Random } from "../support/random.ts";
import { bitsOf } from "./bits.ts";

const ROWS = 2000;
const CLASSES = 1000;
/** Takes several slices of the calling thread, which these tests make short. */
const long = { data: new Random(1).normals(ROWS * CLASSES, 3), shape: [ROWS, CLASSES] };

/** The same methods, as promises. */
const asSync = (engine: ParallelEngine): Engine => engine as unknown as Engine;

async function errorOf(promise: Promise<unknown>): Promise<LogitsError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LogitsError);
  return error as LogitsError;
}

describe("creating an engine", () => {
  test.each([
    [0, "ERR_ARGUMENT_VALUE"],
    [-1, "ERR_ARGUMENT_VALUE"],
    [1.5, "ERR_ARGUMENT_VALUE"],
    [NaN, "ERR_ARGUMENT_VALUE"],
    [1e9, "ERR_ARGUMENT_VALUE"],
    ["2", "ERR_ARGUMENT_TYPE"],
  ])("threads %j: %s", async (threads, code) => {
    const error = await errorOf(createParallelEngine({ threads: threads as number }));
    expect(error.code).toBe(code);
    expect(error.argument).toBe("threads");
    expect(error.message).toContain("createParallelEngine: threads must be an integer in [1, 128]");
  });

  test("other options are checked", async () => {
    const unknown = await errorOf(createParallelEngine({ thread: 2 } as object));
    expect(unknown.message).toContain("did you mean threads?");
    const worker = await errorOf(createParallelEngine({ createWorker: 1 as never }));
    expect(worker.argument).toBe("createWorker");
    const none = await errorOf(
      createParallelEngine({ threads: 2, createWorker: () => 1 as never }),
    );
    expect(none.message).toContain("createWorker must return a Worker, got 1");
  });

  test("one thread says so, several are as asked for", async () => {
    const one = await createParallelEngine({ threads: 1 });
    expect([one.threads, one.threadsReason]).toEqual([1, "one thread was asked for"]);
    await one.dispose();
    const three = await createParallelEngine({ threads: 3 });
    expect([three.threads, three.threadsReason]).toEqual([3, "as asked for"]);
    await three.dispose();
  });

  test("a memory limit is kept", async () => {
    const engine = await createParallelEngine({ threads: 2, maximumBytes: 2 ** 21 });
    const error = await errorOf((async () => engine.tensor([2 ** 20]))());
    expect(error.code).toBe("ERR_OUT_OF_MEMORY");
    await engine.dispose();
  });
});

describe.each([1, 2])("calls with %i threads", (threads) => {
  let engine: ParallelEngine;
  beforeAll(async () => {
    engine = await startEngine({ threads }, { leastElements: 20000, slice: 1 });
  });
  afterAll(() => engine.dispose());

  test("wrong arguments reject, with the words of the synchronous engine", async () => {
    const sync = createEngine();
    for (const call of [
      (e: typeof sync) => e.softmax({ data: long.data, shape: [2, 3] }),
      (e: typeof sync) => e.crossEntropy([[1, 2]], [7]),
      (e: typeof sync) => e.crossEntropy([[1, 2]], [1], { redution: "sum" } as object),
      (e: typeof sync) => e.argmax("x" as never),
    ]) {
      let wording = "";
      try {
        await call(sync);
      } catch (error) {
        wording = (error as Error).message;
      }
      expect(wording).not.toBe("");
      expect((await errorOf(call(asSync(engine)) as never)).message).toBe(wording);
    }
    expect(engine.memory.liveBytes).toBe(0);
  });

  test("signal and onProgress are checked", async () => {
    const signal = await errorOf(engine.softmax([1], { signal: 1 as never }));
    expect(signal.message).toBe("softmax: signal must be an AbortSignal, got 1");
    const onProgress = await errorOf(engine.softmax([1], { onProgress: 1 as never }));
    expect(onProgress.message).toBe("softmax: onProgress must be a function, got 1");
  });

  test("a signal that is aborted already: nothing is done", async () => {
    const out = new Float32Array(3);
    const signal = AbortSignal.abort("no need");
    const error = await errorOf(engine.softmax([1, 2, 3], { out, signal }));
    expect(error.code).toBe("ERR_ABORTED");
    expect(error.cause).toBe("no need");
    expect([...out]).toEqual([0, 0, 0]);
  });

  test("a signal during the call, and while it waits for its turn", async () => {
    const running = new AbortController();
    const waiting = new AbortController();
    const first = engine.softmax(long, { signal: running.signal });
    const second = engine.softmax(long, { signal: waiting.signal });
    const third = engine.softmax(long);
    waiting.abort();
    expect((await errorOf(second)).code).toBe("ERR_ABORTED");
    running.abort();
    expect((await errorOf(first)).code).toBe("ERR_ABORTED");
    expect(bitsOf(await third)).toBe(bitsOf(createEngine().softmax(long)));
    expect(engine.memory.liveBytes).toBe(0);
  });

  test("a signal after the call does nothing", async () => {
    const controller = new AbortController();
    const { data } = await engine.softmax([0, 0], { signal: controller.signal });
    controller.abort();
    expect([...data]).toEqual([0.5, 0.5]);
  });

  test("progress grows to all rows", async () => {
    const heard: number[] = [];
    await engine.crossEntropy(long, new Int32Array(ROWS), {
      onProgress: ({ done, total }) => {
        expect(total).toBe(ROWS);
        heard.push(done);
      },
    });
    expect(heard.at(-1)).toBe(ROWS);
    expect(heard.length).toBeGreaterThan(1);
    expect(heard).toEqual(heard.toSorted((a, b) => a - b));
  });

  test("what onProgress throws ends the call, which leaves nothing behind", async () => {
    const tensor = engine.tensor([ROWS, CLASSES]);
    const live = engine.memory.liveBytes;
    const stop = new Error("enough");
    const onProgress = (): never => {
      throw stop;
    };
    await expect(engine.softmax(tensor, { onProgress })).rejects.toBe(stop);
    expect(engine.memory.liveBytes).toBe(live);
    const result = await engine.softmax(tensor);
    expect(result.data[0]).toBeCloseTo(1 / CLASSES);
    result.dispose();
    tensor.dispose();
    expect(engine.memory.liveBytes).toBe(0);
  });

  test("other tasks get their turn during a long call", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    for (let i = 0; i < 5; i++) await engine.softmax(long);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });

  test("a tensor that a pending call writes can be used by no other, one that it reads not written", async () => {
    const x = engine.tensor([ROWS, CLASSES]);
    const out = engine.tensor([ROWS, CLASSES]);
    const pending = engine.softmax(x, { out });
    const refusals = await Promise.all([
      errorOf(engine.softmax(x, { out })),
      errorOf(engine.argmax(out)),
      errorOf(engine.softmax(long, { out: x })),
    ]);
    expect(refusals.map(({ code, argument }) => [code, argument])).toEqual([
      ["ERR_STATE", "out"],
      ["ERR_STATE", "logits"],
      ["ERR_STATE", "out"],
    ]);
    expect(refusals[1].message).toBe(
      "argmax: logits must not be in use by a pending call, got a tensor that a pending call writes; await that call first",
    );
    const reading = engine.argmax(x);
    await pending;
    await reading;
    expect((await engine.argmax(out)).data[0]).toBe(0);
  });

  test("a tensor disposed while in use gives its memory back afterwards", async () => {
    const live = engine.memory.liveBytes;
    const x = engine.tensor([ROWS, CLASSES]);
    x.data.set(long.data);
    const pending = engine.softmax(x);
    x.dispose();
    const other = engine.tensor([ROWS, CLASSES]); // would take the place of x
    other.data.fill(5);
    const result = await pending;
    expect(bitsOf(result)).toBe(bitsOf(createEngine().softmax(long)));
    result.dispose();
    other.dispose();
    expect(engine.memory.liveBytes).toBe(live);
  });

  test("tensors of another engine are refused", async () => {
    const foreign = createEngine().tensor([3]);
    expect((await errorOf(engine.softmax(foreign as never))).code).toBe("ERR_STATE");
  });

  test("scope belongs to the synchronous engine", () => {
    const { scope } = engine as unknown as { scope(): void };
    expect(() => scope.call(engine)).toThrow("scope: calls of a parallel engine outlive a scope");
  });

  test("dispose rejects what is pending once, and what comes after", async () => {
    const other = await startEngine({ threads }, { leastElements: 1, slice: 1 });
    const x = other.tensor([ROWS, CLASSES]);
    const settled: string[] = [];
    const calls = [other.softmax(x), other.softmax(long), other.logSumExp(long)].map((call) =>
      call.then(
        () => settled.push("done"),
        (error: LogitsError) => settled.push(error.code),
      ),
    );
    await other.dispose();
    await other.dispose();
    await Promise.all(calls);
    expect(settled).toEqual(["ERR_STATE", "ERR_STATE", "ERR_STATE"]);
    expect((await errorOf(other.softmax([1]))).message).toBe(
      "softmax: this engine was disposed; make a new engine",
    );
    expect(other.disposed).toBe(true);
    expect(() => x.data).toThrow("disposed");
  });
});

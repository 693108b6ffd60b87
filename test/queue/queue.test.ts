/**
 * Shards through BullMQ on a Redis server of the test's own, by the package as it is installed. Skipped
 * where Redis or the packages of test/queue are not installed; required in CI.
 */
import { type ChildProcess, execFileSync, fork, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as Queue from "../../src/queue/index.ts";
import { writeNpy } from "../../src/io/index.ts";
import { logits } from "../cli/command.ts";
import { unpackPackage } from "../runtimes/package.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, "../..");
const modules = path.join(here, "node_modules");

function hasRedis(): boolean {
  try {
    execFileSync("redis-server", ["--version"]);
    return true;
  } catch {
    return false;
  }
}

const isHere = existsSync(path.join(modules, "bullmq")) && hasRedis();
const isRequired = process.env.LOGITS_REQUIRE === "1";

const ROWS = 2001;
const CLASSES = 9;
const data = Float32Array.from({ length: ROWS * CLASSES }, (_, i) => 5 * Math.sin(i * i + 0.5));
const targets = Int32Array.from({ length: ROWS }, (_, row) => (row * row) % CLASSES);

describe.skipIf(!isHere && !isRequired)("logits/queue", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "logits-queue-"));
  const socket = path.join(folder, "redis.sock");
  const app = path.join(root, "build/queue");
  const [file, labels] = ["logits.npy", "labels.npy"].map((name) => path.join(folder, name));
  const workers = new Set<ChildProcess>();
  let redis: ChildProcess;
  let createShardQueue: typeof Queue.createShardQueue;
  let createShardWorker: typeof Queue.createShardWorker;

  beforeAll(async () => {
    unpackPackage(root, app);
    for (const name of readdirSync(modules).filter((one) => !one.startsWith("."))) {
      if (name === "@ioredis" || name === "@msgpackr-extract") continue; // found from within the others
      symlinkSync(path.join(modules, name), path.join(app, "node_modules", name));
    }
    cpSync(path.join(here, "worker.mjs"), path.join(app, "worker.mjs"));
    const entry = path.join(app, "node_modules/logits/dist/queue/index.js");
    const url = pathToFileURL(entry).href;
    ({ createShardQueue, createShardWorker } = (await import(url)) as typeof Queue);
    const args = ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder];
    redis = spawn("redis-server", args, { stdio: "ignore" });
    while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 20));
    await writeNpy(file, { data, shape: [ROWS, CLASSES] });
    await writeNpy(labels, { data: targets, shape: [ROWS] });
  });

  afterAll(async () => {
    for (const worker of workers) worker.kill("SIGKILL");
    redis?.kill("SIGTERM");
    if (redis) await once(redis, "close");
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(name: string): Promise<ChildProcess> {
    const worker = fork(path.join(app, "worker.mjs"), [socket, name], { cwd: app });
    workers.add(worker);
    await once(worker, "message");
    return worker;
  }

  async function stop(worker: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    workers.delete(worker);
    worker.kill(signal);
    await once(worker, "close");
  }

  /** Waits until a shard is half way, at another row than before: its name and row. */
  async function checkpointAfter(out: string, seen: string): Promise<string> {
    for (;;) {
      const names = existsSync(out) ? readdirSync(out) : [];
      const name = names.find((one) => one.endsWith(".checkpoint"));
      const text = name && readFileSync(path.join(out, name), "utf8");
      const now = text ? `${name} ${JSON.parse(text).next}` : "";
      if (now !== "" && now !== seen) return now;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  const whole = async () =>
    JSON.parse((await logits("eval", file, labels, "--json", "--quiet")).out);

  it("gives the JSON of one run, though a worker is killed twice", async () => {
    const queue = await createShardQueue({ connection: socket, name: "killed" });
    const out = path.join(folder, "killed");
    let told = 0;
    const result = queue.evaluate({
      logits: file,
      targets: labels,
      shards: 3,
      out,
      reading: { blockRows: 1 },
      onProgress: ({ rows }) => (told = rows),
    });
    let seen = "";
    for (let kills = 0; kills < 2; kills++) {
      const worker = await start("killed");
      seen = await checkpointAfter(out, seen);
      await stop(worker, "SIGKILL");
      expect(readdirSync(out).some((name) => name.endsWith(".checkpoint"))).toBe(true);
    }
    const last = await start("killed");
    expect(JSON.parse(JSON.stringify(await result))).toEqual(await whole());
    expect(told).toBe(ROWS);
    await stop(last, "SIGKILL");
    expect(
      readdirSync(out)
        .toSorted()
        .filter((name) => !name.endsWith(".part")),
    ).toEqual([0, 1, 2].map((i) => `shard-${i}-of-3.json`));
    await queue.close();
  });

  it("is worked off by several workers, with progress to the last row", async () => {
    const queue = await createShardQueue({ connection: { path: socket }, name: "several" });
    const [a, b] = await Promise.all(
      [1, 1].map((threads) => createShardWorker({ connection: socket, name: "several", threads })),
    );
    let last: Queue.RunProgress | undefined;
    const result = await queue.evaluate({
      logits: file,
      targets: labels,
      shards: 7,
      out: path.join(folder, "several"),
      topK: [1, 5],
      onProgress: (progress) => (last = progress),
    });
    expect(JSON.parse(JSON.stringify(result))).toEqual(await whole());
    expect(last).toEqual({ rows: ROWS, shardsDone: 7, shards: 7 });
    await Promise.all([a.close(), b.close(), queue.close()]);
  });

  it("scores shards to files whose lines are those of one run", async () => {
    const queue = await createShardQueue({ connection: socket, name: "score" });
    const worker = await createShardWorker({ connection: socket, name: "score", threads: 1 });
    const files = await queue.score({
      logits: file,
      targets: labels,
      shards: 5,
      out: path.join(folder, "scores"),
      topK: 2,
    });
    const one = path.join(folder, "one.jsonl");
    await logits("score", file, one, "--targets", labels, "--top-k", "2", "--quiet");
    const joined = files.map((name) => readFileSync(name, "utf8")).join("");
    expect(joined).toBe(readFileSync(one, "utf8"));
    await Promise.all([worker.close(), queue.close()]);
  });

  it("tries a shard again and then says what was wrong, file and place", async () => {
    const queue = await createShardQueue({ connection: socket, name: "bad" });
    const worker = await createShardWorker({ connection: socket, name: "bad", threads: 1 });
    const run = queue.evaluate({
      logits: path.join(folder, "absent.npy"),
      targets: labels,
      shards: 1,
      attempts: 2,
      out: path.join(folder, "bad"),
    });
    await expect(run).rejects.toMatchObject({
      code: "ERR_WORKER",
      message: expect.stringMatching(/shard 0 failed: .*absent\.npy: path: must exist/),
    });
    await Promise.all([worker.close(), queue.close()]);
  });

  it("refuses wrong options, and says so when Redis does not answer", async () => {
    await expect(createShardQueue({ connection: "" })).rejects.toMatchObject({
      code: "ERR_ARGUMENT_TYPE",
    });
    const queue = await createShardQueue({ connection: socket });
    const common = { logits: file, targets: labels, out: path.join(folder, "x") };
    await expect(queue.evaluate({ ...common, shards: 0 })).rejects.toThrow(
      /shards must be an integer/,
    );
    await expect(queue.evaluate({ ...common, shards: 2, topk: [1] } as never)).rejects.toThrow(
      /did you mean topK/,
    );
    await queue.close();
    const silent = path.join(folder, "silent.sock");
    await expect(createShardWorker({ connection: silent, threads: 1 })).rejects.toMatchObject({
      code: "ERR_UNSUPPORTED",
      message: expect.stringContaining("Redis must answer within 10 s"),
    });
  });
});

describe("without its packages", () => {
  it("the queue says what to install", () => {
    const entry = pathToFileURL(path.join(root, "dist/queue/index.js")).href;
    const program = `import(${JSON.stringify(entry)}).then(({ createShardQueue }) => createShardQueue({ connection: "redis://localhost" })).catch(({ code, message }) => console.log(code, message))`;
    const said = execFileSync(process.execPath, ["-e", program], { encoding: "utf8" });
    expect(said).toBe(
      "ERR_UNSUPPORTED createShardQueue: must find the package bullmq, got none; run: npm install bullmq ioredis\n",
    );
  });
});

/**
 * BullMQ and ioredis as far as the queue uses them. They are optional peer dependencies, loaded when a
 * queue or worker is made.
 */
import { fail, failState } from "../check.js";

/** A connection of ioredis. */
export interface Redis {
  duplicate(): Redis;
  quit(): Promise<unknown>;
  disconnect(): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  status: string;
}

export interface BullJob<Data> {
  readonly id?: string;
  readonly data: Data;
  updateProgress(progress: object): Promise<void>;
  waitUntilFinished(events: BullEvents): Promise<unknown>;
}

export interface BullQueue<Data> {
  addBulk(jobs: readonly { name: string; data: Data; opts: object }[]): Promise<BullJob<Data>[]>;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): unknown;
}

export interface BullEvents {
  waitUntilReady(): Promise<unknown>;
  on(event: string, listener: (given: never) => void): unknown;
  off(event: string, listener: (given: never) => void): unknown;
  close(): Promise<void>;
}

export interface BullWorker {
  waitUntilReady(): Promise<unknown>;
  on(event: string, listener: (...given: never[]) => void): unknown;
  close(force?: boolean): Promise<void>;
}

interface Bull {
  Queue: new <Data>(name: string, options: object) => BullQueue<Data>;
  QueueEvents: new (name: string, options: object) => BullEvents;
  Worker: new <Data>(
    name: string,
    processor: (job: BullJob<Data>) => Promise<unknown>,
    options: object,
  ) => BullWorker;
}

interface Peers {
  readonly bull: Bull;
  /** A connection of its own, as each part of BullMQ wants one. */
  connect(): Redis;
}

/** A URL ("redis://…"), the path of a unix socket, or the options of ioredis. */
export type Connection = string | Readonly<Record<string, unknown>>;

export async function loadPeers(fn: string, connection: Connection): Promise<Peers> {
  const isKnown = typeof connection === "string" || typeof connection === "object";
  if (!isKnown || connection === null || connection === "") {
    const expected = "must be a URL, the path of a socket, or options of ioredis";
    fail("ERR_ARGUMENT_TYPE", { fn, argument: "connection", expected, got: connection });
  }
  const bull = (await load(fn, "bullmq")) as unknown as Bull;
  const { Redis: Client } = (await load(fn, "ioredis")) as {
    Redis: new (...given: unknown[]) => Redis;
  };
  // What blocks must not give up after some tries.
  const settings = { maxRetriesPerRequest: null };
  const connect = (): Redis => {
    const client =
      typeof connection === "string"
        ? new Client(connection, settings)
        : new Client({ ...connection, ...settings });
    client.on("error", () => {}); // it connects again; what waits is told by its own call
    return client;
  };
  return { bull, connect };
}

async function load(fn: string, name: string): Promise<Record<string, unknown>> {
  try {
    return (await import(name)) as Record<string, unknown>;
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") throw error;
    return failState(
      "ERR_UNSUPPORTED",
      `${fn}: must find the package ${name}, got none; run: npm install bullmq ioredis`,
      error,
    );
  }
}

/** Waits for Redis, but not for ever. */
export async function ready(fn: string, parts: readonly Promise<unknown>[], seconds = 10) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      try {
        failState(
          "ERR_UNSUPPORTED",
          `${fn}: Redis must answer within ${seconds} s; check connection`,
        );
      } catch (error) {
        reject(error as Error);
      }
    }, seconds * 1000);
  });
  try {
    await Promise.race([Promise.all(parts), late]);
  } finally {
    clearTimeout(timer);
  }
}

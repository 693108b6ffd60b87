/**
 * Where bytes come from: a part of a file, which can be read at any place, or a stream, which is
 * read once from front to back.
 */
import { readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { failFile, messageOf } from "./failFile.js";

export interface Bytes {
  /** Name for messages. */
  readonly file: string;
  /** Bytes in all, where that is known. */
  readonly size: number | undefined;
  /** Fills `target` from where the last read ended; returns less than its length at the end only. */
  read(target: Uint8Array): Promise<number>;
  /** The rest, chunk by chunk. */
  chunks(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

const CHUNK_BYTES = 1 << 18;

/** Bytes [start, end) of an open file. */
export class FileBytes implements Bytes {
  readonly size: number;
  #next = 0;

  constructor(
    readonly file: string,
    readonly handle: FileHandle,
    readonly start: number,
    readonly end: number,
  ) {
    this.size = end - start;
  }

  /** Fills `target` from byte `position` on; returns less than its length at the end only. */
  async readAt(target: Uint8Array, position: number): Promise<number> {
    const wanted = Math.min(target.length, this.size - position);
    let done = 0;
    while (done < wanted) {
      const { bytesRead } = await this.handle
        .read(target, done, wanted - done, this.start + position + done)
        .catch((error: unknown) => failRead(this.file, error));
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  /** As readAt, at once: for threads that have nothing else to do. */
  readNow(target: Uint8Array, position: number): number {
    const wanted = Math.min(target.length, this.size - position);
    let done = 0;
    try {
      while (done < wanted) {
        const at = this.start + position + done;
        const got = readSync(this.handle.fd, target, done, wanted - done, at);
        if (got === 0) break;
        done += got;
      }
    } catch (error) {
      failRead(this.file, error);
    }
    return done;
  }

  /** Where the next `read` begins. */
  seek(position: number): void {
    this.#next = position;
  }

  async read(target: Uint8Array): Promise<number> {
    const done = await this.readAt(target, this.#next);
    this.#next += done;
    return done;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const length = await this.read(chunk);
      if (length > 0) yield chunk.subarray(0, length);
      if (length < CHUNK_BYTES) return;
    }
  }

  /** A part of the same file; closing either closes both. */
  part(start: number, end: number): FileBytes {
    return new FileBytes(this.file, this.handle, this.start + start, this.start + end);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** Bytes from an iteration of chunks: standard input, a pipe, a decompressor. */
export class StreamBytes implements Bytes {
  readonly size = undefined;
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #close: (() => Promise<void>) | undefined;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(
    readonly file: string,
    source: AsyncIterable<Uint8Array>,
    close?: () => Promise<void>,
  ) {
    this.#source = source[Symbol.asyncIterator]();
    this.#close = close;
  }

  async #more(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#source.next();
      if (done) return false;
      this.#chunk = value;
    }
    return true;
  }

  async read(target: Uint8Array): Promise<number> {
    let done = 0;
    while (done < target.length && (await this.#more())) {
      const part = this.#chunk.subarray(0, target.length - done);
      target.set(part, done);
      done += part.length;
      this.#chunk = this.#chunk.subarray(part.length);
    }
    return done;
  }

  /** Puts bytes that were looked at back in front. */
  unread(bytes: Uint8Array): void {
    this.#chunk = Buffer.concat([bytes, this.#chunk]);
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    while (await this.#more()) {
      const chunk = this.#chunk;
      this.#chunk = new Uint8Array(0);
      yield chunk;
    }
  }

  async close(): Promise<void> {
    await this.#source.return?.();
    await this.#close?.();
  }
}

/** Opens a file, or standard input for "-". What is no regular file is read as a stream. */
export async function openBytes(path: string): Promise<FileBytes | StreamBytes> {
  if (path === "-") return new StreamBytes("standard input", readable("standard input"));
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r");
    const status = await handle.stat();
    if (status.isFile()) return new FileBytes(path, handle, 0, status.size);
    if (!status.isDirectory()) {
      const opened = handle;
      const stream = opened.createReadStream({ autoClose: false, highWaterMark: CHUNK_BYTES });
      return new StreamBytes(path, stream, () => opened.close());
    }
  } catch (error) {
    await handle?.close();
    failRead(path, error);
  }
  await handle.close();
  failFile({
    file: path,
    place: "path",
    expected: "must be a file",
    got: "a folder",
    remedy: "name the files in it, for instance with *",
  });
}

async function* readable(file: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of process.stdin) yield chunk as Uint8Array;
  } catch (error) {
    failRead(file, error);
  }
}

function failRead(file: string, error: unknown): never {
  const { code } = error as { code?: string };
  const missing = code === "ENOENT";
  failFile({
    file,
    place: "path",
    expected: missing ? "must exist" : "must be readable",
    got: missing ? "no such file" : messageOf(error),
    remedy: "check the path and its permissions",
    cause: error,
  });
}

/** Reads exactly as many bytes as `target` holds. */
export async function readFully(bytes: Bytes, target: Uint8Array, place: string): Promise<void> {
  const got = await bytes.read(target);
  if (got < target.length) failTruncated(bytes.file, place, target.length, got);
}

export function failTruncated(file: string, place: string, wanted: number, got: number): never {
  failFile({
    file,
    place,
    expected: `must have ${wanted} bytes`,
    got: `${got}`,
    remedy: "the file is cut short or its header is wrong: write it again",
  });
}

/** Goes over bytes without keeping them. */
export async function skip(bytes: Bytes, count: number, place: string): Promise<void> {
  const waste = new Uint8Array(Math.min(count, CHUNK_BYTES));
  for (let left = count; left > 0; left -= waste.length) {
    await readFully(bytes, waste.subarray(0, left), place);
  }
}

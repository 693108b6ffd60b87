/**
 * Where bytes go. A file is written under a name of its own beside the final one, and appears under
 * the final name only when it is whole: an error, Ctrl-C or a crash leaves what was there before.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type FileHandle, open, realpath, rename, stat, unlink } from "node:fs/promises";
import { type Gzip, createGzip } from "node:zlib";
import { failFile, messageOf } from "./failFile.js";

export interface Output {
  readonly file: string;
  /** Whether bytes already written can be written over. */
  readonly seekable: boolean;
  write(bytes: Uint8Array): Promise<void>;
  patch(bytes: Uint8Array, position: number): Promise<void>;
  /** The file takes its final name. */
  commit(): Promise<void>;
  /** Nothing stays. */
  abandon(): Promise<void>;
  /** Brings what was written to the disk, and tells where it is; a plain file only. */
  readonly keep?: (() => Promise<Draft>) | undefined;
  /** Ends it as it is, for reopenOutput. */
  leave?(): Promise<void>;
}

/** An output that is not whole: its name, and bytes that are sure to be in it. */
export interface Draft {
  readonly draft: string;
  readonly bytes: number;
}

/** "-" is standard output; pipes and devices are written as they are; `.gz` is compressed. */
export async function openOutput(path: string): Promise<Output> {
  if (path === "-") return new StandardOutput();
  try {
    const found = await stat(path).catch(() => undefined);
    const special = found !== undefined && !found.isFile();
    const final = found === undefined ? path : await realpath(path);
    const draft = special ? final : draftOf(final);
    const handle = await open(draft, special ? "w" : "wx");
    const plain = new FileOutput(path, handle, draft, final, !special);
    return path.toLowerCase().endsWith(".gz") ? new GzipOutput(plain) : plain;
  } catch (error) {
    return failWrite(path, error);
  }
}

/** An output that another process left; what it wrote after it told of its bytes is cut off. */
export async function reopenOutput(path: string, { draft, bytes }: Draft): Promise<Output> {
  let handle: FileHandle | undefined;
  try {
    const final = await realpath(path).catch(() => path);
    // A name of one's own: should the other still be there, it cannot finish this one.
    const own = draftOf(final);
    await rename(draft, own);
    handle = await open(own, "r+");
    await handle.truncate(bytes);
    return new FileOutput(path, handle, own, final, true, bytes);
  } catch (error) {
    await handle?.close();
    return failWrite(path, error);
  }
}

const draftOf = (final: string): string => `${final}.${randomBytes(6).toString("hex")}.part`;

class FileOutput implements Output {
  #position: number;
  readonly keep: (() => Promise<Draft>) | undefined;

  constructor(
    readonly file: string,
    private readonly handle: FileHandle,
    private readonly draft: string,
    private readonly final: string,
    readonly seekable: boolean,
    position = 0,
  ) {
    this.#position = position;
    this.keep = seekable ? () => this.#keep() : undefined;
  }

  async #keep(): Promise<Draft> {
    await this.handle.datasync().catch((error: unknown) => failWrite(this.file, error));
    return { draft: this.draft, bytes: this.#position };
  }

  async leave(): Promise<void> {
    await this.handle.close().catch(() => {});
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#put(bytes, this.seekable ? this.#position : undefined);
    this.#position += bytes.length;
  }

  patch(bytes: Uint8Array, position: number): Promise<void> {
    return this.#put(bytes, position);
  }

  async #put(bytes: Uint8Array, position: number | undefined): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) {
        const at = position === undefined ? null : position + done;
        done += (await this.handle.write(bytes, done, bytes.length - done, at)).bytesWritten;
      }
    } catch (error) {
      failWrite(this.file, error);
    }
  }

  async commit(): Promise<void> {
    try {
      if (this.seekable) await this.handle.sync();
      await this.handle.close();
      if (this.draft !== this.final) await rename(this.draft, this.final);
    } catch (error) {
      if (this.draft !== this.final) await unlink(this.draft).catch(() => {});
      failWrite(this.file, error);
    }
  }

  async abandon(): Promise<void> {
    await this.handle.close().catch(() => {});
    if (this.draft !== this.final) await unlink(this.draft).catch(() => {});
  }
}

class GzipOutput implements Output {
  readonly file: string;
  readonly seekable = false;
  readonly #gzip: Gzip = createGzip({ level: 6 });
  readonly #done: Promise<void>;

  constructor(private readonly inner: FileOutput) {
    this.file = inner.file;
    this.#done = this.#drain();
    this.#done.catch(() => {}); // met in write or commit
  }

  async #drain(): Promise<void> {
    try {
      for await (const chunk of this.#gzip as AsyncIterable<Uint8Array>) {
        await this.inner.write(chunk);
      }
    } finally {
      this.#gzip.destroy();
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#gzip.destroyed) await this.#done;
    if (!this.#gzip.write(bytes)) await Promise.race([once(this.#gzip, "drain"), this.#done]);
  }

  patch(): Promise<void> {
    return failPatch(this.file);
  }

  async commit(): Promise<void> {
    this.#gzip.end();
    await this.#done;
    await this.inner.commit();
  }

  async abandon(): Promise<void> {
    this.#gzip.destroy();
    await this.#done.catch(() => {});
    await this.inner.abandon();
  }
}

class StandardOutput implements Output {
  readonly file = "standard output";
  readonly seekable = false;

  async write(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
    }).catch((error: unknown) => failWrite(this.file, error));
  }

  patch(): Promise<void> {
    return failPatch(this.file);
  }

  async commit(): Promise<void> {}

  async abandon(): Promise<void> {}
}

function failPatch(file: string): never {
  failFile({
    file,
    place: "header",
    expected: "the number of rows must be known before the first",
    got: "rows without number",
    remedy: "write to a plain file, or as .csv or .jsonl",
  });
}

function failWrite(file: string, error: unknown): never {
  failFile({
    file,
    place: "path",
    expected: "must be writable",
    got: messageOf(error),
    remedy: "check the folder, its permissions and the space left",
    cause: error,
  });
}

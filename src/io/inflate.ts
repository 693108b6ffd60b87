/**
 * Decompression as a stream, with a limit on what comes out: a gzip bomb grows a thousandfold, so
 * beyond the first 32 MiB the output may be 200 times the input.
 */
import { Readable } from "node:stream";
import { createGunzip, createInflateRaw } from "node:zlib";
import { type Bytes, StreamBytes } from "./bytes.js";
import { failFile, messageOf } from "./failFile.js";

const FREE_BYTES = 2 ** 25;
const MOST_GROWTH = 200;

export interface InflateOptions {
  /** "gzip", or "raw" for the members of a zip file. */
  readonly kind: "gzip" | "raw";
  readonly place: string;
  /** Replaces the limit above. */
  readonly maxInflatedBytes: number | undefined;
}

export function inflate(bytes: Bytes, options: InflateOptions): StreamBytes {
  return new StreamBytes(bytes.file, inflated(bytes, options), () => bytes.close());
}

async function* inflated(
  bytes: Bytes,
  { kind, place, maxInflatedBytes }: InflateOptions,
): AsyncGenerator<Uint8Array> {
  let consumed = 0;
  let produced = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes.chunks()) {
      consumed += chunk.length;
      yield chunk;
    }
  }
  const chunkSize = 2 ** 18;
  const engine = kind === "gzip" ? createGunzip({ chunkSize }) : createInflateRaw({ chunkSize });
  const source = Readable.from(counted(), { objectMode: false, highWaterMark: 2 ** 18 });
  source.on("error", (error) => engine.destroy(error));
  source.pipe(engine);
  try {
    for await (const chunk of engine as AsyncIterable<Uint8Array>) {
      produced += chunk.length;
      const limit = maxInflatedBytes ?? FREE_BYTES + MOST_GROWTH * consumed;
      if (produced > limit) failBomb(bytes.file, place, limit, consumed);
      yield chunk;
    }
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_FILE") throw error;
    failFile({
      file: bytes.file,
      place,
      expected: `must be whole ${kind === "gzip" ? "gzip" : "deflate"} data`,
      got: messageOf(error),
      remedy: "the file is damaged or cut short: compress it again",
      cause: error,
    });
  } finally {
    source.destroy();
    engine.destroy();
  }
}

function failBomb(file: string, place: string, limit: number, consumed: number): never {
  failFile({
    file,
    place,
    expected: `must decompress to at most ${limit} bytes`,
    got: `more from ${consumed} compressed bytes`,
    remedy: "if you trust the file, decompress it first or pass maxInflatedBytes",
  });
}

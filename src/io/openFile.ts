/**
 * Opens one file of any format: gzip is taken off, the format told from the option, the name or the
 * first bytes. Readers of other formats than .npy are loaded when they are met.
 */
import { FileBytes, StreamBytes, openBytes } from "./bytes.js";
import { failFile } from "./failFile.js";
import { openNpy } from "./npy.js";
import type { Format, ReadOptions, RowFile } from "./rowFile.js";

export const FORMATS = ["npy", "npz", "safetensors", "parquet", "csv", "tsv", "jsonl"] as const;

const ENDINGS: readonly [string, Format][] = [
  ...FORMATS.map((format) => [`.${format}`, format] as [string, Format]),
  [".ndjson", "jsonl"],
  [".pq", "parquet"],
];

/** The format that a name ends with, `.gz` aside. */
export function formatOfName(file: string): Format | undefined {
  const name = file.toLowerCase().replace(/\.gz$/, "");
  return ENDINGS.find(([ending]) => name.endsWith(ending))?.[1];
}

export interface FileOptions extends ReadOptions {
  readonly format?: Format | undefined;
}

export function openFile(path: string, options: FileOptions): Promise<RowFile> {
  return withFile(path, options, (format, bytes) => openAs(format, bytes, options));
}

/** Names of the tensors in a file; undefined for the formats that have none. */
export function tensorNames(path: string, options: FileOptions): Promise<string[] | undefined> {
  return withFile(path, options, async (format, bytes) => {
    let names: string[] | undefined;
    if (format === "safetensors") {
      names = await (await import("./safetensors.js")).safetensorsNames(bytes);
    }
    if (format === "npz" && bytes instanceof FileBytes) {
      names = await (await import("./npz.js")).npzNames(bytes);
    }
    await bytes.close();
    return names;
  });
}

/** Opens the bytes, without their gzip, and closes them if `use` fails. */
async function withFile<R>(
  path: string,
  options: FileOptions,
  use: (format: Format, bytes: FileBytes | StreamBytes) => Promise<R>,
): Promise<R> {
  let bytes: FileBytes | StreamBytes = await openBytes(path);
  try {
    let start = await peek(bytes);
    if (start[0] === 0x1f && start[1] === 0x8b) {
      const { maxInflatedBytes } = options;
      const { inflate } = await import("./inflate.js");
      bytes = inflate(bytes, { kind: "gzip", place: "gzip data", maxInflatedBytes });
      start = await peek(bytes);
    }
    const format = options.format ?? formatOfName(path) ?? formatOfBytes(start);
    return await use(format ?? failUnknown(bytes.file), bytes);
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

async function openAs(
  format: Format,
  bytes: FileBytes | StreamBytes,
  options: ReadOptions,
): Promise<RowFile> {
  if (format === "npy") return openNpy(bytes);
  if (format === "safetensors") {
    return (await import("./safetensors.js")).openSafetensors(bytes, options);
  }
  if (format === "jsonl") return (await import("./jsonl.js")).openJsonl(bytes, options);
  if (format === "csv" || format === "tsv") {
    return (await import("./csv.js")).openCsv(bytes, format, options);
  }
  if (bytes instanceof StreamBytes) {
    failFile({
      file: bytes.file,
      place: "path",
      expected: `.${format} must be a file`,
      got: "a stream",
      remedy: "its directory is at its end: save it, decompressed, and name the file",
    });
  }
  if (format === "npz") return (await import("./npz.js")).openNpz(bytes, options);
  return (await import("./parquet.js")).openParquet(bytes, options);
}

/** The first bytes, which stay to be read. */
async function peek(bytes: FileBytes | StreamBytes): Promise<Buffer> {
  const start = Buffer.alloc(16);
  if (bytes instanceof FileBytes) return start.subarray(0, await bytes.readAt(start, 0));
  const got = start.subarray(0, await bytes.read(start));
  bytes.unread(got);
  return got;
}

function formatOfBytes(start: Buffer): Format | undefined {
  const text = start.toString("latin1");
  if (text.startsWith("\x93NUMPY")) return "npy";
  if (text.startsWith("PK\x03\x04")) return "npz";
  if (text.startsWith("PAR1")) return "parquet";
  if (text[8] === "{" && start.readUInt32LE(4) === 0) return "safetensors";
  if (/^\s*[[{]/.test(text)) return "jsonl";
  return /^\s*[-+\d."\w]+[,\r\n]/.test(text) ? "csv" : undefined;
}

function failUnknown(file: string): never {
  failFile({
    file,
    place: "path",
    expected: `must end with .${FORMATS.join(", .")}`,
    got: "another name, and bytes of no known format",
    remedy: "say the format (--format)",
  });
}

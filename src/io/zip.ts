/**
 * The directory of a zip file, zip64 included, and its members: stored ones are read in place,
 * deflated ones as a stream.
 */
import { type Bytes, type FileBytes, failTruncated } from "./bytes.js";
import { failFile } from "./failFile.js";
import { inflate } from "./inflate.js";

export interface ZipMember {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly compressedBytes: number;
  readonly headerStart: number;
}

const MOST_DIRECTORY_BYTES = 2 ** 24;
const MOST_MEMBERS = 2 ** 16;
const END_BYTES = 22;
const MOST_COMMENT_BYTES = 65_535;
const NO_32 = 0xffffffff;

export async function readZipDirectory(bytes: FileBytes): Promise<ZipMember[]> {
  const tailBytes = Math.min(bytes.size, END_BYTES + MOST_COMMENT_BYTES);
  const tail = await readAt(bytes, bytes.size - tailBytes, tailBytes);
  const at = endOfDirectory(tail);
  if (at < 0) refuse(bytes.file, "must end with a zip directory", "none");
  let size = tail.readUInt32LE(at + 12);
  let start = tail.readUInt32LE(at + 16);
  if (size === NO_32 || start === NO_32 || tail.readUInt16LE(at + 10) === 0xffff) {
    [size, start] = await zip64Directory(bytes, bytes.size - tailBytes + at);
  }
  if (size > MOST_DIRECTORY_BYTES || start + size > bytes.size) {
    refuse(bytes.file, `directory must lie in the file and be below 16 MiB`, `${size} at ${start}`);
  }
  return membersOf(bytes.file, await readAt(bytes, start, size));
}

function endOfDirectory(tail: Buffer): number {
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    const comment = tail.readUInt16LE(at + 20);
    if (tail.readUInt32LE(at) === 0x06054b50 && at + END_BYTES + comment === tail.length) return at;
  }
  return -1;
}

async function zip64Directory(bytes: FileBytes, end: number): Promise<[number, number]> {
  const locator = await readAt(bytes, Math.max(0, end - 20), 20);
  const position = locator.readUInt32LE(0) === 0x07064b50 ? safe(locator, 8) : undefined;
  if (position === undefined || position + 56 > end) {
    refuse(bytes.file, "must have a zip64 directory", "none");
  }
  const record = await readAt(bytes, position, 56);
  const [size, start] = [safe(record, 40), safe(record, 48)];
  if (record.readUInt32LE(0) !== 0x06064b50 || size === undefined || start === undefined) {
    refuse(bytes.file, "must have a zip64 directory", "another record");
  }
  return [size, start];
}

function membersOf(file: string, directory: Buffer): ZipMember[] {
  const members: ZipMember[] = [];
  let at = 0;
  while (at < directory.length) {
    const whole = at + 46 <= directory.length && directory.readUInt32LE(at) === 0x02014b50;
    const [nameBytes, extraBytes, commentBytes] = whole
      ? [28, 30, 32].map((field) => directory.readUInt16LE(at + field))
      : [];
    const end = at + 46 + (nameBytes ?? 0) + (extraBytes ?? 0) + (commentBytes ?? 0);
    if (!whole || end > directory.length || members.length >= MOST_MEMBERS) {
      refuse(file, `member ${members.length} must be whole`, "a damaged directory");
    }
    const extra = directory.subarray(at + 46 + nameBytes!, at + 46 + nameBytes! + extraBytes!);
    const wide = wideFields(extra);
    // In this order, and each only where its 32-bit field is full.
    const field = (offset: number): number | undefined => {
      const value = directory.readUInt32LE(at + offset);
      return value === NO_32 ? wide.shift() : value;
    };
    field(24); // uncompressed: the .npy header says how much is read
    const compressedBytes = field(20);
    const headerStart = field(42);
    if (compressedBytes === undefined || headerStart === undefined) {
      refuse(file, `member ${members.length} must have a size`, "none");
    }
    members.push({
      name: directory.toString("utf8", at + 46, at + 46 + nameBytes!),
      encrypted: (directory.readUInt16LE(at + 8) & 1) !== 0,
      method: directory.readUInt16LE(at + 10),
      compressedBytes,
      headerStart,
    });
    at = end;
  }
  return members;
}

/** The 64-bit fields of the extra record 1. */
function wideFields(extra: Buffer): (number | undefined)[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const end = Math.min(extra.length, at + 4 + extra.readUInt16LE(at + 2));
    const fields: (number | undefined)[] = [];
    for (let field = at + 4; field + 8 <= end; field += 8) fields.push(safe(extra, field));
    return fields;
  }
  return [];
}

/** The bytes of one member. */
export async function openZipMember(
  bytes: FileBytes,
  member: ZipMember,
  maxInflatedBytes: number | undefined,
): Promise<Bytes> {
  const { name, method, encrypted, compressedBytes, headerStart } = member;
  const local = await readAt(bytes, headerStart, 30);
  const start = headerStart + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  if (local.readUInt32LE(0) !== 0x04034b50 || start + compressedBytes > bytes.size) {
    refuse(bytes.file, `member ${name} must lie in the file`, `${compressedBytes} at ${start}`);
  }
  if (encrypted || (method !== 0 && method !== 8)) {
    const got = encrypted ? "encrypted" : `method ${method}`;
    refuse(bytes.file, `member ${name} must be stored or deflated`, got);
  }
  const part = bytes.part(start, start + compressedBytes);
  const place = `member ${name}`;
  return method === 0 ? part : inflate(part, { kind: "raw", place, maxInflatedBytes });
}

async function readAt(bytes: FileBytes, position: number, length: number): Promise<Buffer> {
  const target = Buffer.alloc(length);
  const got = position < 0 ? 0 : await bytes.readAt(target, position);
  if (got < length) failTruncated(bytes.file, "zip directory", length, Math.max(0, got));
  return target;
}

function safe(buffer: Buffer, at: number): number | undefined {
  const value = Number(buffer.readBigUInt64LE(at));
  return Number.isSafeInteger(value) ? value : undefined;
}

function refuse(file: string, expected: string, got: string): never {
  const remedy = "the file is damaged or cut short: write it again";
  failFile({ file, place: "zip directory", expected, got, remedy });
}

/**
 * Whole arrays to files: one to .npy, several with names to .npz and .safetensors.
 */
import { crc32 } from "node:zlib";
import { fail } from "../check.js";
import { type ArrayBlock, type CheckedBlock, checkBlock } from "./arrayBlock.js";
import { bytesOf } from "./dtype.js";
import { npyHeader } from "./npyHeader.js";
import { type Output, openOutput } from "./output.js";
import { type RowWriterOptions, createRowWriter } from "./rowWriter.js";
import { safetensorsHeader } from "./safetensorsWriting.js";

export type RowBlocks = AsyncIterable<ArrayBlock> | Iterable<ArrayBlock>;

/**
 * Writes one array, or blocks of rows one after the other, in the format that the name ends with.
 *
 * @param path - see {@link createRowWriter}.
 * @param rows - `{ data, shape }`, or an iterable of these, such as openRows gives.
 * @throws {LogitsError} ERR_FILE if it cannot be written; then nothing has the final name.
 * @example
 * await writeRows("probabilities.csv", engine.softmax({ data, shape: [100, 10] }));
 */
export async function writeRows(
  path: string,
  rows: ArrayBlock | RowBlocks,
  options?: RowWriterOptions,
): Promise<void> {
  const many = Symbol.asyncIterator in rows || Symbol.iterator in rows;
  const blocks: RowBlocks = many ? (rows as RowBlocks) : [rows as ArrayBlock];
  const count = many ? options?.rows : (rows as ArrayBlock).shape?.[0];
  const known = count === undefined ? options : { ...options, rows: count };
  const writer = await createRowWriter(path, known);
  try {
    for await (const block of blocks) await writer.write(block);
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/**
 * Writes a .npy file, as {@link writeRows}: little-endian, C order, format version 1.0.
 *
 * @example
 * await writeNpy("probabilities.npy", engine.softmax({ data, shape: [100, 10] }));
 */
export async function writeNpy(path: string, rows: ArrayBlock | RowBlocks): Promise<void> {
  await writeRows(path, rows, { format: "npy" });
}

/**
 * Writes named arrays to a .safetensors file.
 *
 * @param tensors - at least one; bfloat16 as `{ data: Uint16Array, shape, dtype: "bfloat16" }`.
 */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, ArrayBlock>>,
): Promise<void> {
  const blocks = checkNamed("writeSafetensors", tensors);
  await whole(path, async (output) => {
    await output.write(safetensorsHeader(blocks.map(([name, block]) => ({ name, ...block }))));
    for (const [, { data }] of blocks) await output.write(bytesOf(data));
  });
}

/** Writes named arrays to an .npz file, as numpy.savez: stored, not compressed. */
export async function writeNpz(
  path: string,
  arrays: Readonly<Record<string, ArrayBlock>>,
): Promise<void> {
  const blocks = checkNamed("writeNpz", arrays);
  await whole(path, async (output) => {
    const directory: Buffer[] = [];
    let position = 0;
    for (const [name, { data, dtype, shape }] of blocks) {
      if (dtype === "bfloat16") failBfloat16(name);
      const head = npyHeader(dtype, shape);
      const size = head.length + data.byteLength;
      const crc = crc32(bytesOf(data), crc32(head));
      const member = { name: Buffer.from(`${name}.npy`), size, crc, position };
      const local = zipRecord(member, false);
      await output.write(local);
      await output.write(head);
      await output.write(bytesOf(data));
      directory.push(zipRecord(member, true));
      position += local.length + size;
    }
    const central = Buffer.concat(directory);
    await output.write(central);
    await output.write(zipEnd(blocks.length, central.length, position));
  });
}

interface Member {
  readonly name: Buffer;
  readonly size: number;
  readonly crc: number;
  readonly position: number;
}

/** Local and central record of a stored member, sizes and place in zip64 fields. */
function zipRecord({ name, size, crc, position }: Member, central: boolean): Buffer {
  const fields = central ? [size, size, position] : [size, size];
  const extra = Buffer.alloc(4 + 8 * fields.length);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8 * fields.length, 2);
  fields.forEach((field, i) => extra.writeBigUInt64LE(BigInt(field), 4 + 8 * i));
  const shift = central ? 2 : 0;
  const record = Buffer.alloc(central ? 46 : 30);
  record.writeUInt32LE(central ? 0x02014b50 : 0x04034b50, 0);
  if (central) record.writeUInt16LE(45, 4);
  record.writeUInt16LE(45, 4 + shift);
  record.writeUInt16LE(0x0800, 6 + shift); // names are UTF-8
  record.writeUInt16LE(0x21, 12 + shift); // 1980-01-01: the same bytes for the same arrays
  record.writeUInt32LE(crc, 14 + shift);
  record.writeUInt32LE(0xffffffff, 18 + shift);
  record.writeUInt32LE(0xffffffff, 22 + shift);
  record.writeUInt16LE(name.length, 26 + shift);
  record.writeUInt16LE(extra.length, 28 + shift);
  if (central) record.writeUInt32LE(0xffffffff, 42);
  return Buffer.concat([record, name, extra]);
}

function zipEnd(count: number, size: number, start: number): Buffer {
  const end = Buffer.alloc(56 + 20 + 22);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt16LE(45, 12);
  end.writeUInt16LE(45, 14);
  end.writeBigUInt64LE(BigInt(count), 24);
  end.writeBigUInt64LE(BigInt(count), 32);
  end.writeBigUInt64LE(BigInt(size), 40);
  end.writeBigUInt64LE(BigInt(start), 48);
  end.writeUInt32LE(0x07064b50, 56);
  end.writeBigUInt64LE(BigInt(start + size), 64);
  end.writeUInt32LE(1, 72);
  end.writeUInt32LE(0x06054b50, 76);
  end.fill(0xff, 84, 96);
  return end;
}

function checkNamed(fn: string, arrays: unknown): [string, CheckedBlock][] {
  if (typeof arrays !== "object" || arrays === null || Object.keys(arrays).length === 0) {
    const expected = "must be an object of named arrays";
    fail("ERR_ARGUMENT_TYPE", { fn, argument: "arrays", expected, got: arrays });
  }
  return Object.entries(arrays).map(([name, block]) => [name, checkBlock(fn, name, block)]);
}

function failBfloat16(name: string): never {
  fail("ERR_ARGUMENT_TYPE", {
    fn: "writeNpz",
    argument: name,
    expected: "must have a NumPy type",
    gotText: "bfloat16",
    remedy: "write .safetensors, or convert to float32",
  });
}

async function whole(path: string, write: (output: Output) => Promise<void>): Promise<void> {
  const output = await openOutput(path);
  try {
    await write(output);
  } catch (error) {
    await output.abandon();
    throw error;
  }
  await output.commit();
}

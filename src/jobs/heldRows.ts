/**
 * Rows of files in memory, for what goes over them again and again: a fit.
 */
import { isFloat } from "../io/dtype.js";
import { failFile } from "../io/failFile.js";
import { type OpenRowsOptions, type RowBlock, openRows } from "../io/openRows.js";
import { bfloat16Of, float16Of } from "../memory/half.js";
import { checkSignal, rangeOf } from "./logitBlocks.js";
import { type RowRange, WHOLE } from "./shard.js";
import { TargetReader } from "./targets.js";

const MOST_HELD_BYTES = 2 ** 30;

export interface HeldRows {
  /** (rows, columns), row-major. */
  readonly data: Float32Array;
  readonly targets: Int32Array;
  readonly rows: number;
  readonly columns: number;
}

export interface HeldJob {
  readonly path: string;
  readonly reading: OpenRowsOptions;
  readonly targets: string;
  readonly targetsReading: OpenRowsOptions;
  /** Whether integers are refused: these are logits. */
  readonly floats?: boolean;
  /** Rows at most (default all). */
  readonly most?: number;
  readonly signal: AbortSignal;
  readonly onStart: (range: RowRange) => void;
  readonly onRows: (rows: number) => void;
  /** Refuses targets, which begin with number `first`. */
  readonly check?: (targets: Int32Array, columns: number, first: number) => void;
}

export async function readHeld(job: HeldJob): Promise<HeldRows> {
  const { path, reading, most = Infinity } = job;
  const { end } = await rangeOf(path, reading, WHOLE);
  const wanted = Math.min(end, most);
  job.onStart({ first: 0, end: wanted });
  const part = wanted === Infinity ? {} : { rows: wanted };
  const labels = await TargetReader.from(job.targets, job.targetsReading, 0);
  const parts: Float32Array[] = [];
  const targets: Int32Array[] = [];
  let [rows, columns] = [0, 0];
  try {
    for await (const block of openRows(path, { ...reading, ...part })) {
      checkSignal(job.signal);
      if (block.shape.length < 2) failShape(block);
      if (job.floats && !isFloat(block.dtype)) failIntegers(block);
      columns = block.shape.at(-1)!;
      const count = block.data.length / columns;
      if ((rows + count) * columns * 4 > MOST_HELD_BYTES) failTooMany(block.file);
      const taken = await labels.take(count);
      job.check?.(taken, columns, rows);
      targets.push(taken);
      parts.push(floatsOf(block));
      rows += count;
      job.onRows(block.shape[0]!);
    }
    if (most === Infinity) await labels.end();
  } finally {
    await labels.close();
  }
  return { data: joined(Float32Array, parts), targets: joined(Int32Array, targets), rows, columns };
}

/** As float32: halves widened, all else rounded. */
function floatsOf({ data, dtype }: RowBlock): Float32Array {
  if (data instanceof Float32Array) return data;
  if (dtype === "float16") return Float32Array.from(data as Uint16Array, float16Of);
  if (dtype === "bfloat16") return Float32Array.from(data as Uint16Array, bfloat16Of);
  return Float32Array.from(data as ArrayLike<number | bigint>, Number);
}

function joined<A extends Float32Array | Int32Array>(
  Type: new (length: number) => A,
  parts: readonly A[],
): A {
  const all = new Type(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function failShape({ file }: RowBlock): never {
  failFile({
    file,
    place: "header",
    expected: "shape must be (rows, columns)",
    got: "(rows)",
    remedy: "save what belongs to a row together",
  });
}

function failIntegers({ file, dtype }: RowBlock): never {
  failFile({
    file,
    place: "header",
    expected: "logits must be floating-point",
    got: dtype,
    remedy: "name the file or tensor with the logits",
  });
}

function failTooMany(file: string): never {
  failFile({
    file,
    place: "rows",
    expected: `what a fit holds must have at most ${MOST_HELD_BYTES} bytes as float32`,
    got: "more",
    remedy: "take a sample: --rows N",
  });
}

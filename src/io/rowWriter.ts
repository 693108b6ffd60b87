/**
 * Writes rows block by block: the writing half of logits/io.
 */
import { checkOptions, checkNumber, checkWord, fail, failState, shapeText } from "../check.js";
import { type ArrayBlock, type CheckedBlock, checkBlock } from "./arrayBlock.js";
import { type RowDType, bytesOf } from "./dtype.js";
import { failFile } from "./failFile.js";
import { npyHeader } from "./npyHeader.js";
import { formatOfName } from "./openFile.js";
import { type Output, openOutput } from "./output.js";
import { safetensorsHeader } from "./safetensorsWriting.js";
import { csvCell, csvText, jsonlText } from "./textRows.js";

export const WRITTEN_FORMATS = ["npy", "safetensors", "csv", "tsv", "jsonl"] as const;
export type WrittenFormat = (typeof WRITTEN_FORMATS)[number];

export interface RowWriterOptions {
  /** Told from the name where not given. */
  readonly format?: WrittenFormat | undefined;
  /** Number of rows to come, where it is known. .npy and .safetensors need it in streams and gzip. */
  readonly rows?: number | undefined;
  /** Name of the tensor in .safetensors (default "data"). */
  readonly name?: string | undefined;
  /** First line of .csv and .tsv; none by default. */
  readonly header?: readonly string[] | undefined;
}

export interface RowWriter {
  write(block: ArrayBlock): Promise<void>;
  /** The file takes its final name. */
  finish(): Promise<void>;
  /** Nothing stays under the final name. */
  abandon(): Promise<void>;
}

const OPTIONS = ["format", "rows", "name", "header"] as const;
/** Digits by which the number of rows may grow. */
const ROOM = 20;

/**
 * Opens a file for rows that come in blocks. It appears under its name when `finish` is called.
 *
 * @param path - ends with .npy, .safetensors, .csv, .tsv or .jsonl, and .gz after it to compress; "-"
 *   is standard output.
 * @param options - see {@link RowWriterOptions}.
 * @throws {LogitsError} ERR_FILE if it cannot be written; ERR_SHAPE if rows differ in shape.
 */
export async function createRowWriter(
  path: string,
  options?: RowWriterOptions,
): Promise<RowWriter> {
  const fn = "createRowWriter";
  const given = checkOptions(fn, options, OPTIONS);
  if (typeof path !== "string" || path === "") {
    fail("ERR_ARGUMENT_TYPE", { fn, argument: "path", expected: "must be a path", got: path });
  }
  const { rows } = given;
  if (rows !== undefined) {
    checkNumber(fn, "rows", rows, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });
  }
  const format = given.format ?? writtenFormat(path);
  checkWord(fn, "format", format, WRITTEN_FORMATS);
  return new Writer(await openOutput(path), format, given);
}

/** The same to an output that is open, which may hold the first `done` rows. */
export function rowWriterTo(
  output: Output,
  format: WrittenFormat,
  options: RowWriterOptions,
  done: number,
): RowWriter {
  return new Writer(output, format, options, done);
}

export function writtenFormat(path: string): WrittenFormat {
  const format = formatOfName(path);
  const known = WRITTEN_FORMATS.find((one) => one === format);
  return (
    known ??
    failFile({
      file: path,
      place: "path",
      expected: `must end with .${WRITTEN_FORMATS.join(", .")}`,
      got: format === undefined ? "another name" : `.${format}`,
      remedy: "choose such a name, or say the format",
    })
  );
}

class Writer implements RowWriter {
  #rows: number;
  #first: CheckedBlock | undefined;
  #closed = false;

  constructor(
    private readonly output: Output,
    private readonly format: WrittenFormat,
    private readonly options: RowWriterOptions,
    private readonly done = 0,
  ) {
    this.#rows = done;
  }

  async write(block: ArrayBlock): Promise<void> {
    const fn = "RowWriter.write";
    if (this.#closed) failState("ERR_STATE", `${fn}: the file is finished`);
    const checked = checkBlock(fn, "block", block);
    await this.#begin(fn, checked);
    if (checked.data.length === 0) return;
    this.#rows += checked.shape[0]!;
    if (this.format === "jsonl") await this.#text(jsonlText(checked));
    else if (this.format === "csv") await this.#text(csvText(checked, ","));
    else if (this.format === "tsv") await this.#text(csvText(checked, "\t"));
    else await this.output.write(bytesOf(checked.data));
  }

  async #begin(fn: string, block: CheckedBlock): Promise<void> {
    if (this.#first !== undefined) {
      const [wanted, got] = [this.#first, block].map(
        ({ shape, dtype }) => `${dtype} rows of shape ${shapeText(shape.slice(1))}`,
      );
      if (wanted !== got) {
        const expected = `must have ${wanted} as the first`;
        fail("ERR_SHAPE", { fn, argument: "block", expected, gotText: got! });
      }
      return;
    }
    this.#first = block;
    if (this.done > 0) return; // the header is there
    const { header } = this.options;
    if (header && (this.format === "csv" || this.format === "tsv")) {
      const cells = header.map((cell) => csvCell(cell));
      await this.#text(`${cells.join(this.format === "csv" ? "," : "\t")}\n`);
    }
    const start = this.#header(this.options.rows ?? 0, block.dtype, block.shape.slice(1));
    if (start) await this.output.write(start);
  }

  /** Of one length whatever the number of rows. */
  #header(rows: number, dtype: RowDType, rowShape: readonly number[]): Buffer | undefined {
    const shape = [rows, ...rowShape];
    const { name = "data" } = this.options;
    if (this.format === "safetensors") {
      return safetensorsHeader([{ name, dtype, shape }], 4 * ROOM);
    }
    if (this.format !== "npy") return undefined;
    if (dtype === "bfloat16") {
      const { file } = this.output;
      const remedy = "write .safetensors, or convert to float32";
      failFile({
        file,
        place: "header",
        expected: ".npy must have a NumPy type",
        got: dtype,
        remedy,
      });
    }
    return npyHeader(dtype, shape, ROOM - String(rows).length);
  }

  #text(text: string): Promise<void> {
    return this.output.write(Buffer.from(text));
  }

  async finish(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      if (this.#first === undefined) {
        await this.#begin("RowWriter.finish", {
          data: new Float32Array(0),
          shape: [0],
          dtype: "float32",
        });
      }
      const { dtype, shape } = this.#first!;
      if (this.#rows !== (this.options.rows ?? 0)) {
        const header = this.#header(this.#rows, dtype, shape.slice(1));
        if (header) await this.output.patch(header, 0);
      }
      await this.output.commit();
    } catch (error) {
      await this.output.abandon();
      throw error;
    }
  }

  async abandon(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.output.abandon();
  }
}

/**
 * Class indices from files, taken in step with the logits whatever the blocks of either.
 */
import type { RowArray } from "../io/dtype.js";
import { failFile } from "../io/failFile.js";
import { type OpenRowsOptions, type RowBlock, openRows } from "../io/openRows.js";

/** Targets that are gone over at a time. */
const SKIPPED = 65536;

export class TargetReader {
  readonly #blocks: AsyncIterator<RowBlock>;
  #block: RowBlock | undefined;
  #at = 0;
  #taken = 0;

  private constructor(
    private readonly path: string,
    reading: OpenRowsOptions,
    taken: number,
  ) {
    this.#taken = taken;
    this.#blocks = openRows(path, reading)[Symbol.asyncIterator]();
  }

  /** A reader whose first target is number `at`, counted from 0 over all files. */
  static async from(path: string, reading: OpenRowsOptions, at: number): Promise<TargetReader> {
    if (at === 0) return new TargetReader(path, reading, 0);
    if (path === "-" || path.startsWith("/dev/")) return TargetReader.#past(path, reading, at);
    const described = await openRows(path, reading).describe();
    const perRow = (described[0]?.shape ?? []).slice(1).reduce<number>((n, d) => n * d!, 1);
    if (at % perRow !== 0) return TargetReader.#past(path, reading, at);
    return new TargetReader(path, { ...reading, firstRow: at / perRow }, at);
  }

  static async #past(path: string, reading: OpenRowsOptions, at: number): Promise<TargetReader> {
    const reader = new TargetReader(path, reading, 0);
    for (let left = at; left > 0; left -= SKIPPED) await reader.take(Math.min(left, SKIPPED));
    return reader;
  }

  /** The next `count` targets; an error if there are fewer. */
  async take(count: number): Promise<Int32Array> {
    const targets = new Int32Array(count);
    let done = 0;
    while (done < count) {
      if (!(await this.#more())) this.#failCount(`${this.#taken + done}`, "at least", count);
      const { data, file } = this.#block!;
      const some = Math.min(data.length - this.#at, count - done);
      const part = data.subarray(this.#at, this.#at + some);
      copyTargets(part, targets.subarray(done, done + some), file, this.#taken + done);
      this.#at += some;
      done += some;
    }
    this.#taken += count;
    return targets;
  }

  /** Refuses targets that no logits are left for. */
  async end(): Promise<void> {
    if (await this.#more()) this.#failCount("more", "exactly", 0);
  }

  async close(): Promise<void> {
    await this.#blocks.return?.();
  }

  async #more(): Promise<boolean> {
    while (this.#block === undefined || this.#at === this.#block.data.length) {
      const { done, value } = await this.#blocks.next();
      if (done) return false;
      this.#check(value);
      this.#block = value;
      this.#at = 0;
    }
    return true;
  }

  /** One class index per row: bits of half precision are not indices, probabilities are not read. */
  #check({ dtype, file }: RowBlock): void {
    if (dtype === "float16" || dtype === "bfloat16" || dtype === "float32") {
      failFile({
        file,
        place: "header",
        expected: "targets must be integers",
        got: dtype,
        remedy: "save class indices, for instance as int64",
      });
    }
  }

  #failCount(got: string, word: string, more: number): never {
    failCount(this.path, this.#taken, word, this.#taken + more, got);
  }
}

export function failCount(
  file: string,
  row: number,
  word: string,
  wanted: number,
  got: string,
): never {
  failFile({
    file,
    place: `row ${row}`,
    expected: `must have ${word} ${wanted} targets, as many as there are rows of logits`,
    got,
    remedy: "name the targets that belong to these logits",
  });
}

/** The numbers that a file holds as int32, of which the first is that of row `row`. */
export function copyTargets(from: RowArray, to: Int32Array, file: string, row: number): void {
  for (let i = 0; i < to.length; i++) {
    const value = Number(from[i]);
    to[i] = value;
    if (to[i] !== value) failTarget(file, row + i, from[i]!);
  }
}

function failTarget(file: string, row: number, got: number | bigint): never {
  failFile({
    file,
    place: `row ${row}`,
    expected: "target must be an integer that fits int32",
    got: String(got),
    remedy: "save class indices",
  });
}

/** Refuses the first target that is neither a class nor ignored. */
export function checkClasses(
  path: string,
  targets: Int32Array,
  classes: number,
  ignored: readonly number[],
  firstRow: number,
): void {
  for (let i = 0; i < targets.length; i++) {
    const target = targets[i]!;
    if ((target >= 0 && target < classes) || ignored.includes(target)) continue;
    const except = ignored.length === 0 ? "" : ` or ignored (${ignored.join(", ")})`;
    failFile({
      file: path,
      place: `row ${firstRow + i}`,
      expected: `target must be in [0, ${classes})${except}`,
      got: String(target),
      remedy: "mend it, or leave such rows out with --ignore-index",
    });
  }
}

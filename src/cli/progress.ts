/**
 * Progress on standard error, in tqdm's manner: one line that is redrawn on a terminal, a plain line
 * now and then otherwise.
 *
 *   45%|████▌     | 7,372/16,384 rows [00:03<00:04, 2,105 rows/s, loss 2.3142]
 */
import type { RowRange } from "../jobs/shard.js";
import type { Call, Host } from "./command.js";

const TERMINAL_MS = 100;
const PLAIN_MS = 5000;
const BAR = 10;
const EIGHTHS = " ▏▎▍▌▋▊▉";

export class Progress {
  readonly #host: Host;
  readonly #quiet: boolean;
  #total: number | undefined;
  #before = 0;
  readonly #start = performance.now();
  #drawn = this.#start;
  #rows = 0;
  #note = "";
  #width = 0;

  /** @param unit - what is counted */
  constructor(
    { host, options }: Call,
    private readonly unit = "rows",
  ) {
    this.#host = host;
    this.#quiet = options.flag("quiet");
  }

  /** @param done - rows of an earlier run, which count as done and not for the speed */
  start({ first, end }: RowRange, done = 0): void {
    this.#total = end === Infinity ? undefined : end - first;
    this.#before = this.#rows = done;
  }

  /** @param note - what is known so far, "loss 2.3142" */
  add(rows: number, note = ""): void {
    this.#rows += rows;
    this.#note = note;
    const now = performance.now();
    if (this.#quiet || now - this.#drawn < (this.#host.terminal ? TERMINAL_MS : PLAIN_MS)) return;
    this.#drawn = now;
    this.#draw(now);
  }

  /** Shows the progress of `work`, and takes it away if that fails. */
  async during<R>(work: () => Promise<R>): Promise<R> {
    try {
      const result = await work();
      this.end();
      return result;
    } catch (error) {
      this.clear();
      throw error;
    }
  }

  /** The last line, which stays. */
  end(): void {
    if (this.#quiet) return;
    this.#draw(performance.now());
    if (this.#host.terminal) this.#host.err("\n");
  }

  /** Takes an unfinished line away, so that an error stands alone. */
  clear(): void {
    if (this.#host.terminal && this.#width > 0) this.#host.err(`\r${" ".repeat(this.#width)}\r`);
  }

  #draw(now: number): void {
    const text = progressText({
      rows: this.#rows,
      before: this.#before,
      total: this.#total,
      seconds: (now - this.#start) / 1000,
      note: this.#note,
      unit: this.unit,
    });
    if (!this.#host.terminal) return this.#host.err(`${text}\n`);
    const line = text.slice(0, Math.max(20, this.#host.columns - 1));
    this.#host.err(`\r${line.padEnd(this.#width)}`);
    this.#width = line.length;
  }
}

export interface ProgressState {
  readonly rows: number;
  /** Of these, rows of an earlier run (default 0). */
  readonly before?: number;
  readonly total: number | undefined;
  readonly seconds: number;
  readonly note: string;
  /** What is counted (default "rows"). */
  readonly unit?: string;
}

export function progressText(state: ProgressState): string {
  const { rows, before = 0, total, seconds, note, unit = "rows" } = state;
  const rate = seconds > 0 ? (rows - before) / seconds : 0;
  const speed = `${grouped(Math.round(rate))} ${unit}/s${note === "" ? "" : `, ${note}`}`;
  if (total === undefined) return `${grouped(rows)} ${unit} [${clock(seconds)}, ${speed}]`;
  const share = total === 0 ? 1 : Math.min(1, rows / total);
  const eighths = Math.floor(share * BAR * 8);
  const part = eighths % 8 === 0 ? "" : EIGHTHS[eighths % 8]!;
  const bar = ("█".repeat(Math.floor(eighths / 8)) + part).padEnd(BAR);
  const left = rate > 0 ? clock((total - rows) / rate) : "?";
  const percent = String(Math.floor(share * 100)).padStart(3);
  const counts = `${grouped(rows)}/${grouped(total)} ${unit}`;
  return `${percent}%|${bar}| ${counts} [${clock(seconds)}<${left}, ${speed}]`;
}

function grouped(value: number): string {
  return value.toLocaleString("en-US");
}

/** mm:ss, or h:mm:ss from an hour on. */
function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = `${two(minutes)}:${two(whole % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

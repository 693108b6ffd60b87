/**
 * `logits bench`: what this machine does, one thread and all of them; each result is checked first.
 */
import { failState } from "../check.js";
import { createParallelEngine } from "../parallel/createParallelEngine.js";
import { readThreads } from "../parallel/threadCount.js";
import type { ParallelEngine } from "../parallel/parallelEngine.js";
import { type Call, type Command, checkNumerics } from "./command.js";
import { COMMON_OPTIONS } from "./options.js";
import { failUsage, readNumber } from "./usage.js";

interface Data {
  readonly logits: { readonly data: Float32Array; readonly shape: [number, number] };
  readonly targets: Int32Array;
}

type Task = (engine: ParallelEngine, data: Data) => Promise<ArrayLike<number>>;

/** Each with the arrays of logits it reads and writes. */
const TASKS: Record<string, { readonly arrays: number; readonly run: Task }> = {
  softmax: { arrays: 2, run: async (engine, { logits }) => (await engine.softmax(logits)).data },
  "log-softmax": {
    arrays: 2,
    run: async (engine, { logits }) => (await engine.logSoftmax(logits)).data,
  },
  "cross-entropy": {
    arrays: 1,
    run: (engine, { logits, targets }) =>
      engine.crossEntropy(logits, targets, { reduction: "none" }).then(({ loss }) => loss),
  },
  "cross-entropy with gradient": {
    arrays: 2,
    run: async (engine, { logits, targets }) =>
      (await engine.crossEntropy(logits, targets, { grad: true })).grad.data as Float32Array,
  },
  score: {
    arrays: 1,
    run: async (engine, { logits, targets }) => (await engine.score(logits, targets)).logSumExp,
  },
};

export const BENCH: Command = {
  name: "bench",
  operands: "",
  count: [0, 0],
  summary: "Speed of this machine on random logits, by one thread and by all.",
  options: {
    rows: { value: "N", help: "rows (default 2048)" },
    width: { value: "C", help: "classes (default 8192)" },
    ...COMMON_OPTIONS,
  },
  notes:
    "The best of five runs; GB/s counts the float32 logits read and results of their size written.",
  examples: ["logits bench", "logits bench --rows 65536 --width 100 --threads 4 --json"],
  run,
};

interface Line {
  readonly operation: string;
  readonly threads: number;
  readonly milliseconds: number;
  readonly rowsPerSecond: number;
  readonly gigabytesPerSecond: number;
}

async function run(call: Call): Promise<void> {
  const { options, host } = call;
  const numerics = checkNumerics(call);
  const count = (name: string, text: string): number =>
    readNumber(name, options.text(name) ?? text, 1, true);
  const [rows, width] = [count("rows", "2048"), count("width", "8192")];
  const most = count("threads", String(readThreads(call.name, undefined)));
  if (rows * width > 2 ** 28) failUsage(`--rows times --width must be at most ${2 ** 28}`);
  const data = makeData(rows, width);
  const lines: Line[] = [];
  const first = new Map<string, ArrayLike<number>>();
  for (const threads of most === 1 ? [1] : [1, most]) {
    const engine = await createParallelEngine({ numerics, threads });
    try {
      for (const [operation, { arrays, run: task }] of Object.entries(TASKS)) {
        const result = await task(engine, data);
        checkSame(operation, first.get(operation) ?? result, result);
        first.set(operation, result);
        let best = Infinity;
        for (let i = 0; i < 5; i++) {
          if (host.signal.aborted) failState("ERR_ABORTED", "interrupted");
          const start = performance.now();
          await task(engine, data);
          best = Math.min(best, performance.now() - start);
        }
        lines.push({
          operation,
          threads: engine.threads,
          milliseconds: best,
          rowsPerSecond: (1000 * rows) / best,
          gigabytesPerSecond: (arrays * rows * width * 4) / best / 1e6,
        });
      }
    } finally {
      await engine.dispose();
    }
  }
  if (options.flag("json")) host.out(`${JSON.stringify({ rows, classes: width, lines })}\n`);
  else host.out(table(rows, width, lines));
}

/** Logits between −8 and 8 by a generator with a fixed seed. */
function makeData(rows: number, width: number): Data {
  let state = 12345;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const data = Float32Array.from({ length: rows * width }, () => 16 * random() - 8);
  const targets = Int32Array.from({ length: rows }, () => Math.floor(random() * width));
  return { logits: { data, shape: [rows, width] }, targets };
}

/** Bits do not depend on threads, and every number is one. */
function checkSame(operation: string, wanted: ArrayLike<number>, got: ArrayLike<number>): void {
  for (let i = 0; i < wanted.length; i++) {
    if (Number.isFinite(got[i]) && Object.is(got[i], wanted[i])) continue;
    failState("ERR_STATE", `bench: ${operation}[${i}] is ${got[i]} and was ${wanted[i]}`);
  }
}

function table(rows: number, width: number, lines: readonly Line[]): string {
  const cells = lines.map(({ operation, threads, milliseconds, ...rates }) => [
    operation,
    String(threads),
    milliseconds.toFixed(2),
    Math.round(rates.rowsPerSecond).toLocaleString("en-US"),
    rates.gigabytesPerSecond.toFixed(1),
  ]);
  const all = [["operation", "threads", "ms", "rows/s", "GB/s"], ...cells];
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(...all.map((row) => row[i]!.length)));
  const body = all.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  "),
  );
  return `${rows} rows of ${width} float32 logits\n${body.join("\n")}\n`;
}

/**
 * The state file of a shard of an evaluation: one JSON that says which rows of which files it covers,
 * with which settings, and all that was collected. States of all shards merge to the state of one run.
 */
import { readCount, readField } from "../evaluate/state.js";
import { failFile } from "../io/failFile.js";
import { LogitsError } from "../errors.js";
import { type EvalSettings, EvalTotals } from "./evalTotals.js";
import { readJson } from "./jsonFile.js";
import type { Computer } from "./session.js";
import type { RowRange, Shard } from "./shard.js";

const KIND = "eval";
const VERSION = 1;

export interface EvalState {
  /** What was read, as it was asked for. */
  readonly inputs: readonly [logits: string, targets: string];
  readonly shard: Shard;
  readonly range: RowRange;
  /** The row to go on with; the end of the range where the shard is complete. */
  readonly next: number;
  readonly complete: boolean;
  readonly totals: EvalTotals;
}

export const checkpointOf = (out: string): string => `${out}.checkpoint`;

export function stateText({ totals, range, ...rest }: EvalState): string {
  const state = {
    logits: KIND,
    version: VERSION,
    ...rest,
    range: { first: range.first, end: range.end === Infinity ? null : range.end },
    settings: totals.settings,
    totals,
  };
  return `${JSON.stringify(state)}\n`;
}

export async function readState(computer: Computer, file: string): Promise<EvalState> {
  const state = await readJson(file);
  try {
    return parseState(computer, state);
  } catch (error) {
    if (!(error instanceof LogitsError)) throw error;
    return failFile({
      file,
      place: "state",
      expected: `must be a state of eval, version ${VERSION}`,
      got: error.message,
      remedy: "write it again with logits eval --out",
      cause: error,
    });
  }
}

function parseState(computer: Computer, state: unknown): EvalState {
  const kind = `${String(readField(state, "logits"))} ${String(readField(state, "version"))}`;
  const complete = readField(state, "complete");
  const inputs = readField(state, "inputs");
  const isKnown = kind === `${KIND} ${VERSION}` && typeof complete === "boolean";
  if (!isKnown || !Array.isArray(inputs)) readCount(kind.slice(0, 40), "logits and version");
  const shard = readField(state, "shard");
  const range = readField(state, "range");
  const end = readField(range, "end", "range");
  const settings = readField(state, "settings") as EvalSettings;
  return {
    inputs: inputs as [string, string],
    shard: {
      index: readCount(readField(shard, "index", "shard"), "shard.index"),
      count: readCount(readField(shard, "count", "shard"), "shard.count"),
    },
    range: {
      first: readCount(readField(range, "first", "range"), "range.first"),
      end: end === null ? Infinity : readCount(end, "range.end"),
    },
    next: readCount(readField(state, "next"), "next"),
    complete: complete as boolean,
    totals: EvalTotals.fromJSON(computer, settings, readField(state, "totals")),
  };
}

/** Whether a state belongs to a job: same files, rows and settings. */
export function isSameJob(a: EvalState, b: EvalState): boolean {
  const key = ({ inputs, shard, range, totals }: EvalState): string =>
    JSON.stringify([inputs, shard.index, shard.count, range.first, range.end, totals.settings]);
  return key(a) === key(b);
}

/**
 * All shards as one: each exactly once, complete, of the same settings.
 *
 * @param files - names of the states, for messages
 */
export function mergeStates(states: readonly EvalState[], files: readonly string[]): EvalState {
  const first = states[0]!;
  const { count } = first.shard;
  const refuse = (i: number, expected: string, got: string, remedy: string): never =>
    failFile({ file: files[i]!, place: "state", expected, got, remedy });
  const places = new Map<number, number>();
  states.forEach(({ shard, complete, totals }, i) => {
    if (!complete) {
      refuse(i, "must be complete", "a part", "finish the shard with logits eval --resume");
    }
    if (JSON.stringify(totals.settings) !== JSON.stringify(first.totals.settings)) {
      refuse(i, `must have the settings of ${files[0]}`, "others", "run all shards alike");
    }
    if (shard.count !== count) {
      refuse(i, `must be of ${count} shards as ${files[0]}`, String(shard.count), "run them alike");
    }
    const twin = places.get(shard.index);
    if (twin !== undefined) {
      const got = `that of ${files[twin]}`;
      refuse(
        i,
        "must be another shard",
        got,
        `name each state once; it is ${shard.index}/${count}`,
      );
    }
    places.set(shard.index, i);
  });
  const missing = Array.from({ length: count }, (_, i) => i).filter((i) => !places.has(i));
  if (missing.length > 0) {
    const named = missing.slice(0, 12).map((i) => `${i}/${count}`);
    const got = `${states.length} of ${count}, without ${named.join(", ")}`;
    refuse(states.length - 1, "must come with every other shard", got, "run what is missing");
  }
  const order = Array.from({ length: count }, (_, i) => places.get(i)!);
  for (let i = 1; i < count; i++) {
    const [before, after] = [states[order[i - 1]!]!, states[order[i]!]!];
    if (before.range.end === after.range.first) continue;
    const expected = `must begin with row ${before.range.end}, where ${files[order[i - 1]!]} ends`;
    refuse(order[i]!, expected, `${after.range.first}`, "run all shards on the same files");
  }
  const { totals } = states[order[0]!]!;
  for (const at of order.slice(1)) totals.merge(states[at]!.totals);
  const { end } = states[order[count - 1]!]!.range;
  const range = { first: 0, end };
  return { ...first, shard: { index: 0, count: 1 }, range, next: end, totals };
}

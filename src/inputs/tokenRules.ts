/**
 * What is done to a row of logits before a token is drawn from it: allowed and banned ids, bias,
 * penalties for tokens seen. Touches only the ids named, in a copy of the row.
 *
 *   allowed → banned → bias → repetition (x < 0 ? x · r : x / r) → x − frequency · n → x − presence
 */
import { checkNumber, fail } from "../check.js";
import { checkList } from "./lists.js";

export type TokenIds = ArrayLike<number>;

export interface TokenRuleOptions {
  /** Divides positive and multiplies negative logits of tokens in prompt or output; 1 is off. */
  readonly repetitionPenalty?: number | undefined;
  /** Subtracted for each time a token stands in the output (default 0). */
  readonly frequencyPenalty?: number | undefined;
  /** Subtracted once for each token that stands in the output (default 0). */
  readonly presencePenalty?: number | undefined;
  /** Tokens of the prompt: ids for one row, or a list of ids for each row. */
  readonly promptIds?: TokenIds | readonly TokenIds[] | undefined;
  /** Tokens drawn so far, in the same form. */
  readonly outputIds?: TokenIds | readonly TokenIds[] | undefined;
  /** Added to logits: [id, bias] pairs, or a Map. */
  readonly logitBias?: Iterable<readonly [number, number]> | undefined;
  /** Only these may be drawn. */
  readonly allowedIds?: TokenIds | undefined;
  /** These may not be drawn. */
  readonly bannedIds?: TokenIds | undefined;
}

export const TOKEN_RULE_OPTIONS = [
  "repetitionPenalty",
  "frequencyPenalty",
  "presencePenalty",
  "promptIds",
  "outputIds",
  "logitBias",
  "allowedIds",
  "bannedIds",
] as const;

/** Changes the logits of row `row`, which are `logits`; `original` are the same, unchanged. */
export type TokenRules = (logits: Float32Array, original: Float32Array, row: number) => void;

/** The rules, checked in full; undefined where none was given. */
export function readTokenRules(
  fn: string,
  options: TokenRuleOptions,
  rows: number,
  classes: number,
): TokenRules | undefined {
  const penalty = { min: 0, above: true };
  const repetition = checkNumber(fn, "repetitionPenalty", options.repetitionPenalty ?? 1, penalty);
  const frequency = checkNumber(fn, "frequencyPenalty", options.frequencyPenalty ?? 0, {});
  const presence = checkNumber(fn, "presencePenalty", options.presencePenalty ?? 0, {});
  const prompt = readHistories(fn, "promptIds", options.promptIds, rows, classes);
  const output = readHistories(fn, "outputIds", options.outputIds, rows, classes);
  const bias = readBias(fn, options.logitBias, classes);
  const allowed = readIds(fn, "allowedIds", options.allowedIds, classes);
  const banned = readIds(fn, "bannedIds", options.bannedIds, classes) ?? [];
  const counts = (frequency !== 0 || presence !== 0) && output !== undefined;
  const repeats = repetition !== 1 && (prompt !== undefined || output !== undefined);
  if (!allowed && banned.length === 0 && bias.length === 0 && !counts && !repeats) return undefined;
  return (logits, original, row) => {
    if (allowed) {
      logits.fill(-Infinity);
      for (const id of allowed) logits[id] = original[id]!;
    }
    for (const id of banned) logits[id] = -Infinity;
    for (const [id, value] of bias) logits[id]! += value;
    const drawn = output?.[row] ?? [];
    if (repeats) {
      for (const id of new Set([...(prompt?.[row] ?? []), ...drawn])) {
        const x = logits[id]!;
        logits[id] = x < 0 ? x * repetition : x / repetition;
      }
    }
    if (!counts) return;
    const times = new Map<number, number>();
    for (const id of drawn) times.set(id, (times.get(id) ?? 0) + 1);
    for (const [id, n] of times) logits[id] = logits[id]! - frequency * n - presence;
  };
}

/** One list of ids for each row. */
function readHistories(
  fn: string,
  argument: string,
  value: unknown,
  rows: number,
  classes: number,
): number[][] | undefined {
  if (value === undefined) return undefined;
  const nested = Array.isArray(value) && typeof value[0] === "object";
  const lists = nested ? (value as unknown[]) : [value];
  if (lists.length !== rows) {
    fail("ERR_SHAPE", {
      fn,
      argument,
      expected: `must hold a list of ids for each row = ${rows}`,
      gotText: nested ? String(lists.length) : "one list",
    });
  }
  return lists.map((list, row) =>
    readIds(fn, nested ? `${argument}[${row}]` : argument, list, classes)!,
  );
}

function readIds(
  fn: string,
  argument: string,
  value: unknown,
  classes: number,
): number[] | undefined {
  if (value === undefined) return undefined;
  return Array.from(checkList(fn, argument, value, "ids"), (id, i) =>
    checkId(fn, `${argument}[${i}]`, id, classes),
  );
}

function readBias(fn: string, value: unknown, classes: number): [number, number][] {
  if (value === undefined) return [];
  if (typeof (value as Iterable<unknown> | null)?.[Symbol.iterator] !== "function") {
    fail("ERR_ARGUMENT_TYPE", {
      fn,
      argument: "logitBias",
      expected: "must be [id, bias] pairs or a Map",
      got: value,
    });
  }
  return [...(value as Iterable<ArrayLike<unknown> | null>)].map((pair, i) => [
    checkId(fn, `logitBias[${i}][0]`, pair?.[0], classes),
    checkNumber(fn, `logitBias[${i}][1]`, pair?.[1], {}),
  ]);
}

function checkId(fn: string, argument: string, id: unknown, classes: number): number {
  return checkNumber(fn, argument, id, { min: 0, max: classes - 1, integer: true });
}

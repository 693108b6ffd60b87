/**
 * Argument checks and the words of every error:
 *
 *   <function>: <argument> <expectation>, got <what came>[; <remedy>]
 *
 * A message is built only when it is thrown. Nothing here allocates or writes memory.
 */
import { type ErrorCode, LogitsError } from "./errors.js";

export interface Failure {
  /** Public function the caller called. */
  readonly fn: string;
  readonly argument: string;
  /** What the argument must be, beginning with "must". */
  readonly expected: string;
  /** What came; described by {@link describe} unless `gotText` says it better. */
  readonly got?: unknown;
  readonly gotText?: string;
  readonly remedy?: string;
  readonly index?: number;
  readonly cause?: unknown;
}

/** Throws the error of a wrong argument. */
export function fail(code: ErrorCode, failure: Failure): never {
  const got = failure.gotText ?? describe(failure.got);
  const remedy = failure.remedy === undefined ? "" : `; ${failure.remedy}`;
  throw new LogitsError(
    code,
    `${failure.fn}: ${failure.argument} ${failure.expected}, got ${got}${remedy}`,
    { argument: failure.argument, index: failure.index, cause: failure.cause },
  );
}

/** Throws an error that is about the state of things rather than about an argument. */
export function failState(code: ErrorCode, message: string, cause?: unknown): never {
  throw new LogitsError(code, message, { cause });
}

/** A short description of any value, for messages. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  const tag = typedArrayTag(value);
  if (tag !== undefined) return `${tag} of length ${(value as { length: number }).length}`;
  if (ArrayBuffer.isView(value)) return "a DataView";
  if (typeof value === "object") return "an object";
  return String(value);
}

const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
const tagGetter = Object.getOwnPropertyDescriptor(typedArrayPrototype, Symbol.toStringTag)!.get!;

/** "Float32Array" and so on, for typed arrays of any realm; undefined for anything else. */
export function typedArrayTag(value: unknown): string | undefined {
  return tagGetter.call(value) as string | undefined;
}

/** An array or a typed array. */
export function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || typedArrayTag(value) !== undefined;
}

export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** The options object, or an empty one; refuses names that are not in `known`. */
export function checkOptions<T extends object>(
  fn: string,
  options: T | undefined,
  known: readonly string[],
): Partial<T> {
  if (options === undefined) return EMPTY as Partial<T>;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    fail("ERR_ARGUMENT_TYPE", {
      fn,
      argument: "options",
      expected: "must be an object",
      got: options,
    });
  }
  const read = new Read() as Record<string, unknown>;
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      const close = nearest(name, known);
      fail("ERR_ARGUMENT_TYPE", {
        fn,
        argument: name,
        expected: "must be a known option",
        gotText: JSON.stringify(name),
        remedy: close === undefined ? `known: ${known.join(", ")}` : `did you mean ${close}?`,
      });
    }
    const value = (options as Record<string, unknown>)[name];
    if (value !== undefined) read[name] = value;
  }
  return read as Partial<T>;
}

/** Options as read: nothing is inherited, and unlike Object.create(null) it is no dictionary. */
const Read = function () {} as unknown as new () => object;
(Read as unknown as { prototype: unknown }).prototype = Object.freeze(Object.create(null));

const EMPTY = Object.freeze(new Read());

/** The known word with the fewest edits, if it is close enough to be a slip. */
function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const word of known) {
    const edits = distance(name.toLowerCase(), word.toLowerCase());
    if (edits < least) {
      least = edits;
      best = word;
    }
  }
  return best;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

export interface NumberRule {
  readonly min?: number;
  readonly max?: number;
  /** Whether `min` itself is refused. */
  readonly above?: boolean;
  readonly integer?: boolean;
}

/** A finite number inside the rule's range. */
export function checkNumber(
  fn: string,
  argument: string,
  value: unknown,
  rule: NumberRule,
): number {
  const expected = `must be ${ruleText(rule)}`;
  if (typeof value !== "number") {
    fail("ERR_ARGUMENT_TYPE", { fn, argument, expected, got: value });
  }
  const { min = -Infinity, max = Infinity, above = false, integer = false } = rule;
  const inside = (above ? value > min : value >= min) && value <= max;
  if (!Number.isFinite(value) || !inside || (integer && !Number.isInteger(value))) {
    fail("ERR_ARGUMENT_VALUE", { fn, argument, expected, got: value });
  }
  return value;
}

function ruleText({ min, max, above, integer }: NumberRule): string {
  const kind = integer ? "an integer" : "a finite number";
  if (min !== undefined && max !== undefined)
    return `${kind} in ${above ? "(" : "["}${min}, ${max}]`;
  if (min !== undefined) return `${kind} ${above ? "above" : "of at least"} ${min}`;
  return kind;
}

export function checkBoolean(fn: string, argument: string, value: unknown): boolean {
  if (typeof value !== "boolean") {
    fail("ERR_ARGUMENT_TYPE", { fn, argument, expected: "must be true or false", got: value });
  }
  return value;
}

/** One of a few words. */
export function checkWord<W extends string>(
  fn: string,
  argument: string,
  value: unknown,
  words: readonly W[],
): W {
  if (typeof value === "string" && (words as readonly string[]).includes(value)) return value as W;
  fail(typeof value === "string" ? "ERR_ARGUMENT_VALUE" : "ERR_ARGUMENT_TYPE", {
    fn,
    argument,
    expected: `must be ${words.map((word) => JSON.stringify(word)).join(" or ")}`,
    got: value,
  });
}

/** A copy of a shape whose dimensions are integers ≥ 0 and whose product is a safe integer. */
export function checkShape(fn: string, argument: string, value: unknown): number[] {
  if (!isList(value)) {
    fail("ERR_ARGUMENT_TYPE", {
      fn,
      argument,
      expected: "must be an array of dimensions",
      got: value,
    });
  }
  const rank = value.length;
  const shape: number[] = [];
  let size = 1;
  for (let i = 0; i < rank; i++) {
    const got = value[i];
    const dimension = typeof got === "bigint" ? Number(got) : got;
    if (typeof dimension !== "number" || !Number.isSafeInteger(dimension) || dimension < 0) {
      fail(typeof dimension === "number" ? "ERR_ARGUMENT_VALUE" : "ERR_ARGUMENT_TYPE", {
        fn,
        argument: `${argument}[${i}]`,
        expected: "must be an integer of at least 0",
        got,
        index: i,
      });
    }
    shape.push(dimension);
    size *= dimension;
  }
  if (!Number.isSafeInteger(size)) {
    fail("ERR_SHAPE", {
      fn,
      argument,
      expected: "must have at most 2^53 elements",
      gotText: shapeText(shape),
    });
  }
  return shape;
}

export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const dimension of shape) size *= dimension;
  return size;
}
